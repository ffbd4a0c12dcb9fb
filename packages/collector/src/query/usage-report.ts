/**
 * The answer of `GET /api/v1/usage`.
 *
 * Promise: the total is the sum of the rows, to the integer (S5); a cost is an exact decimal; unpriced calls are counted
 * beside it, never as $0 (S6).
 */
import type { Dimension, UsageRow, UsageSums } from "@cmdrdata/storage";
import { stringify } from "csv-stringify/sync";

import type { UsageQuestion } from "./usage-query.ts";

/** Sums as they are reported. `cost_usd` covers the priced calls; `duration_ms_avg` those whose duration is known. */
export interface ReportedSums {
  readonly calls: number;
  readonly errors: number;
  readonly unattributed: number;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly total_tokens: number;
  readonly cost_usd: string;
  readonly unpriced_calls: number;
  readonly duration_ms_avg: number | null;
}

/** A row: the grouped dimensions, `start` where an interval was asked for, the sums. */
export type ReportedRow = { readonly [D in Dimension]?: string | null } & { readonly start?: string } & ReportedSums;

export interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly tz: string;
  readonly interval: string | null;
  readonly group_by: readonly Dimension[];
  readonly rows: readonly ReportedRow[];
  readonly total: ReportedSums;
}

export function reportUsage(question: UsageQuestion, rows: readonly UsageRow[]): UsageReport {
  const labels = new Map(question.ranges.map(({ startMs, start }) => [startMs, start]));
  const grouped = question.groupBy.length > 0 || question.interval !== null;
  return {
    from: new Date(question.startMs).toISOString(),
    to: new Date(question.endMs).toISOString(),
    tz: question.timeZone,
    interval: question.interval,
    group_by: question.groupBy,
    rows: grouped
      ? rows.map((row) => ({
          ...row.group,
          ...(question.interval === null ? {} : { start: labels.get(row.rangeStartMs) ?? "" }),
          ...reportSums(row.sums),
        }))
      : [],
    total: reportSums(rows.map(({ sums }) => sums).reduce(add, noUsage)),
  };
}

/** The rows as CSV with a header line; texts that a spreadsheet would run as a formula are escaped with a quote. */
export function reportAsCsv(report: UsageReport): string {
  const columns = [...report.group_by, ...(report.interval === null ? [] : ["start"]), ...Object.keys(report.total)];
  const rows =
    report.rows.length === 0 && report.group_by.length === 0 && report.interval === null ? [report.total] : report.rows;
  return stringify([...rows], { header: true, columns, escape_formulas: true });
}

/** An amount of pico-USD as an exact decimal number of US dollars, without exponent or trailing zeros: `0.000123`. */
export function formatUsd(picoUsd: bigint): string {
  const digits = (picoUsd < 0n ? -picoUsd : picoUsd).toString().padStart(13, "0");
  const fraction = digits.slice(-12).replace(/0+$/, "");
  return `${picoUsd < 0n ? "-" : ""}${digits.slice(0, -12)}${fraction === "" ? "" : `.${fraction}`}`;
}

const noUsage: UsageSums = {
  calls: 0,
  errors: 0,
  unattributed: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
  costPicoUsd: 0n,
  unpricedCalls: 0,
  durationUs: 0,
  timedCalls: 0,
};

function add(a: UsageSums, b: UsageSums): UsageSums {
  return {
    calls: a.calls + b.calls,
    errors: a.errors + b.errors,
    unattributed: a.unattributed + b.unattributed,
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    totalTokens: a.totalTokens + b.totalTokens,
    costPicoUsd: a.costPicoUsd + b.costPicoUsd,
    unpricedCalls: a.unpricedCalls + b.unpricedCalls,
    durationUs: a.durationUs + b.durationUs,
    timedCalls: a.timedCalls + b.timedCalls,
  };
}

function reportSums(sums: UsageSums): ReportedSums {
  return {
    calls: sums.calls,
    errors: sums.errors,
    unattributed: sums.unattributed,
    input_tokens: sums.inputTokens,
    cached_input_tokens: sums.cachedInputTokens,
    output_tokens: sums.outputTokens,
    reasoning_tokens: sums.reasoningTokens,
    total_tokens: sums.totalTokens,
    cost_usd: formatUsd(sums.costPicoUsd),
    unpriced_calls: sums.unpricedCalls,
    duration_ms_avg: sums.timedCalls === 0 ? null : Math.round(sums.durationUs / sums.timedCalls) / 1_000,
  };
}
