/**
 * Usage as a table for a terminal.
 *
 * Promise: a cost is shown with `$`; calls without a price are shown beside it, never as $0; the row without a customer
 * is labelled `unattributed`; texts are shown without control characters.
 */
import type { ReportedRow, ReportedSums, UsageReport } from "@cmdrdata/collector";
import Table from "cli-table3";

const sumColumns = ["calls", "errors", "input", "cached", "output", "reasoning", "cost", "avg latency"] as const;

export function usageTable(report: UsageReport): string {
  const labels = [...(report.interval === null ? [] : ["start"]), ...report.group_by];
  const table = new Table({
    head: [...labels.map((label) => label.replace("customer_id", "customer")), ...sumColumns],
    colAligns: [...labels.map(() => "left" as const), ...sumColumns.map(() => "right" as const)],
    style: { head: [], border: [] },
  });
  for (const row of report.rows) table.push([...labels.map((label) => labelOf(row, label)), ...cells(row)]);
  table.push([...labels.map((_label, index) => (index === 0 ? "total" : "")), ...cells(report.total)]);
  const stretch = `Usage from ${report.from} to ${report.to} (${report.tz})`;
  return `${stretch}\n${table.toString()}\n`;
}

function labelOf(row: ReportedRow, label: string): string {
  if (label === "start") return row.start ?? "";
  const value = row[label as keyof typeof row];
  if (typeof value === "string") return value;
  return label === "customer_id" ? "unattributed" : "(none)";
}

function cells(sums: ReportedSums): readonly string[] {
  return [
    grouped(sums.calls),
    grouped(sums.errors),
    grouped(sums.input_tokens),
    grouped(sums.cached_input_tokens),
    grouped(sums.output_tokens),
    grouped(sums.reasoning_tokens),
    cost(sums),
    sums.duration_ms_avg === null ? "-" : `${grouped(Math.round(sums.duration_ms_avg))} ms`,
  ];
}

function cost(sums: ReportedSums): string {
  const priced = sums.calls > sums.unpriced_calls || sums.calls === 0 ? `$${sums.cost_usd}` : "";
  const unpriced = sums.unpriced_calls > 0 ? `${grouped(sums.unpriced_calls)} unpriced` : "";
  return [priced, unpriced].filter((part) => part !== "").join(" + ");
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
