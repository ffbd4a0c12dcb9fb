/**
 * Stores events.
 *
 * Promise: a batch is one statement, and so one transaction (S3), but for what is set aside after it. A known identity
 * changes nothing (S2), also when it came earlier in the same batch; an event that is new adds its row and what it adds to
 * the roll-up. Any number of writers, on any number of machines, may append at once.
 */
import type pg from "pg";

import { eventColumns, eventValues, factsOf, identityOf, rollUpKeys, rollUpSums } from "../event-row.ts";
import type { AppendOutcome, PricedEvent } from "../store.ts";
import { translated } from "./connect.ts";
import { isCollision, isWithoutPartition } from "./database-errors.ts";
import { isTooOld, type Partitions } from "./partitions.ts";
import { bodyArrays, type BodyNumbers, type NumberedBodies, numberBodies } from "./append-bodies.ts";
import { isInDoubt, setAside, type Stored, toSetAside } from "./append-set-aside.ts";
import type { Sql, SqlValue } from "../sql/sql.ts";

export interface AppendDeps {
  readonly pool: pg.Pool;
  readonly partitions: Partitions;
  readonly sql: Sql;
  readonly bodyNumbers: BodyNumbers;
}

/** @returns one outcome per event, in order, after commit */
export async function appendEvents(deps: AppendDeps, batch: readonly PricedEvent[]): Promise<readonly AppendOutcome[]> {
  if (batch.length === 0) return [];
  return translated(async () => {
    // Each by itself: what is committed, tried again, would be found as a duplicate of its own.
    const stored = await tryRepeatedly(deps, () => storeOnce(deps, batch));
    const aside = toSetAside(stored);
    if (aside.length === 0) return stored.outcomes;
    return tryRepeatedly(deps, async () => {
      const oldestDay = await deps.partitions.ensure(aside.map((index) => identityOf(batch[index] as PricedEvent)[0]));
      return setAside(deps.sql, { ...stored, aside, isTooOld: (day) => isTooOld(day, oldestDay) });
    });
  });
}

/** Collisions should hardly happen, because the statement locks in one order everywhere; what met one has changed nothing. */
const mostAttempts = 5;

async function tryRepeatedly<T>({ partitions }: Pick<AppendDeps, "partitions">, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (isWithoutPartition(error)) partitions.forget();
      else if (!isCollision(error)) throw error;
      if (attempt === mostAttempts) throw error;
    }
  }
}

async function storeOnce(deps: AppendDeps, batch: readonly PricedEvent[]): Promise<Stored> {
  const identities = batch.map(identityOf);
  const oldestDay = await deps.partitions.ensure(identities.map(([day]) => day));
  const bodies = await numberBodies(batch, deps.bodyNumbers);
  const firstOf = new Map<string, number>();
  const keys = identities.map((identity, index) => {
    const key = identity.join("\0");
    if (!isTooOld(identity[0], oldestDay) && !isInDoubt(batch[index]) && !firstOf.has(key)) firstOf.set(key, index);
    return key;
  });
  const known = await insert(deps.pool, { batch, indexes: [...firstOf.values()], bodies });
  const outcomes = batch.map((priced, index): AppendOutcome => {
    const first = firstOf.get(keys[index] as string);
    if (isTooOld(identities[index]?.[0] ?? 0, oldestDay) || first === undefined) return { kind: "expired" };
    if (first === index && !known.has(index)) return { kind: "inserted" };
    const hash = known.get(first) ?? (batch[first] as PricedEvent).contentHash;
    return { kind: "duplicate", conflict: hash !== priced.contentHash };
  });
  return { batch, bodies, outcomes };
}

/** Events of one batch with the numbers of their bodies. */
interface Rows {
  readonly batch: readonly PricedEvent[];
  /** Of events with different identities. */
  readonly indexes: readonly number[];
  readonly bodies: NumberedBodies;
}

/** @returns those that were there before, with the hash of what is there */
async function insert(pool: pg.Pool, rows: Rows): Promise<ReadonlyMap<number, string>> {
  const { batch, indexes } = rows;
  if (indexes.length === 0) return new Map();
  const { rows: found } = await pool.query<{ n: number }>({
    name: "append-events",
    text: appendStatement,
    values: parametersOf(rows),
  });
  return found.length === 0 ? new Map() : readHashes(pool, batch, found.map(({ n }) => n)); // prettier-ignore
}

