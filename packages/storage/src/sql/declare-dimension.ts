/**
 * Declares metadata keys by which usage can be grouped, and adds older events to their sums.
 *
 * Promise: a key's sums are those of the roll-up, split up: exact when it is ready (S5), and not answered before. Events
 * numbered up to the last one at the declaration are added here, later ones when they are appended. What retention has taken
 * by then is among what has no value.
 */
import { CmdrdataError } from "@cmdrdata/protocol";

import { dimensions, metadataValueOf } from "../dimensions.ts";
import { rollUpKeys, rollUpSums } from "../event-row.ts";
import type { DeclaredDimension } from "../ledger-keeper.ts";
import { bucketMs } from "../store.ts";
import { dimensionColumns, storedDimension, type StoredDimension } from "./metadata-dimension.ts";
import type { Row, Sql, SqlValue } from "./sql.ts";

/** Each costs a row of the roll-up per event more. */
const mostDimensions = 5;

/** What differs between engines. */
export interface SequenceOf {
  /** Waits until nothing is being appended, and keeps it so until the transaction ends. */
  readonly quiesce: (transaction: Sql) => Promise<void>;
  /** The number of the last event. */
  readonly lastSequence: string;
  /** Leaves out rows that are in no sum. */
  readonly counted: string;
}

export async function declareDimension(
  sql: Sql,
  { tenant, key, nowMs }: { readonly tenant: string; readonly key: string; readonly nowMs: number },
  engine: SequenceOf,
): Promise<void> {
  await sql.transaction(async (transaction) => {
    await engine.quiesce(transaction);
    const there = await readDimensions(transaction, tenant);
    if (there.some((each) => each.key === key)) return;
    if (there.length >= mostDimensions) {
      const names = there.map((each) => each.key).join(", ");
      const message = `expected at most ${mostDimensions} metadata keys, got another one beside ${names}: remove one first`;
      throw new CmdrdataError("CMDR_DIMENSION_LIMIT", message);
    }
    const [last] = await transaction.all(engine.lastSequence, []);
    await transaction.run(
      `INSERT INTO metadata_dimensions (tenant, key, declared_at_ms, backfilled_to, backfill_until) VALUES ($1, $2, $3, 0, $4)`,
      [tenant, key, nowMs, Number(last?.["sequence"] ?? 0)],
    );
  });
}

export async function removeDimension(
  sql: Sql,
  { tenant, key }: { readonly tenant: string; readonly key: string },
): Promise<boolean> {
  const update = "UPDATE metadata_dimensions SET removed = 1 WHERE tenant = $1 AND key = $2 AND removed = 0";
  return (await sql.run(update, [tenant, key])) > 0;
}

export async function readDimensions(sql: Sql, tenant: string): Promise<readonly DeclaredDimension[]> {
  const query = `SELECT ${dimensionColumns} FROM metadata_dimensions WHERE tenant = $1 AND removed = 0 ORDER BY key`;
  const rows = await sql.all(query, [tenant]);
  return rows.map(storedDimension).map(({ key, declaredAtMs, backfilledTo, backfillUntil }) => ({
    key,
    declaredAtMs,
    backfilledTo,
    backfillUntil,
  }));
}

const chunk = 2_000;

/** @returns whether there is more to do */
export async function backfillSome(sql: Sql, engine: SequenceOf): Promise<boolean> {
  const unfinished = `SELECT ${dimensionColumns} FROM metadata_dimensions
    WHERE removed = 0 AND backfilled_to < backfill_until ORDER BY dimension_id LIMIT 1`;
  const [row] = await sql.all(unfinished, []);
  if (row === undefined) return deleteRemoved(sql);
  const dimension = storedDimension(row);
  await sql.transaction((transaction) => backfill(transaction, dimension, engine));
  return true;
}

async function backfill(sql: Sql, dimension: StoredDimension, { counted }: SequenceOf): Promise<void> {
  const { tenant, id, backfilledTo, backfillUntil } = dimension;
  const events = await sql.all(
    `SELECT * FROM events WHERE tenant = $1 AND sequence > $2 AND sequence <= $3 ${counted} ORDER BY sequence LIMIT ${chunk}`,
    [tenant, backfilledTo, backfillUntil],
  );
  const done = events.length < chunk;
  const to = done ? backfillUntil : Number(events.at(-1)?.["sequence"]);
  // Whoever moves the mark adds the events before it; for another, at the same time, it has moved.
  const mark = `UPDATE metadata_dimensions SET backfilled_to = $1
    WHERE tenant = $2 AND dimension_id = $3 AND backfilled_to = $4 AND removed = 0`;
  if ((await sql.run(mark, [to, tenant, id, backfilledTo])) === 0) return;
  for (const values of additions(events, dimension)) await sql.run(addToMetadata, values);
  if (done) await addWhatIsGone(sql, dimension);
}

