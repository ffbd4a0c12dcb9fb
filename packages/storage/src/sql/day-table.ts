/**
 * Sums up whole days of a tenant, so that the usual reports read one row where the roll-up has a hundred.
 *
 * Promise: the sums of a built day are those of its rows in the roll-up; an event that comes later, or while it is built,
 * takes the day out of what is built, in its own transaction.
 */
import { randomInt } from "node:crypto";

import { rollUpSums } from "../event-row.ts";
import type { GroupKey, TimeRange } from "../store.ts";
import type { Sql } from "./sql.ts";
import { dayViews } from "./usage-plan.ts";

const defaultZone = "UTC";

export async function readReportingZone(sql: Sql, tenant: string): Promise<string> {
  const [row] = await sql.all("SELECT time_zone FROM reporting_zones WHERE tenant = $1", [tenant]);
  return row === undefined ? defaultZone : String(row["time_zone"]);
}

/** Days of another zone are no days of this one: all are made anew. */
export async function setReportingZone(sql: Sql, tenant: string, timeZone: string): Promise<void> {
  await sql.transaction(async (transaction) => {
    await transaction.run(
      `INSERT INTO reporting_zones (tenant, time_zone) VALUES ($1, $2)
        ON CONFLICT (tenant) DO UPDATE SET time_zone = excluded.time_zone`,
      [tenant, timeZone],
    );
    await transaction.run("DELETE FROM usage_day_built WHERE tenant = $1", [tenant]);
  });
}

export async function readTenantsSince(
  sql: Sql,
): Promise<readonly { readonly tenant: string; readonly firstBucketMs: number }[]> {
  const rows = await sql.all(
    `SELECT k.tenant, (SELECT min(bucket_start_ms) FROM usage_15m u WHERE u.tenant = k.tenant) AS first_bucket_ms
      FROM (SELECT DISTINCT tenant FROM api_keys) k ORDER BY k.tenant`,
    [],
  );
  return rows
    .filter((row) => row["first_bucket_ms"] !== null)
    .map((row) => ({ tenant: String(row["tenant"]), firstBucketMs: Number(row["first_bucket_ms"]) }));
}

export async function readBuiltDays(sql: Sql, tenant: string): Promise<readonly TimeRange[]> {
  const query =
    "SELECT day_start_ms, day_end_ms FROM usage_day_built WHERE tenant = $1 AND building = 0 ORDER BY day_start_ms";
  const rows = await sql.all(query, [tenant]);
  return rows.map((row) => ({ startMs: Number(row["day_start_ms"]), endMs: Number(row["day_end_ms"]) }));
}

/**
 * First it is entered that the day is being built: from then on an event that comes takes that out again. Then the views are
 * made, each in a transaction of its own. The day counts when it is still entered at the end, by whom it was.
 *
 * @param quiesce - waits until nothing is being appended, and keeps it so until the transaction ends
 */
export async function buildDay(
  sql: Sql,
  day: { readonly tenant: string } & TimeRange,
  quiesce: (transaction: Sql) => Promise<void>,
): Promise<void> {
  const { tenant, startMs, endMs } = day;
  const builder = randomInt(1, 2 ** 47);
  await sql.transaction(async (transaction) => {
    await quiesce(transaction);
    // One who has begun and not ended is gone, or has lost the day by this.
    await transaction.run(
      `INSERT INTO usage_day_built (tenant, day_start_ms, day_end_ms, building) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, day_start_ms) DO UPDATE SET building = excluded.building WHERE usage_day_built.building <> 0`,
      [tenant, startMs, endMs, builder],
    );
  });
  for (const { view, keys } of viewsInOrder) await buildView(sql, day, { view, keys });
  await sql.run("UPDATE usage_day_built SET building = 0 WHERE tenant = $1 AND day_start_ms = $2 AND building = $3", [
    tenant,
    startMs,
    builder,
  ]);
}

/** The one that others are made of comes first. */
const pair = "customer_id,model";
const viewsInOrder = dayViews.toSorted((a, b) => Number(b.view === pair) - Number(a.view === pair));

interface View {
  readonly view: string;
  readonly keys: readonly GroupKey[];
}

async function buildView(
  sql: Sql,
  { tenant, startMs, endMs }: { readonly tenant: string } & TimeRange,
  { view, keys }: View,
): Promise<void> {
  const fromPair = keys.length === 1 && (keys[0] === "customer_id" || keys[0] === "model");
  await sql.transaction(async (transaction) => {
    const place = [tenant, startMs, view];
    await transaction.run("DELETE FROM usage_day WHERE tenant = $1 AND day_start_ms = $2 AND view = $3", place);
    if (fromPair) await transaction.run(insertFromPair(keys[0] === "model" ? "second_value" : "value"), place);
    else await transaction.run(insertView(keys), [...place, endMs]);
  });
}

const sum = (expression: string): string => `CAST(sum(${expression}) AS BIGINT)`;
const insertInto = `INSERT INTO usage_day (tenant, day_start_ms, view, value, second_value, first_bucket_ms, last_bucket_ms,
    errors, unattributed, ${rollUpSums.join(", ")})
  SELECT tenant, CAST($2 AS BIGINT), CAST($3 AS TEXT)`;

function insertView([value = "''", second = "''"]: readonly string[]): string {
  return `${insertInto}, ${value}, ${second}, min(bucket_start_ms), max(bucket_start_ms),
      ${sum("CASE WHEN error_type = '' THEN 0 ELSE calls END")},
      ${sum("CASE WHEN customer_id = '' THEN calls ELSE 0 END")}, ${rollUpSums.map(sum).join(", ")}
    FROM usage_15m WHERE tenant = $1 AND bucket_start_ms >= $2 AND bucket_start_ms < $4
    GROUP BY ${["tenant", ...[value, second].filter((column) => column !== "''")].join(", ")}`;
}

function insertFromPair(value: "value" | "second_value"): string {
  return `${insertInto}, ${value}, '', min(first_bucket_ms), max(last_bucket_ms), ${sum("errors")}, ${sum("unattributed")},
      ${rollUpSums.map(sum).join(", ")}
    FROM usage_day WHERE tenant = $1 AND day_start_ms = $2 AND view = '${pair}' GROUP BY tenant, ${value}`;
}