/** The same in a transaction of the caller's, for events of which none is there. */
export async function insertEvents(transaction: Sql, rows: Rows): Promise<void> {
  if (rows.indexes.length > 0) await transaction.all(appendStatement, parametersOf(rows) as SqlValue[]);
}

/** In the order of the statement's placeholders. */
function parametersOf(rows: Rows): unknown[] {
  const { batch, indexes, bodies } = rows;
  const given = indexes.map((index) => rowOf(batch[index] as PricedEvent, index, bodies)).join(",");
  return [`[${given}]`, ...bodyArrays(bodies), restOf(rows)];
}

/** Events that get no row here, but are in a body that may be kept: an erasure has to find them. */
function restOf({ batch, indexes, bodies }: Rows): string {
  const taken = new Set(indexes);
  const rest = batch.filter(({ event, origin }, index) => !taken.has(index) && origin && event.customer_id !== null);
  return JSON.stringify(
    rest.map((priced) => {
      const [body_id, body_position] = bodies.placeOf(priced);
      return { tenant: priced.tenant, customer_id: priced.event.customer_id, body_id, body_position };
    }),
  );
}

/** What `events` has beyond the shared columns and without its sequence, which the table counts itself. */
const columns = ["content_hash", ...eventColumns.filter((column) => column !== "sequence")];
/** Put together piece by piece: half the time of an object that is made for JSON.stringify. */
const fields = columns.slice(1).map((column) => `,"${column}":`);

function rowOf(priced: PricedEvent, index: number, bodies: NumberedBodies): string {
  const [, ...values] = eventValues(factsOf(priced), 0, bodies.placeOf(priced)[0]);
  let row = `{"n":${index},"content_hash":${JSON.stringify(priced.contentHash)}`;
  for (const [at, value] of values.entries()) {
    // What is null may be left out. A bigint is a number of JSON, of which the server reads every digit.
    if (value !== null) row += `${fields[at] as string}${typeof value === "string" ? JSON.stringify(value) : value}`;
  }
  return `${row}}`;
}

/** The columns of an event's row but for its sequence, which the table counts itself. */
export function eventFields(
  priced: PricedEvent,
  bodies: NumberedBodies,
): readonly (readonly [column: string, value: string | number | bigint | null])[] {
  const [, ...values] = eventValues(factsOf(priced), 0, bodies.placeOf(priced)[0]);
  return [priced.contentHash, ...values].map((value, at) => [columns[at] as string, value]);
}

const texts = new Set(
  "content_hash tenant event_id customer_id model operation provider service_tier error_type unpriced_reason book_version cost_lines problems event".split(
    " ",
  ),
);
const typeOf = (column: string): string => (texts.has(column) ? 'TEXT COLLATE "C"' : "BIGINT");

/** What each sum of the roll-up is over the events that are new. */
const rollUpSum: Readonly<Record<string, string>> = {
  calls: "count(*)",
  unpriced_calls: "count(unpriced_reason)",
  timed_calls: "count(duration_us)",
};
const sumOf = (column: string): string => rollUpSum[column] ?? `coalesce(sum(${column}), 0)`;

const keyOf = (column: string, table: string): string => {
  if (column === "bucket_start_ms") return "event_time_ms - event_time_ms % 900000";
  return column === "tenant" ? `${table}tenant` : `coalesce(${table}${column}, '')`;
};

/** As `metadataValueOf` reads it: texts, numbers and flags; '' stands for none. */
const metadataValue = `coalesce(CASE json_typeof(inserted.event::json -> 'metadata' -> d.key)
    WHEN 'string' THEN left(inserted.event::json -> 'metadata' ->> d.key, 256)
    WHEN 'number' THEN inserted.event::json -> 'metadata' ->> d.key
    WHEN 'boolean' THEN inserted.event::json -> 'metadata' ->> d.key END, '')`;

/** What the roll-ups and the last part need of an event: without the other wide texts. */
const wide = new Set(["content_hash", "book_version", "cost_lines", "problems", "received_at_ms"]);
const returned = columns.filter((column) => !wide.has(column));

/**
 * Both parts write in the order of their keys: without that, writers meet crosswise and block one another. The last part
 * says who was there before. The sums are NUMERIC and fail where they leave 64 bits.
 */
