/**
 * What reports and the story of an event need beside the events: the same tables as on SQLite, with the same meaning.
 *
 * An event in quarantine has its row in `events` too, which holds its identity; it is marked, and in no sum. Numbers of
 * bodies are given out by the thousand: see ../append-bodies.ts.
 */
const sums = `
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
  timed_calls BIGINT NOT NULL`;

export const queries: string = `
CREATE SEQUENCE body_sequence INCREMENT BY 1000;
CREATE SEQUENCE conflict_sequence;
CREATE SEQUENCE quarantine_sequence;
CREATE SEQUENCE dimension_sequence;

ALTER TABLE events ADD COLUMN body_id BIGINT;
ALTER TABLE events ADD COLUMN body_position BIGINT;
ALTER TABLE events ADD COLUMN quarantined BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX events_by_sequence ON events (tenant, sequence);
CREATE INDEX events_by_time ON events (tenant, event_time_ms, sequence, customer_id);

CREATE TABLE request_bodies (
  body_id BIGINT NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  received_at_ms BIGINT NOT NULL,
  encoding TEXT COLLATE "C" NOT NULL CHECK (encoding IN ('gzip', 'zstd')),
  body BYTEA NOT NULL,
  PRIMARY KEY (tenant, body_id)
);

CREATE TABLE body_mentions (
  tenant TEXT COLLATE "C" NOT NULL,
  customer_id TEXT COLLATE "C" NOT NULL,
  body_id BIGINT NOT NULL,
  body_position BIGINT NOT NULL,
  PRIMARY KEY (tenant, customer_id, body_id, body_position)
);

CREATE INDEX request_bodies_by_number ON request_bodies (body_id);
CREATE INDEX body_mentions_by_body ON body_mentions (tenant, body_id);

CREATE TABLE event_conflicts (
  tenant TEXT COLLATE "C" NOT NULL,
  identity_day INTEGER NOT NULL,
  event_id TEXT COLLATE "C" NOT NULL,
  content_hash TEXT COLLATE "C" NOT NULL,
  conflict_id BIGINT NOT NULL DEFAULT nextval('conflict_sequence'),
  customer_id TEXT COLLATE "C",
  event_time_ms BIGINT NOT NULL,
  first_received_at_ms BIGINT NOT NULL,
  last_received_at_ms BIGINT NOT NULL,
  times_received BIGINT NOT NULL,
  body_id BIGINT,
  body_position BIGINT,
  event TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, identity_day, event_id, content_hash)
);
CREATE UNIQUE INDEX event_conflicts_by_number ON event_conflicts (tenant, conflict_id);

CREATE TABLE quarantined_events (
  tenant TEXT COLLATE "C" NOT NULL,
  identity_day INTEGER NOT NULL,
  event_id TEXT COLLATE "C" NOT NULL,
  quarantine_id BIGINT NOT NULL DEFAULT nextval('quarantine_sequence'),
  content_hash TEXT COLLATE "C" NOT NULL,
  customer_id TEXT COLLATE "C",
  event_time_ms BIGINT NOT NULL,
  received_at_ms BIGINT NOT NULL,
  reasons TEXT COLLATE "C" NOT NULL,
  problems TEXT COLLATE "C" NOT NULL,
  body_id BIGINT,
  body_position BIGINT,
  event TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, identity_day, event_id)
);
CREATE UNIQUE INDEX quarantined_events_by_number ON quarantined_events (tenant, quarantine_id);

CREATE TABLE metadata_dimensions (
  dimension_id BIGINT NOT NULL DEFAULT nextval('dimension_sequence'),
  tenant TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  declared_at_ms BIGINT NOT NULL,
  backfilled_to BIGINT NOT NULL,
  backfill_until BIGINT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, dimension_id)
);
CREATE UNIQUE INDEX metadata_dimensions_by_key ON metadata_dimensions (tenant, key) WHERE removed = 0;

CREATE TABLE usage_15m_metadata (
  tenant TEXT COLLATE "C" NOT NULL,
  dimension_id BIGINT NOT NULL,
  bucket_start_ms BIGINT NOT NULL,
  metadata_value TEXT COLLATE "C" NOT NULL,
  customer_id TEXT COLLATE "C" NOT NULL,
  model TEXT COLLATE "C" NOT NULL,
  operation TEXT COLLATE "C" NOT NULL,
  provider TEXT COLLATE "C" NOT NULL,
  service_tier TEXT COLLATE "C" NOT NULL,
  error_type TEXT COLLATE "C" NOT NULL,${sums},
  PRIMARY KEY (tenant, dimension_id, bucket_start_ms, metadata_value, customer_id, model, operation, provider, service_tier, error_type)
);

CREATE TABLE reporting_zones (
  tenant TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  time_zone TEXT COLLATE "C" NOT NULL
);

CREATE TABLE usage_day_built (
  tenant TEXT COLLATE "C" NOT NULL,
  day_start_ms BIGINT NOT NULL,
  day_end_ms BIGINT NOT NULL,
  building BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, day_start_ms)
);

CREATE TABLE usage_day (
  tenant TEXT COLLATE "C" NOT NULL,
  view TEXT COLLATE "C" NOT NULL,
  day_start_ms BIGINT NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  second_value TEXT COLLATE "C" NOT NULL,
  first_bucket_ms BIGINT NOT NULL,
  last_bucket_ms BIGINT NOT NULL,
  errors BIGINT NOT NULL,
  unattributed BIGINT NOT NULL,${sums},
  PRIMARY KEY (tenant, view, day_start_ms, value, second_value)
);

CREATE TABLE erasures (
  receipt TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  customer_id TEXT COLLATE "C",
  tombstone TEXT COLLATE "C" NOT NULL,
  requested_at_ms BIGINT NOT NULL,
  completed_at_ms BIGINT,
  erased_to_ms BIGINT NOT NULL DEFAULT -1,
  events BIGINT NOT NULL DEFAULT 0,
  conflicts BIGINT NOT NULL DEFAULT 0,
  quarantined BIGINT NOT NULL DEFAULT 0,
  bodies BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, receipt)
);
`;
