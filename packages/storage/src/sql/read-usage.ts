/**
 * Answers a usage query from the roll-up alone.
 *
 * Promise: all ranges are read in one snapshot, each by one scan of its own buckets; sums are exact (S5).
 */
import { CmdrdataError } from "@cmdrdata/protocol";

import { dimensions } from "../dimensions.ts";
import { rollUpSums } from "../event-row.ts";
import { joinMoney } from "../money.ts";
import type { Dimension, UsageQuery, UsageRow, UsageSums } from "../store.ts";
import type { Row, Sql } from "./sql.ts";

/** @throws CmdrdataError `CMDR_QUERY_INVALID` for a dimension that does not exist */
export async function readUsage(sql: Sql, query: UsageQuery): Promise<readonly UsageRow[]> {
  const text = selectUsage(query.groupBy);
  if (query.ranges.length === 0) return [];
  return sql.snapshot(async (now) => {
    const rows: UsageRow[] = [];
    for (const { startMs, endMs } of query.ranges) {
      const found = await now.all(text, [query.tenant, startMs, endMs]);
      rows.push(
        ...found.map((row) => ({ rangeStartMs: startMs, group: groupOf(row, query.groupBy), sums: sumsOf(row) })),
      );
    }
    return rows;
  });
}

function selectUsage(groupBy: readonly Dimension[]): string {
  const unknown = groupBy.find((dimension) => !dimensions.includes(dimension));
  if (unknown !== undefined) {
    throw new CmdrdataError("CMDR_QUERY_INVALID", `expected dimensions of ${dimensions.join(", ")}, got ${unknown}`);
  }
  const groups = groupBy.join(", ");
  // The sum of integers is an integer on SQLite, and a NUMERIC on PostgreSQL: there the cast fails rather than rounds.
  const sum = (expression: string, name: string): string => `CAST(sum(${expression}) AS BIGINT) AS ${name}`;
  return `SELECT ${[...groupBy, ...rollUpSums.map((column) => sum(column, column))].join(", ")},
      ${sum("CASE WHEN error_type = '' THEN 0 ELSE calls END", "errors")},
      ${sum("CASE WHEN customer_id = '' THEN calls ELSE 0 END", "unattributed")}
    FROM usage_15m
    WHERE tenant = $1 AND bucket_start_ms >= $2 AND bucket_start_ms < $3
    ${groups === "" ? "HAVING count(*) > 0" : `GROUP BY ${groups} ORDER BY ${groups}`}`;
}

function groupOf(row: Row, groupBy: readonly Dimension[]): UsageRow["group"] {
  return Object.fromEntries(
    groupBy.map((dimension) => [dimension, row[dimension] === "" ? null : String(row[dimension])]),
  );
}

function sumsOf(row: Row): UsageSums {
  const count = (name: string): number => Number(row[name]);
  return {
    calls: count("calls"),
    errors: count("errors"),
    unattributed: count("unattributed"),
    inputTokens: count("input_tokens"),
    cachedInputTokens: count("cached_input_tokens"),
    outputTokens: count("output_tokens"),
    reasoningTokens: count("reasoning_tokens"),
    totalTokens: count("total_tokens"),
    costPicoUsd: joinMoney(row["cost_milli_usd"] as bigint, row["cost_rest_pico_usd"] as bigint),
    unpricedCalls: count("unpriced_calls"),
    durationUs: count("duration_us"),
    timedCalls: count("timed_calls"),
  };
}
