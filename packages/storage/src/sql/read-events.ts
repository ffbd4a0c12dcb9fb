/** Pages of events, chosen by an index that holds all they are chosen by, but for dimensions other than the customer. */
import type { FieldProblem } from "@cmdrdata/protocol";

import { dimensions } from "../dimensions.ts";
import type { BodyReference, EventCursor, EventQuery, EventSummary, Page } from "../ledger-reader.ts";
import type { Dimension } from "../store.ts";
import { createParameters, type Parameters, type Row, type Sql } from "./sql.ts";
import { moneyOf } from "./usage-sums.ts";

export const summaryColumns: string = [
  "event_id",
  "sequence",
  "event_time_ms",
  "received_at_ms",
  ...dimensions,
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_tokens",
  "total_tokens",
  "duration_us",
  "cost_milli_usd",
  "cost_rest_pico_usd",
  "unpriced_reason",
  "problems",
].join(", ");

/** @param counted - a condition that leaves out rows that are in no sum, where the engine has such */
export async function readEvents(sql: Sql, query: EventQuery, counted = ""): Promise<Page<EventSummary, EventCursor>> {
  const parameters = createParameters();
  const { startMs, endMs, after, limit } = query;
  const conditions = [
    `tenant = ${parameters.add(query.tenant)}`,
    `event_time_ms >= ${parameters.add(startMs)}`,
    `event_time_ms < ${parameters.add(endMs)}`,
    ...filterConditions(query, parameters),
  ];
  if (after !== undefined) {
    // The first part alone would do; it lets the index begin there.
    conditions.push(
      `event_time_ms <= ${parameters.add(after.eventTimeMs)}`,
      `(event_time_ms, sequence) < (${parameters.add(after.eventTimeMs)}, ${parameters.add(after.sequence)})`,
    );
  }
  const rows = await sql.all(
    `SELECT ${summaryColumns} FROM events WHERE ${conditions.join(" AND ")} ${counted}
      ORDER BY event_time_ms DESC, sequence DESC LIMIT ${parameters.add(limit + 1)}`,
    parameters.values,
  );
  return pageOf(rows.map(summaryOf), limit, ({ eventTimeMs, sequence }) => ({ eventTimeMs, sequence }));
}

/** One row more than asked for says that there is a next page. */
export function pageOf<Item, Cursor>(
  rows: readonly Item[],
  limit: number,
  cursorOf: (last: Item) => Cursor,
): Page<Item, Cursor> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? cursorOf(items.at(-1) as Item) : undefined };
}

function filterConditions({ filters, flag }: EventQuery, parameters: Parameters): readonly string[] {
  const conditions = filters.map(({ key, values }) => {
    const texts = values.filter((value) => value !== null);
    const some = texts.length === 0 ? [] : [`${key} IN ${parameters.list(texts)}`];
    return `(${[...some, ...(values.includes(null) ? [`${key} IS NULL`] : [])].join(" OR ")})`;
  });
  return flag === undefined ? conditions : [...conditions, `problems LIKE ${parameters.add(`%"code":"${flag}"%`)}`];
}

export function summaryOf(row: Row): EventSummary {
  const count = (name: string): number | null => (row[name] === null ? null : Number(row[name]));
  const values = dimensions.map((name) => [name, textOf(row, name)] as const);
  return {
    id: String(row["event_id"]),
    sequence: Number(row["sequence"]),
    eventTimeMs: Number(row["event_time_ms"]),
    receivedAtMs: Number(row["received_at_ms"]),
    dimensions: Object.fromEntries(values) as Record<Dimension, string | null>,
    inputTokens: count("input_tokens"),
    cachedInputTokens: count("cached_input_tokens"),
    outputTokens: count("output_tokens"),
    reasoningTokens: count("reasoning_tokens"),
    totalTokens: count("total_tokens"),
    durationUs: count("duration_us"),
    costPicoUsd: moneyOf(row) ?? null,
    unpricedReason: textOf(row, "unpriced_reason"),
    problems: problemsOf(row, "problems"),
  };
}

export function textOf(row: Row, name: string): string | null {
  return row[name] === null ? null : String(row[name]);
}

export function problemsOf(row: Row, name: string): readonly FieldProblem[] {
  return JSON.parse(String(row[name])) as readonly FieldProblem[];
}

export function bodyOf(row: Row): BodyReference | null {
  return row["body_id"] === null ? null : { bodyId: Number(row["body_id"]), position: Number(row["body_position"]) };
}
