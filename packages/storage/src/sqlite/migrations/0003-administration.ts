/**
 * Who may do what and what things cost: tenants, keys that end, the price book as it was at any time, the tenants' own
 * prices, and the jobs that price the past anew.
 *
 * A key is never deleted: it ends. A price book is never changed: the next one follows it. The version in `price_state`
 * counts up with every change of a book or of a tenant's prices, so that one row says whether what a thread knows is old.
 */
export const administration: string = `
CREATE TABLE tenants (
  tenant TEXT NOT NULL PRIMARY KEY CHECK (length(tenant) BETWEEN 1 AND 64),
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tenants (tenant, created_at_ms) SELECT tenant, min(created_at_ms) FROM api_keys GROUP BY tenant;

ALTER TABLE api_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN ends_at_ms INTEGER;
ALTER TABLE api_keys ADD COLUMN last_used_at_ms INTEGER;
ALTER TABLE api_keys ADD COLUMN requests_per_minute INTEGER;
ALTER TABLE api_keys ADD COLUMN events_per_minute INTEGER;

CREATE TABLE price_books (
  book_sequence INTEGER NOT NULL PRIMARY KEY,
  version TEXT NOT NULL,
  origin TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  book TEXT NOT NULL
) STRICT;

CREATE TABLE tenant_prices (
  tenant TEXT NOT NULL,
  price_id TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  removed_at_ms INTEGER,
  price TEXT NOT NULL,
  PRIMARY KEY (tenant, price_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE price_state (
  only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT INTO price_state (only_row, version) VALUES (1, 0);

CREATE TABLE rerates (
  tenant TEXT NOT NULL,
  rerate_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done')),
  created_at_ms INTEGER NOT NULL,
  done_at_ms INTEGER,
  only_unpriced INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  next_time_ms INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL,
  events_seen INTEGER NOT NULL,
  events_changed INTEGER NOT NULL,
  PRIMARY KEY (tenant, rerate_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rerate_lines (
  tenant TEXT NOT NULL,
  rerate_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  month TEXT NOT NULL,
  events_changed INTEGER NOT NULL,
  unpriced_before INTEGER NOT NULL,
  unpriced_after INTEGER NOT NULL,
  milli_usd_before INTEGER NOT NULL,
  rest_pico_usd_before INTEGER NOT NULL,
  milli_usd_after INTEGER NOT NULL,
  rest_pico_usd_after INTEGER NOT NULL,
  PRIMARY KEY (tenant, rerate_id, customer_id, month)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS events_by_time ON events (tenant, event_time_ms, sequence, customer_id);
CREATE INDEX events_unpriced ON events (tenant, event_time_ms, sequence) WHERE unpriced_reason IS NOT NULL;
`;
