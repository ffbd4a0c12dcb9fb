/**
 * Usage as a table for a terminal.
 *
 * Promise: a cost is shown with `$`, exact, the points one below the other; calls without a price are shown beside it,
 * never as $0; calls without a customer come last, as `unattributed`; a column of zeros is left out.
 */
import type { ReportedRow, ReportedSums, UsageReport } from "@cmdrdata/collector";
import Table from "cli-table3";

interface Column {
  readonly title: string;
  readonly cell: (sums: ReportedSums) => string;
  /** Whether the column says anything for these sums. */
  readonly needed?: (total: ReportedSums) => boolean;
}

export function usageTable(report: UsageReport): string {
  const labels = [...(report.interval === null ? [] : ["start"]), ...report.group_by];
  const columns = sumColumns(report).filter(({ needed }) => needed?.(report.total) ?? true);
  const table = new Table({
    head: [...labels.map((label) => label.replace("customer_id", "customer")), ...columns.map(({ title }) => title)],
    colAligns: [...labels.map(() => "left" as const), ...columns.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  const cells = (sums: ReportedSums): string[] => columns.map(({ cell }) => cell(sums));
  for (const row of unattributedLast(report.rows)) {
    table.push([...labels.map((label) => labelOf(row, label)), ...cells(row)]);
  }
  if (report.rows.length > 0) table.push([...labels, ...columns].map(() => ""));
  table.push([...labels.map((_label, index) => (index === 0 ? "total" : "")), ...cells(report.total)]);
  return `Usage from ${report.from} to ${report.to} (${report.tz})\n${table.toString()}\n`;
}

function sumColumns(report: UsageReport): readonly Column[] {
  const decimals = Math.max(2, ...[...report.rows, report.total].map(({ cost_usd }) => decimalsOf(cost_usd)));
  return [
    { title: "calls", cell: ({ calls }) => grouped(calls) },
    { title: "errors", cell: ({ errors }) => grouped(errors), needed: ({ errors }) => errors > 0 },
    { title: "input", cell: ({ input_tokens }) => grouped(input_tokens) },
    {
      title: "cached",
      cell: ({ cached_input_tokens }) => grouped(cached_input_tokens),
      needed: ({ cached_input_tokens }) => cached_input_tokens > 0,
    },
    { title: "output", cell: ({ output_tokens }) => grouped(output_tokens) },
    {
      title: "reasoning",
      cell: ({ reasoning_tokens }) => grouped(reasoning_tokens),
      needed: ({ reasoning_tokens }) => reasoning_tokens > 0,
    },
    { title: "cost", cell: (sums) => costOf(sums, decimals) },
    {
      title: "unpriced",
      cell: ({ unpriced_calls }) => grouped(unpriced_calls),
      needed: ({ unpriced_calls }) => unpriced_calls > 0,
    },
    { title: "latency", cell: latencyOf },
  ];
}

function unattributedLast(rows: readonly ReportedRow[]): readonly ReportedRow[] {
  return [
    ...rows.filter(({ customer_id }) => customer_id !== null),
    ...rows.filter(({ customer_id }) => customer_id === null),
  ];
}

function labelOf(row: ReportedRow, label: string): string {
  if (row.other === true) return "(other)";
  const value = row[label as keyof ReportedRow];
  if (typeof value === "string") return value;
  return label === "customer_id" ? "unattributed" : "(none)";
}

/** Every row with the same number of decimals, none cut off; a row of unpriced calls only has no cost to show. */
function costOf(sums: ReportedSums, decimals: number): string {
  if (sums.calls > 0 && sums.calls === sums.unpriced_calls) return "unpriced";
  const [whole = "0", fraction = ""] = sums.cost_usd.split(".");
  return `$${whole}.${fraction.padEnd(decimals, "0")}`;
}

function decimalsOf(amount: string): number {
  return amount.split(".")[1]?.length ?? 0;
}

/** The average over the calls whose duration is known. */
function latencyOf({ duration_ms_avg }: ReportedSums): string {
  return duration_ms_avg === null ? "-" : `${grouped(Math.round(duration_ms_avg))} ms`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
