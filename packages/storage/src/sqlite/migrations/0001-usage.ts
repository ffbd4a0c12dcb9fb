/**
 * The identities, the events, the 15-minute roll-up and the keys.
 *
 * An event is two rows. Its identity is small and ordered by day: ids may be random, so these rows fall anywhere in the
 * day, and the fewer pages a day has, the less is written (against one wide row: twice the events per second with random
 * ids, the same with time-ordered ones). All else is appended in order of arrival. An event can be erased and its identity
 * kept, so that it is not counted again; a sequence number is never used twice.
 *
 * The SQL is a module, not a file beside one, because tsc copies no .sql.
 *
 * Money is two integers, thousandths of a dollar and the pico-dollars left over, so that no sum leaves 64 bits.
 * In the roll-up '' stands for null, which a primary key cannot hold; the events' CHECKs keep '' from being a value.
 * The roll-up starts with the time too: what arrives together lies together.
 */
export const usage: string = `
CREATE TABLE event_ids (
  identity_day INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  event_id TEXT NOT NULL CHECK (length(event_id) BETWEEN 1 AND 256),
  content_hash TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (identity_day, tenant, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  identity_day INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  event_id TEXT NOT NULL,
  event_time_ms INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  customer_id TEXT CHECK (customer_id <> ''),
  model TEXT CHECK (model <> ''),
  operation TEXT CHECK (operation <> ''),
  provider TEXT CHECK (provider <> ''),
  service_tier TEXT CHECK (service_tier <> ''),
  error_type TEXT CHECK (error_type <> ''),
  input_tokens INTEGER CHECK (input_tokens >= 0),
  cached_input_tokens INTEGER CHECK (cached_input_tokens >= 0),
  output_tokens INTEGER CHECK (output_tokens >= 0),
  reasoning_tokens INTEGER CHECK (reasoning_tokens >= 0),
  total_tokens INTEGER CHECK (total_tokens >= 0),
  duration_us INTEGER CHECK (duration_us >= 0),
  cost_milli_usd INTEGER,
  cost_rest_pico_usd INTEGER CHECK (cost_rest_pico_usd BETWEEN 0 AND 999999999),
  unpriced_reason TEXT,
  book_version TEXT NOT NULL,
  cost_lines TEXT NOT NULL,
  problems TEXT NOT NULL,
  event TEXT NOT NULL,
  CHECK ((cost_milli_usd IS NULL) = (cost_rest_pico_usd IS NULL)),
  CHECK ((cost_milli_usd IS NULL) <> (unpriced_reason IS NULL))
) STRICT;

CREATE TABLE usage_15m (
  bucket_start_ms INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  model TEXT NOT NULL,
  operation TEXT NOT NULL,
  provider TEXT NOT NULL,
  service_tier TEXT NOT NULL,
  error_type TEXT NOT NULL,
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
  timed_calls INTEGER NOT NULL,
  PRIMARY KEY (bucket_start_ms, tenant, customer_id, model, operation, provider, service_tier, error_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
  hash TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
