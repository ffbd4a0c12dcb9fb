/**
 * Stores events.
 *
 * Promise: a batch is one statement, and so one transaction (S3). A known identity changes nothing (S2), also when it came
 * earlier in the same batch; an event that is new adds its row and what it adds to the roll-up. Any number of writers, on
 * any number of machines, may append at once.
 */
import type pg from "pg";

import { eventColumns, eventValues, identityOf, rollUpKeys, rollUpSums } from "../event-row.ts";
import type { AppendOutcome, PricedEvent } from "../store.ts";
import { translated } from "./connect.ts";
import { isCollision, isWithoutPartition } from "./database-errors.ts";
import { isTooOld, type Partitions } from "./partitions.ts";

export interface AppendDeps {
  readonly pool: pg.Pool;
  readonly partitions: Partitions;
}

/** @returns one outcome per event, in order, after commit */
export async function appendEvents(deps: AppendDeps, batch: readonly PricedEvent[]): Promise<readonly AppendOutcome[]> {
  if (batch.length === 0) return [];
  return translated(() => appendRepeatedly(deps, batch));
}

/** Collisions should not happen, because everybody locks in one order; a statement that met one has changed nothing. */
const mostAttempts = 5;

async function appendRepeatedly(deps: AppendDeps, batch: readonly PricedEvent[]): Promise<readonly AppendOutcome[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await appendOnce(deps, batch);
    } catch (error) {
      if (isWithoutPartition(error)) deps.partitions.forget();
      else if (!isCollision(error)) throw error;
      if (attempt === mostAttempts) throw error;
    }
  }
}

async function appendOnce(
  { pool, partitions }: AppendDeps,
  batch: readonly PricedEvent[],
): Promise<readonly AppendOutcome[]> {
  const identities = batch.map(identityOf);
  const oldestDay = await partitions.ensure(identities.map(([day]) => day));
  const firstOf = new Map<string, number>();
  const keys = identities.map((identity, index) => {
    const key = identity.join("\0");
    if (!isTooOld(identity[0], oldestDay) && !firstOf.has(key)) firstOf.set(key, index);
    return key;
  });
  const known = await insert(pool, batch, [...firstOf.values()]);
  return batch.map((priced, index) => {
    const first = firstOf.get(keys[index] as string);
    if (first === undefined) return { kind: "expired" };
    if (first === index && !known.has(index)) return { kind: "inserted" };
    const hash = known.get(first) ?? (batch[first] as PricedEvent).contentHash;
    return { kind: "duplicate", conflict: hash !== priced.contentHash };
  });
}

/**
 * @param indexes - of events with different identities
 * @returns those that were there before, with the hash of what is there
 */
async function insert(
  pool: pg.Pool,
  batch: readonly PricedEvent[],
  indexes: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (indexes.length === 0) return new Map();
  const given = indexes.map((index) => rowOf(batch[index] as PricedEvent, index)).join(",");
  const { rows } = await pool.query<{ n: number }>({
    name: "append-events",
    text: appendStatement,
    values: [`[${given}]`],
  });
  return rows.length === 0 ? new Map() : readHashes(pool, batch, rows.map(({ n }) => n)); // prettier-ignore
}

/** What `events` has beyond the shared columns and without its sequence, which the table counts itself. */
const columns = ["content_hash", ...eventColumns.filter((column) => column !== "sequence")];

function rowOf(priced: PricedEvent, index: number): string {
  const [, ...values] = eventValues(priced, 0);
  const row: Record<string, unknown> = { n: index };
  for (const [at, value] of [priced.contentHash, ...values].entries()) {
    // JSON has no bigint; the column's type reads the text. What is null may be left out.
    if (value !== null) row[columns[at] as string] = typeof value === "bigint" ? value.toString() : value;
  }
  return JSON.stringify(row);
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

const keyOf = (column: string): string => {
  if (column === "bucket_start_ms") return "event_time_ms - event_time_ms % 900000";
  return column === "tenant" ? column : `coalesce(${column}, '')`;
};

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
    RETURNING *
  ), rolled_up AS (
    INSERT INTO usage_15m (${[...rollUpKeys, ...rollUpSums].join(", ")})
    SELECT ${[...rollUpKeys.map(keyOf), ...rollUpSums.map(sumOf)].join(", ")} FROM inserted
    GROUP BY ${rollUpKeys.map((_column, index) => index + 1).join(", ")}
    ORDER BY tenant, ${rollUpKeys.map((_column, index) => index + 1).join(", ")}
    ON CONFLICT (${rollUpKeys.join(", ")})
    DO UPDATE SET ${rollUpSums.map((column) => `${column} = usage_15m.${column} + excluded.${column}`).join(", ")}
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
