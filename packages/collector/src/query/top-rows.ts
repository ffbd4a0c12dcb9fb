/**
 * Keeps the largest groups and adds up the rest as "other".
 *
 * Promise: the rows still add up to the total (S5). A group is in or out for the whole question, so that a chart over
 * intervals shows the same groups in each.
 */
import { addSums, type GroupKey, noUsage, type UsageRow, type UsageSums } from "@cmdrdata/storage";

/** By what groups are large. */
export const orders = ["cost", "calls"] as const;
export type Order = (typeof orders)[number];

/** A row of a report; `other` is the sum of the groups that are not among the largest. */
export interface RankedRow extends UsageRow {
  readonly other: boolean;
}

export function keepTop(
  rows: readonly UsageRow[],
  { top, order, groupBy }: { readonly top: number; readonly order: Order; readonly groupBy: readonly GroupKey[] },
): readonly RankedRow[] {
  const nameOf = ({ group }: UsageRow): string => JSON.stringify(groupBy.map((key) => group[key]));
  const totals = new Map<string, UsageSums>();
  for (const row of rows) {
    const name = nameOf(row);
    totals.set(name, addSums(totals.get(name) ?? noUsage, row.sums));
  }
  const largest = [...totals].toSorted(([nameA, a], [nameB, b]) => compare(a, b, order) || (nameA < nameB ? -1 : 1));
  const kept = new Set(largest.slice(0, top).map(([name]) => name));
  return withOther(rows, (row) => kept.has(nameOf(row)));
}

/** Each range's rows, then what is left of it. */
function withOther(rows: readonly UsageRow[], isKept: (row: UsageRow) => boolean): readonly RankedRow[] {
  const ranges = new Map<number, RankedRow[]>();
  const others = new Map<number, UsageSums>();
  for (const row of rows) {
    const { rangeStartMs } = row;
    const kept = ranges.get(rangeStartMs) ?? [];
    ranges.set(rangeStartMs, kept);
    if (isKept(row)) kept.push({ ...row, other: false });
    else others.set(rangeStartMs, addSums(others.get(rangeStartMs) ?? noUsage, row.sums));
  }
  return [...ranges].flatMap(([rangeStartMs, kept]) => {
    const sums = others.get(rangeStartMs);
    return sums === undefined ? kept : [...kept, { rangeStartMs, group: {}, sums, other: true }];
  });
}

/** Larger first; what one order calls equal the other may tell apart. */
function compare(a: UsageSums, b: UsageSums, order: Order): number {
  const byCost = Number(b.costPicoUsd > a.costPicoUsd) - Number(b.costPicoUsd < a.costPicoUsd);
  const byCalls = b.calls - a.calls;
  return order === "cost" ? byCost || byCalls : byCalls || byCost;
}
