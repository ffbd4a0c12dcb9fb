/**
 * The rows of an export, a page at a time.
 *
 * Promise: memory is bounded by a page, however long the export is. Events go on where the last page ended, so that what
 * arrives meanwhile neither shifts nor repeats a row.
 */
import type { EventCursor, EventQuery, UsageRow } from "@cmdrdata/storage";

import { reportEvent } from "./event-report.ts";
import type { Ledger } from "./reader.ts";
import { reportSums } from "./usage-report.ts";
import type { UsageQuestion } from "./usage-query.ts";

/** What a column holds, for formats that have types. */
export type ColumnType = "text" | "time" | "count" | "number";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export type ExportRow = Readonly<Record<string, unknown>>;

export interface ExportRows {
  readonly columns: readonly Column[];
  readonly pages: AsyncIterable<readonly ExportRow[]>;
}

const column =
  (type: ColumnType) =>
  (name: string): Column => ({ name, type });
const tokens = ["input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "total_tokens"];
const dimensionNames = ["customer_id", "model", "operation", "provider", "service_tier", "error_type"];

const eventColumns: readonly Column[] = [
  ...["id"].map(column("text")),
  ...["timestamp", "received_at"].map(column("time")),
  ...dimensionNames.map(column("text")),
  ...tokens.map(column("count")),
  ...["duration_ms"].map(column("number")),
  ...["cost_usd", "unpriced_reason", "flags"].map(column("text")),
];

const pageSize = 1_000;

export function exportEvents(ledger: Pick<Ledger, "events">, query: Omit<EventQuery, "limit" | "after">): ExportRows {
  return { columns: eventColumns, pages: eventPages(ledger, query) };
}

async function* eventPages(
  ledger: Pick<Ledger, "events">,
  query: Omit<EventQuery, "limit" | "after">,
): AsyncGenerator<readonly ExportRow[]> {
  let after: EventCursor | undefined;
  do {
    const page = await ledger.events({ ...query, limit: pageSize, ...(after === undefined ? {} : { after }) });
    yield page.items.map(reportEvent).map((event) => ({ ...event, flags: (event["flags"] as string[]).join(" ") }));
    after = page.next;
  } while (after !== undefined);
}

const sumColumns: readonly Column[] = [
  ...["calls", "errors", "unattributed", ...tokens].map(column("count")),
  ...["cost_usd"].map(column("text")),
  ...["unpriced_calls"].map(column("count")),
  ...["duration_ms_avg"].map(column("number")),
];

/** Intervals that are asked for together. */
const rangesAtOnce = 24;

export function exportUsage(ledger: Pick<Ledger, "usage">, tenant: string, question: UsageQuestion): ExportRows {
  const start = question.interval === null ? [] : [column("text")("start")];
  const columns = [...question.groupBy.map(column("text")), ...start, ...sumColumns];
  return { columns, pages: usagePages(ledger, tenant, question) };
}

async function* usagePages(
  ledger: Pick<Ledger, "usage">,
  tenant: string,
  { ranges, groupBy, filters }: UsageQuestion,
): AsyncGenerator<readonly ExportRow[]> {
  for (let first = 0; first < ranges.length; first += rangesAtOnce) {
    const part = ranges.slice(first, first + rangesAtOnce);
    const labels = new Map(part.map(({ startMs, start }) => [startMs, start]));
    const rows: readonly UsageRow[] = await ledger.usage({ tenant, ranges: part, groupBy, filters });
    yield rows.map(({ rangeStartMs, group, sums }) => ({
      ...group,
      start: labels.get(rangeStartMs),
      ...reportSums(sums),
    }));
  }
}