const columns = ["dimension_id", "metadata_value", ...rollUpKeys, ...rollUpSums];

const whereKeys = `(tenant, dimension_id, bucket_start_ms, metadata_value, ${rollUpKeys.slice(2).join(", ")})`;
const addUp = rollUpSums.map((column) => `${column} = usage_15m_metadata.${column} + excluded.${column}`).join(", ");

const addToMetadata = `INSERT INTO usage_15m_metadata (${columns.join(", ")})
  VALUES (${columns.map((_column, index) => `$${index + 1}`).join(", ")})
  ON CONFLICT ${whereKeys} DO UPDATE SET ${addUp}`;

/** One per row that is added to. */
function additions(events: readonly Row[], dimension: StoredDimension): readonly (readonly SqlValue[])[] {
  const sums = new Map<string, { readonly key: readonly SqlValue[]; values: readonly bigint[] }>();
  for (const event of events) {
    const key = [dimension.id, valueOf(event, dimension.key), ...keyOf(event)];
    const name = JSON.stringify(key);
    const known = sums.get(name);
    const values = sumsOf(event);
    if (known === undefined) sums.set(name, { key, values });
    else known.values = known.values.map((value, index) => value + (values[index] as bigint));
  }
  return [...sums.values()].map(({ key, values }) => [...key, ...values]);
}

function valueOf(event: Row, key: string): string {
  const { metadata } = JSON.parse(String(event["event"])) as {
    readonly metadata?: Parameters<typeof metadataValueOf>[0]["metadata"];
  };
  return metadataValueOf({ metadata: metadata ?? {} }, key) ?? "";
}

function keyOf(event: Row): readonly SqlValue[] {
  const timeMs = Number(event["event_time_ms"]);
  const values = dimensions.map((name) => event[name] ?? "");
  return [timeMs - (timeMs % bucketMs), String(event["tenant"]), ...values];
}

function sumsOf(event: Row): readonly bigint[] {
  return rollUpSums.map((column) => {
    if (column === "calls") return 1n;
    if (column === "unpriced_calls") return event["unpriced_reason"] === null ? 0n : 1n;
    if (column === "timed_calls") return event["duration_us"] === null ? 0n : 1n;
    return BigInt((event[column] as string | null) ?? 0);
  });
}

/** The roll-up still counts events whose rows retention has taken: they have no value any more. */
async function addWhatIsGone(sql: Sql, { tenant, id }: StoredDimension): Promise<void> {
  const [row] = await sql.all("SELECT oldest_day FROM retention WHERE name = 'events'", []);
  if (Number(row?.["oldest_day"]) <= 1) return;
  const keys = rollUpKeys.join(", ");
  const missing = rollUpSums.map((column) => `CAST(sum(${column}) AS BIGINT)`).join(", ");
  const negative = rollUpSums.map((column) => `-${column}`).join(", ");
  await sql.run(
    `INSERT INTO usage_15m_metadata (${columns.join(", ")})
      SELECT CAST($1 AS BIGINT), '', ${keys}, ${missing} FROM (
        SELECT ${keys}, ${rollUpSums.join(", ")} FROM usage_15m WHERE tenant = $2
        UNION ALL SELECT ${keys}, ${negative} FROM usage_15m_metadata WHERE tenant = $2 AND dimension_id = $1
      ) both_sides GROUP BY ${keys} HAVING sum(calls) > 0
      ON CONFLICT ${whereKeys} DO UPDATE SET ${addUp}`,
    [id, tenant],
  );
}

/** A key that is declared again is another one: what the first has left is nobody's. */
async function deleteRemoved(sql: Sql): Promise<boolean> {
  const [row] = await sql.all("SELECT tenant, dimension_id FROM metadata_dimensions WHERE removed = 1 LIMIT 1", []);
  if (row === undefined) return false;
  const key = [String(row["tenant"]), Number(row["dimension_id"])];
  const [bucket] = await sql.all(
    "SELECT min(bucket_start_ms) AS first FROM usage_15m_metadata WHERE tenant = $1 AND dimension_id = $2",
    key,
  );
  if (bucket?.["first"] === null || bucket === undefined) {
    await sql.run("DELETE FROM metadata_dimensions WHERE tenant = $1 AND dimension_id = $2", key);
  } else {
    const day = [...key, Number(bucket["first"]) + 86_400_000];
    await sql.run(
      "DELETE FROM usage_15m_metadata WHERE tenant = $1 AND dimension_id = $2 AND bucket_start_ms < $3",
      day,
    );
  }
  return true;
}
