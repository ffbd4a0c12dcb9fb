/**
 * What reports and the story of an event need beside the events: bodies as they were received, second versions, what is
 * held in quarantine, roll-ups by metadata, sums of whole days, and the receipts of erasures.
 *
 * `events_by_time` holds all that a page of events is chosen by, so that choosing reads no events.
 * An event refers to its body by id and position; null where there was none (before this version).
 * `usage_15m_metadata` has the roll-up once more for each declared key, by its value ('' stands for none).
 * `usage_day` has sums of a tenant's whole days by one dimension at a time (`view`), made from the roll-up when a day is
 * over; only days in `usage_day_built` that are not `building` count,
 * and an event that comes late takes its day out of that, built or not.
 * `retention` has the first UTC day whose identities are kept: it never goes back, also when a clock does.
 */
const sums = `
  calls INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  total_tokens INTEGER NOT NULL,
  cost_milli_usd INTEGER NOT NULL,
  cost_rest_pico_usd INTEGER NOT NULL,
  unpriced_calls INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  timed_calls INTEGER NOT NULL`;

export const queries: string = `
ALTER TABLE events ADD COLUMN body_id INTEGER;
ALTER TABLE events ADD COLUMN body_position INTEGER;
CREATE INDEX events_by_time ON events (tenant, event_time_ms, sequence, customer_id);

CREATE TABLE request_bodies (
  body_id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  received_at_ms INTEGER NOT NULL,
  encoding TEXT NOT NULL CHECK (encoding IN ('gzip', 'zstd')),
  body BLOB NOT NULL
) STRICT;

CREATE TABLE body_mentions (
  tenant TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  body_id INTEGER NOT NULL,
  body_position INTEGER NOT NULL,
  PRIMARY KEY (tenant, customer_id, body_id, body_position)
) STRICT, WITHOUT ROWID;

CREATE INDEX body_mentions_by_body ON body_mentions (tenant, body_id);

CREATE TABLE event_conflicts (
  tenant TEXT NOT NULL,
  identity_day INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  conflict_id INTEGER NOT NULL,
  customer_id TEXT,
  event_time_ms INTEGER NOT NULL,
  first_received_at_ms INTEGER NOT NULL,
  last_received_at_ms INTEGER NOT NULL,
  times_received INTEGER NOT NULL,
  body_id INTEGER,
  body_position INTEGER,
  event TEXT NOT NULL,
  PRIMARY KEY (tenant, identity_day, event_id, content_hash)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX event_conflicts_by_number ON event_conflicts (tenant, conflict_id);

CREATE TABLE quarantined_events (
  tenant TEXT NOT NULL,
  identity_day INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  quarantine_id INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  customer_id TEXT,
  event_time_ms INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  reasons TEXT NOT NULL,
  problems TEXT NOT NULL,
  body_id INTEGER,
  body_position INTEGER,
  event TEXT NOT NULL,
  PRIMARY KEY (tenant, identity_day, event_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX quarantined_events_by_number ON quarantined_events (tenant, quarantine_id);

CREATE TABLE metadata_dimensions (
  dimension_id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  declared_at_ms INTEGER NOT NULL,
  backfilled_to INTEGER NOT NULL,
  backfill_until INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX metadata_dimensions_by_key ON metadata_dimensions (tenant, key) WHERE removed = 0;

CREATE TABLE usage_15m_metadata (
  tenant TEXT NOT NULL,
  dimension_id INTEGER NOT NULL,
  bucket_start_ms INTEGER NOT NULL,
  metadata_value TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  model TEXT NOT NULL,
  operation TEXT NOT NULL,
  provider TEXT NOT NULL,
  service_tier TEXT NOT NULL,
  error_type TEXT NOT NULL,${sums},
  PRIMARY KEY (tenant, dimension_id, bucket_start_ms, metadata_value, customer_id, model, operation, provider, service_tier, error_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE reporting_zones (
  tenant TEXT NOT NULL PRIMARY KEY,
  time_zone TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_day_built (
  tenant TEXT NOT NULL,
  day_start_ms INTEGER NOT NULL,
  day_end_ms INTEGER NOT NULL,
  building INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, day_start_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_day (
  tenant TEXT NOT NULL,
  view TEXT NOT NULL,
  day_start_ms INTEGER NOT NULL,
  value TEXT NOT NULL,
  second_value TEXT NOT NULL,
  first_bucket_ms INTEGER NOT NULL,
  last_bucket_ms INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  unattributed INTEGER NOT NULL,${sums},
  PRIMARY KEY (tenant, view, day_start_ms, value, second_value)
) STRICT, WITHOUT ROWID;

CREATE TABLE retention (
  name TEXT NOT NULL PRIMARY KEY,
  oldest_day INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO retention (name, oldest_day) VALUES ('events', 1);

CREATE TABLE erasures (
  receipt TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL,
  customer_id TEXT,
  tombstone TEXT NOT NULL,
  requested_at_ms INTEGER NOT NULL,
  completed_at_ms INTEGER,
  erased_to_ms INTEGER NOT NULL DEFAULT -1,
  events INTEGER NOT NULL DEFAULT 0,
  conflicts INTEGER NOT NULL DEFAULT 0,
  quarantined INTEGER NOT NULL DEFAULT 0,
  bodies INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
`;
