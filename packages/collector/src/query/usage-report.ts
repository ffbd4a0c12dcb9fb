/**
 * The answer of `GET /api/v1/usage`.
 *
 * Promise: the total is the sum of the rows, to the integer (S5); a cost is an exact decimal; unpriced calls are counted
 * beside it, never as $0 (S6).
 */
import { addSums, type GroupKey, noUsage, type UsageRow, type UsageSums } from "@cmdrdata/storage";

import { formatUsd } from "./format-usd.ts";
import { keepTop, type RankedRow } from "./top-rows.ts";
import type { UsageQuestion } from "./usage-query.ts";
import { writeCsv } from "./write-csv.ts";

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

/**
 * A row: the grouped dimensions, `start` where an interval was asked for, the sums. With `top` each row has `other`; the one
 * for which it is true is the sum of all groups that have no row, and has no dimensions.
 */
export type ReportedRow = { readonly [K in GroupKey]?: string | null } & {
  readonly start?: string;
  readonly other?: boolean;
} & ReportedSums;

export interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly tz: string;
  readonly interval: string | null;
  readonly group_by: readonly GroupKey[];
  readonly rows: readonly ReportedRow[];
  readonly total: ReportedSums;
}

export function reportUsage(question: UsageQuestion, rows: readonly UsageRow[]): UsageReport {
  const grouped = question.groupBy.length > 0 || question.interval !== null;
  return {
    from: new Date(question.startMs).toISOString(),
    to: new Date(question.endMs).toISOString(),
    tz: question.timeZone,
    interval: question.interval,
    group_by: question.groupBy,
    rows: grouped ? reportRows(question, rows) : [],
    total: reportSums(rows.map(({ sums }) => sums).reduce(addSums, noUsage)),
  };
}

function reportRows(question: UsageQuestion, rows: readonly UsageRow[]): readonly ReportedRow[] {
  const { groupBy, top, order, interval } = question;
  const labels = new Map(question.ranges.map(({ startMs, start }) => [startMs, start]));
  const ranked: readonly (UsageRow & Partial<RankedRow>)[] =
    top === null ? rows : keepTop(rows, { top, order, groupBy });
  return ranked.map((row) => ({
    ...row.group,
    ...(interval === null ? {} : { start: labels.get(row.rangeStartMs) ?? "" }),
    ...(row.other === undefined ? {} : { other: row.other }),
    ...reportSums(row.sums),
  }));
}

/** The report in the form that is asked for, in UTF-8. */
export function writeReport(question: UsageQuestion, rows: readonly UsageRow[]): ArrayBuffer {
  const report = reportUsage(question, rows);
  return new TextEncoder().encode(question.format === "json" ? JSON.stringify(report) : reportAsCsv(report)).buffer;
}

/** The rows as CSV with a header line; texts that a spreadsheet would run as a formula are escaped with a quote. */
function reportAsCsv(report: UsageReport): string {
  const columns = [
    ...report.group_by,
    ...(report.interval === null ? [] : ["start"]),
    ...(report.rows.some((row) => Object.hasOwn(row, "other")) ? ["other"] : []),
    ...Object.keys(report.total),
  ];
  const sumsAlone = report.rows.length === 0 && report.group_by.length === 0 && report.interval === null;
  return writeCsv(columns, sumsAlone ? [report.total] : report.rows, true);
}

export function reportSums(sums: UsageSums): ReportedSums {
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
