/**
 * The events, the 15-minute roll-up and the keys.
 *
 * Fit for Citus from the start: the tenant is the first column of every key of what can be distributed, so that an event and
 * its roll-up are on one shard; no trigger, no foreign key across shards. `api_keys`, which are looked up before the tenant
 * is known, and the two small tables about the ledger itself are the exceptions: reference tables there.
 *
 * An event is one row here: its heap is in order of arrival, and only the key's index is in order of ids. Events are
 * partitioned by the day of their identity, a month at a time, so that an old month is dropped and not deleted. What has no
 * time of its own (day 0), and what claims a time before 2020 or after 2049, has partitions that are there from the start:
 * whatever senders claim, there are at most 360 months. Months are made when they are needed: see ../partitions.ts.
 *
 * Texts are compared byte by byte (collation C), as on SQLite, whatever the database's own collation is. Money is two
 * integers, as there. In the roll-up '' stands for null.
 */
export const usage: string = `
CREATE SEQUENCE event_sequence;

CREATE TABLE events (
  tenant TEXT COLLATE "C" NOT NULL,
  identity_day INTEGER NOT NULL,
  event_id TEXT COLLATE "C" NOT NULL CHECK (length(event_id) BETWEEN 1 AND 256),
  content_hash TEXT COLLATE "C" NOT NULL,
  sequence BIGINT NOT NULL DEFAULT nextval('event_sequence'),
  event_time_ms BIGINT NOT NULL CHECK (event_time_ms >= 0),
  received_at_ms BIGINT NOT NULL,
  customer_id TEXT COLLATE "C" CHECK (customer_id <> ''),
  model TEXT COLLATE "C" CHECK (model <> ''),
  operation TEXT COLLATE "C" CHECK (operation <> ''),
  provider TEXT COLLATE "C" CHECK (provider <> ''),
  service_tier TEXT COLLATE "C" CHECK (service_tier <> ''),
  error_type TEXT COLLATE "C" CHECK (error_type <> ''),
  input_tokens BIGINT CHECK (input_tokens >= 0),
  cached_input_tokens BIGINT CHECK (cached_input_tokens >= 0),
  output_tokens BIGINT CHECK (output_tokens >= 0),
  reasoning_tokens BIGINT CHECK (reasoning_tokens >= 0),
  total_tokens BIGINT CHECK (total_tokens >= 0),
  duration_us BIGINT CHECK (duration_us >= 0),
  cost_milli_usd BIGINT,
  cost_rest_pico_usd BIGINT CHECK (cost_rest_pico_usd BETWEEN 0 AND 999999999),
  unpriced_reason TEXT,
  book_version TEXT NOT NULL,
  cost_lines TEXT NOT NULL,
  problems TEXT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (tenant, identity_day, event_id),
  CHECK ((cost_milli_usd IS NULL) = (cost_rest_pico_usd IS NULL)),
  CHECK ((cost_milli_usd IS NULL) <> (unpriced_reason IS NULL))
) PARTITION BY RANGE (identity_day);

CREATE TABLE events_timeless PARTITION OF events FOR VALUES FROM (0) TO (1);
CREATE TABLE events_before_2020 PARTITION OF events FOR VALUES FROM (1) TO (18262);
CREATE TABLE events_from_2050 PARTITION OF events FOR VALUES FROM (29220) TO (MAXVALUE);

CREATE TABLE usage_15m (
  tenant TEXT COLLATE "C" NOT NULL,
  bucket_start_ms BIGINT NOT NULL,
  customer_id TEXT COLLATE "C" NOT NULL,
  model TEXT COLLATE "C" NOT NULL,
  operation TEXT COLLATE "C" NOT NULL,
  provider TEXT COLLATE "C" NOT NULL,
  service_tier TEXT COLLATE "C" NOT NULL,
  error_type TEXT COLLATE "C" NOT NULL,
  calls BIGINT NOT NULL,
  input_tokens BIGINT NOT NULL,
  cached_input_tokens BIGINT NOT NULL,
  output_tokens BIGINT NOT NULL,
  reasoning_tokens BIGINT NOT NULL,
  total_tokens BIGINT NOT NULL,
  cost_milli_usd BIGINT NOT NULL,
  cost_rest_pico_usd BIGINT NOT NULL,
  unpriced_calls BIGINT NOT NULL,
  duration_us BIGINT NOT NULL,
  timed_calls BIGINT NOT NULL,
  PRIMARY KEY (tenant, bucket_start_ms, customer_id, model, operation, provider, service_tier, error_type)
) WITH (fillfactor = 80);

CREATE TABLE api_keys (
  hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  tenant TEXT COLLATE "C" NOT NULL,
  scopes TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL
);

CREATE TABLE retention (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  oldest_day INTEGER NOT NULL
);
INSERT INTO retention (name, oldest_day) VALUES ('events', 1);
`;
