/**
 * Who may do what and what things cost, as on SQLite.
 *
 * `rate_windows` counts for all replicas what SQLite's one process counts in memory; it is not logged, because what it has is
 * worth a minute, and is emptied by a crash of the server.
 *
 * On Citus, what begins with the tenant is distributed by it; the keys, the tenants and the price book are reference tables.
 */
export const administration: string = `
CREATE TABLE tenants (
  tenant TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(tenant) BETWEEN 1 AND 64),
  created_at_ms BIGINT NOT NULL
);
INSERT INTO tenants (tenant, created_at_ms) SELECT tenant, min(created_at_ms) FROM api_keys GROUP BY tenant;

ALTER TABLE api_keys ADD COLUMN name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN ends_at_ms BIGINT;
ALTER TABLE api_keys ADD COLUMN last_used_at_ms BIGINT;
ALTER TABLE api_keys ADD COLUMN requests_per_minute BIGINT;
ALTER TABLE api_keys ADD COLUMN events_per_minute BIGINT;

CREATE TABLE price_books (
  book_sequence BIGINT NOT NULL PRIMARY KEY,
  version TEXT COLLATE "C" NOT NULL,
  origin TEXT COLLATE "C" NOT NULL,
  created_at_ms BIGINT NOT NULL,
  book TEXT COLLATE "C" NOT NULL
);

CREATE TABLE tenant_prices (
  tenant TEXT COLLATE "C" NOT NULL,
  price_id TEXT COLLATE "C" NOT NULL,
  created_at_ms BIGINT NOT NULL,
  removed_at_ms BIGINT,
  price TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, price_id)
);

CREATE TABLE price_state (
  only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
  version BIGINT NOT NULL
);
INSERT INTO price_state (only_row, version) VALUES (1, 0);

CREATE TABLE rerates (
  tenant TEXT COLLATE "C" NOT NULL,
  rerate_id TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'done')),
  created_at_ms BIGINT NOT NULL,
  done_at_ms BIGINT,
  only_unpriced BIGINT NOT NULL,
  start_ms BIGINT NOT NULL,
  end_ms BIGINT NOT NULL,
  asked_by TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  next_time_ms BIGINT NOT NULL,
  next_sequence BIGINT NOT NULL,
  events_seen BIGINT NOT NULL,
  events_changed BIGINT NOT NULL,
  PRIMARY KEY (tenant, rerate_id)
);

CREATE TABLE rerate_lines (
  tenant TEXT COLLATE "C" NOT NULL,
  rerate_id TEXT COLLATE "C" NOT NULL,
  customer_id TEXT COLLATE "C" NOT NULL,
  month TEXT COLLATE "C" NOT NULL,
  events_changed BIGINT NOT NULL,
  unpriced_before BIGINT NOT NULL,
  unpriced_after BIGINT NOT NULL,
  milli_usd_before BIGINT NOT NULL,
  rest_pico_usd_before BIGINT NOT NULL,
  milli_usd_after BIGINT NOT NULL,
  rest_pico_usd_after BIGINT NOT NULL,
  PRIMARY KEY (tenant, rerate_id, customer_id, month)
);

CREATE UNLOGGED TABLE rate_windows (
  counter TEXT COLLATE "C" NOT NULL,
  window_start_ms BIGINT NOT NULL,
  used BIGINT NOT NULL,
  PRIMARY KEY (counter, window_start_ms)
);

CREATE INDEX IF NOT EXISTS events_by_time ON events (tenant, event_time_ms, sequence, customer_id);
CREATE INDEX events_unpriced ON events (tenant, event_time_ms, sequence) WHERE unpriced_reason IS NOT NULL;
`;
