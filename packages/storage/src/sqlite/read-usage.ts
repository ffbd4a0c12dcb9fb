/**
 * Answers a usage query from the roll-up alone.
 *
 * Promise: all ranges are read in one snapshot, each by one scan of its own buckets; sums are exact (S5).
 */
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

import { CmdrdataError } from "@cmdrdata/protocol";

import { dimensions } from "../dimensions.ts";
import type { Dimension, TimeRange, UsageQuery, UsageRow, UsageSums } from "../store.ts";
import { rollUpSums } from "./event-row.ts";
import { joinMoney } from "./money.ts";
import type { Prepare } from "./prepared.ts";
import { inTransaction } from "./transaction.ts";

type Columns = Readonly<Record<string, SQLOutputValue>>;

/** @throws CmdrdataError `CMDR_QUERY_INVALID` for a dimension that does not exist */
export function readUsage(database: DatabaseSync, prepare: Prepare, query: UsageQuery): readonly UsageRow[] {
  const statement = prepare(selectUsage(query.groupBy));
  const rowsOf = ({ startMs, endMs }: TimeRange): readonly UsageRow[] =>
    statement.all(query.tenant, startMs, endMs).map((columns) => ({
      rangeStartMs: startMs,
      group: groupOf(columns, query.groupBy),
      sums: sumsOf(columns),
    }));
  return inTransaction(database, "DEFERRED", () => query.ranges.flatMap(rowsOf));
}

function selectUsage(groupBy: readonly Dimension[]): string {
  const unknown = groupBy.find((dimension) => !dimensions.includes(dimension));
  if (unknown !== undefined) {
    throw new CmdrdataError("CMDR_QUERY_INVALID", `expected dimensions of ${dimensions.join(", ")}, got ${unknown}`);
  }
  const groups = groupBy.join(", ");
  const sums = rollUpSums.map((column) => `sum(${column}) AS ${column}`);
  return `SELECT ${[...groupBy, ...sums].join(", ")},
      sum(iif(error_type = '', 0, calls)) AS errors,
      sum(iif(customer_id = '', calls, 0)) AS unattributed
    FROM usage_15m
    WHERE tenant = ? AND bucket_start_ms >= ? AND bucket_start_ms < ?
    ${groups === "" ? "HAVING count(*) > 0" : `GROUP BY ${groups} ORDER BY ${groups}`}`;
}

function groupOf(columns: Columns, groupBy: readonly Dimension[]): UsageRow["group"] {
  return Object.fromEntries(
    groupBy.map((dimension) => [dimension, columns[dimension] === "" ? null : columns[dimension]]),
  );
}

function sumsOf(columns: Columns): UsageSums {
  const integer = (name: string): bigint => columns[name] as bigint;
  const count = (name: string): number => Number(columns[name]);
  return {
    calls: count("calls"),
    errors: count("errors"),
    unattributed: count("unattributed"),
    inputTokens: count("input_tokens"),
    cachedInputTokens: count("cached_input_tokens"),
    outputTokens: count("output_tokens"),
    reasoningTokens: count("reasoning_tokens"),
    totalTokens: count("total_tokens"),
    costPicoUsd: joinMoney(integer("cost_milli_usd"), integer("cost_rest_pico_usd")),
    unpricedCalls: count("unpriced_calls"),
    durationUs: count("duration_us"),
    timedCalls: count("timed_calls"),
  };
}
