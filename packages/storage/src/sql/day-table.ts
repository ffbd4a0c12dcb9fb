/**
 * Sums up whole days of a tenant, so that the usual reports read one row where the roll-up has a hundred.
 *
 * Promise: the sums of a day are those of its rows in the roll-up at one moment; an event that comes later takes the day out
 * of what is built, in its own transaction.
 */
import { rollUpSums } from "../event-row.ts";
import type { TimeRange } from "../store.ts";
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
  const query = "SELECT day_start_ms, day_end_ms FROM usage_day_built WHERE tenant = $1 ORDER BY day_start_ms";
  const rows = await sql.all(query, [tenant]);
  return rows.map((row) => ({ startMs: Number(row["day_start_ms"]), endMs: Number(row["day_end_ms"]) }));
}

/** @param quiesce - waits until nothing is being appended, and keeps it so until the transaction ends */
export async function buildDay(
  sql: Sql,
  { tenant, startMs, endMs }: { readonly tenant: string } & TimeRange,
  quiesce: (transaction: Sql) => Promise<void>,
): Promise<void> {
  await sql.transaction(async (transaction) => {
    await quiesce(transaction);
    await transaction.run("DELETE FROM usage_day WHERE tenant = $1 AND day_start_ms = $2", [tenant, startMs]);
    for (const { view, keys } of dayViews) {
      const [value = "''", second = "''"] = keys;
      await transaction.run(insertView(value, second), [tenant, startMs, endMs, view]);
    }
    await transaction.run(
      `INSERT INTO usage_day_built (tenant, day_start_ms, day_end_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [tenant, startMs, endMs],
    );
  });
}

function insertView(value: string, second: string): string {
  const sum = (expression: string): string => `CAST(sum(${expression}) AS BIGINT)`;
  return `INSERT INTO usage_day (tenant, view, day_start_ms, value, second_value, first_bucket_ms, last_bucket_ms, errors,
      unattributed, ${rollUpSums.join(", ")})
    SELECT tenant, CAST($4 AS TEXT), CAST($2 AS BIGINT), ${value}, ${second}, min(bucket_start_ms), max(bucket_start_ms),
      ${sum("CASE WHEN error_type = '' THEN 0 ELSE calls END")},
      ${sum("CASE WHEN customer_id = '' THEN calls ELSE 0 END")}, ${rollUpSums.map(sum).join(", ")}
    FROM usage_15m WHERE tenant = $1 AND bucket_start_ms >= $2 AND bucket_start_ms < $3
    GROUP BY ${["tenant", ...[value, second].filter((column) => column !== "''")].join(", ")}`;
}