const appendStatement = `WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS given (n INTEGER, ${columns.map((column) => `${column} ${typeOf(column)}`).join(", ")})
  ), inserted AS (
    INSERT INTO events (${columns.join(", ")})
    SELECT ${columns.join(", ")} FROM given ORDER BY tenant, identity_day, event_id
    ON CONFLICT (tenant, identity_day, event_id) DO NOTHING
    RETURNING ${returned.join(", ")}
  ), rolled_up AS (
    INSERT INTO usage_15m (${[...rollUpKeys, ...rollUpSums].join(", ")})
    SELECT ${[...rollUpKeys.map((column) => keyOf(column, "")), ...rollUpSums.map(sumOf)].join(", ")} FROM inserted
    GROUP BY ${rollUpKeys.map((_column, index) => index + 1).join(", ")}
    ORDER BY tenant, ${rollUpKeys.map((_column, index) => index + 1).join(", ")}
    ON CONFLICT (${rollUpKeys.join(", ")})
    DO UPDATE SET ${rollUpSums.map((column) => `${column} = usage_15m.${column} + excluded.${column}`).join(", ")}
  ), by_metadata AS (
    INSERT INTO usage_15m_metadata (dimension_id, metadata_value, ${[...rollUpKeys, ...rollUpSums].join(", ")})
    SELECT dimension_id, ${metadataValue}, ${[...rollUpKeys.map((column) => keyOf(column, "inserted.")), ...rollUpSums.map(sumOf)].join(", ")}
    FROM inserted JOIN metadata_dimensions d ON d.tenant = inserted.tenant AND d.removed = 0
    GROUP BY 1, 2, ${rollUpKeys.map((_column, index) => index + 3).join(", ")}
    ORDER BY ${rollUpKeys.indexOf("tenant") + 3}, 1, 3, 2, ${rollUpKeys.map((_column, index) => index + 3).join(", ")}
    ON CONFLICT (tenant, dimension_id, bucket_start_ms, metadata_value, ${rollUpKeys.slice(2).join(", ")})
    DO UPDATE SET ${rollUpSums.map((column) => `${column} = usage_15m_metadata.${column} + excluded.${column}`).join(", ")}
  ), unbuilt AS (
    DELETE FROM usage_day_built b USING (SELECT DISTINCT tenant, event_time_ms - event_time_ms % 900000 AS bucket FROM inserted) i
    WHERE b.tenant = i.tenant AND b.day_start_ms <= i.bucket AND b.day_end_ms > i.bucket
  ), kept_bodies AS (
    INSERT INTO request_bodies (body_id, tenant, received_at_ms, encoding, body)
    SELECT * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bytea[]) AS b (body_id, tenant, received_at_ms, encoding, body)
    WHERE EXISTS (SELECT FROM inserted WHERE inserted.tenant = b.tenant AND inserted.body_id = b.body_id)
    RETURNING tenant, body_id
  ), mentioned AS (
    INSERT INTO body_mentions (tenant, customer_id, body_id, body_position)
    SELECT tenant, customer_id, body_id, body_position FROM (
      SELECT g.tenant, g.customer_id, g.body_id, g.body_position FROM given g
      WHERE g.customer_id IS NOT NULL AND NOT EXISTS (SELECT FROM inserted i
        WHERE i.tenant = g.tenant AND i.identity_day = g.identity_day AND i.event_id = g.event_id)
      UNION SELECT * FROM json_to_recordset($7::json) AS rest (tenant TEXT, customer_id TEXT, body_id BIGINT, body_position BIGINT)
    ) each_one JOIN kept_bodies USING (tenant, body_id)
    ON CONFLICT DO NOTHING
  )
  SELECT n FROM given WHERE NOT EXISTS (
    SELECT FROM inserted WHERE inserted.tenant = given.tenant
      AND inserted.identity_day = given.identity_day AND inserted.event_id = given.event_id
  )`;

const hashStatement = `SELECT n, events.content_hash AS hash
  FROM json_to_recordset($1::json) AS given (n INTEGER, identity_day INTEGER, tenant TEXT COLLATE "C", event_id TEXT COLLATE "C")
  LEFT JOIN events USING (tenant, identity_day, event_id)`;

/** One that retention has dropped since is a duplicate all the same, of content that nobody knows. */
async function readHashes(
  pool: pg.Pool,
  batch: readonly PricedEvent[],
  indexes: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const given = indexes.map((n) => {
    const [identity_day, tenant, event_id] = identityOf(batch[n] as PricedEvent);
    return { n, identity_day, tenant, event_id };
  });
  const { rows } = await pool.query<{ n: number; hash: string | null }>(hashStatement, [JSON.stringify(given)]);
  return new Map(rows.map(({ n, hash }) => [n, hash ?? (batch[n] as PricedEvent).contentHash]));
}
