/**
 * Answers a usage query from the roll-ups alone.
 *
 * Promise: one snapshot; sums are exact (S5). A question about few customers looks up their rows bucket by bucket and does
 * not read those of the others.
 */
import { CmdrdataError } from "@cmdrdata/protocol";

import { dimensions } from "../dimensions.ts";
import { bucketMs, type GroupKey, type TimeRange, type UsageFilter, type UsageQuery, type UsageRow } from "../store.ts";
import { metadataKeyOf, requireDimension } from "./metadata-dimension.ts";
import { createParameters, type List, type Parameters, type Sql } from "./sql.ts";
import { dayViewFor, planSpans, type Span } from "./usage-plan.ts";
import { addSums, sumColumns, sumsOf } from "./usage-sums.ts";

/** A row with the first and the last bucket it has calls in. */
export interface SeenUsageRow extends UsageRow {
  readonly firstBucketMs: number;
  readonly lastBucketMs: number;
}

/**
 * How an engine finds the buckets of many spans: `seek` looks each span up in the index (SQLite), `hash` reads the whole stretch
 * and asks of each bucket which span it is in. PostgreSQL would compare each row it has with each span otherwise.
 */
export type SpanJoin = "seek" | "hash";

/** @throws CmdrdataError `CMDR_QUERY_INVALID` for a key that does not exist, `CMDR_DIMENSION_NOT_READY` */
export async function readUsage(sql: Sql, query: UsageQuery, join: SpanJoin): Promise<readonly UsageRow[]> {
  const rows = await readSeenUsage(sql, query, join);
  return rows.map(({ rangeStartMs, group, sums }) => ({ rangeStartMs, group, sums }));
}

/** The same, with when the calls of a row were. */
export async function readSeenUsage(sql: Sql, query: UsageQuery, join: SpanJoin): Promise<readonly SeenUsageRow[]> {
  const { ranges, groupBy, filters = [] } = query;
  const metadataKey = metadataKeyIn([...groupBy, ...filters.map(({ key }) => key)]);
  if (ranges.length === 0) return [];
  return sql.snapshot(async (now) => {
    const built = await builtDays(now, query);
    const { days, buckets } = planSpans(ranges, built);
    const dimensionId = metadataKey === undefined ? null : await requireDimension(now, query.tenant, metadataKey);
    const rows = [
      ...(days.length === 0 ? [] : await rowsOfDays(now, query, { days, built })),
      ...(buckets.length === 0 ? [] : await rowsOf(now, query, selectBuckets(query, { buckets, join, dimensionId }))),
    ];
    return days.length > 0 && buckets.length > 0 ? mergeRows(rows, ranges, groupBy) : rows;
  });
}

/** @returns the one metadata key among the keys */
function metadataKeyIn(keys: readonly GroupKey[]): string | undefined {
  const names = new Set<string>();
  for (const key of keys) {
    const name = metadataKeyOf(key);
    if (name !== undefined) names.add(name);
    else if (!dimensions.some((each) => each === key)) {
      throw new CmdrdataError("CMDR_QUERY_INVALID", `expected dimensions of ${dimensions.join(", ")}, got ${key}`);
    }
  }
  if (names.size > 1) {
    const message = `expected at most one metadata key in groups and filters, got ${[...names].join(", ")}`;
    throw new CmdrdataError("CMDR_QUERY_INVALID", message);
  }
  return [...names][0];
}

/** The days that are summed up, where a view of them can answer the query. */
async function builtDays(sql: Sql, query: UsageQuery): Promise<readonly TimeRange[]> {
  if (viewOf(query) === undefined) return [];
  const rows = await sql.all(
    `SELECT day_start_ms, day_end_ms FROM usage_day_built
      WHERE tenant = $1 AND day_start_ms >= $2 AND day_end_ms <= $3 AND building = 0 ORDER BY day_start_ms`,
    [query.tenant, (query.ranges[0] as TimeRange).startMs, (query.ranges.at(-1) as TimeRange).endMs],
  );
  return rows.map((row) => ({ startMs: Number(row["day_start_ms"]), endMs: Number(row["day_end_ms"]) }));
}

function viewOf({ groupBy, filters = [] }: UsageQuery): ReturnType<typeof dayViewFor> {
  return dayViewFor([...groupBy, ...filters.map(({ key }) => key)]);
}

interface Statement {
  readonly text: string;
  readonly parameters: Parameters;
}

async function rowsOf(sql: Sql, { groupBy }: UsageQuery, statement: Statement): Promise<readonly SeenUsageRow[]> {
  const lists = await sql.lists(statement.text, statement.parameters.values);
  const sumsFrom = 1 + groupBy.length;
  const bucketsFrom = sumsFrom + sumColumns.length;
  return lists.map((list) => ({
    rangeStartMs: Number(list[0]),
    group: groupOf(list, groupBy),
    sums: sumsOf(list, sumsFrom),
    firstBucketMs: Number(list[bucketsFrom]),
    lastBucketMs: Number(list[bucketsFrom + 1]),
  }));
}

/** What days are in the question, and all that are built. */
interface DayQuestion {
  readonly days: readonly Span[];
  readonly built: readonly TimeRange[];
}

/** Rows that are groups already are only read and put in order: adding up each alone takes twice as long. */
async function rowsOfDays(sql: Sql, query: UsageQuery, question: DayQuestion): Promise<readonly SeenUsageRow[]> {
  if (!areGroups(query, question)) return rowsOf(sql, query, selectDays(query, question.days, added));
  const rows = await rowsOf(sql, query, selectDays(query, question.days, single));
  const byRange = Map.groupBy(rows, ({ rangeStartMs }) => rangeStartMs);
  return question.days.flatMap(({ rangeStartMs }) => sortedByGroup(byRange.get(rangeStartMs) ?? [], query.groupBy));
}

/** Whether each row of the view is a group by itself: one day in each range, and no key of the view that is not asked for. */
function areGroups(query: UsageQuery, { days, built }: DayQuestion): boolean {
  const ends = new Map(built.map(({ startMs, endMs }) => [startMs, endMs]));
  const keys = viewOf(query)?.keys ?? [];
  return (
    keys.every((key) => query.groupBy.includes(key)) &&
    days.every(({ startMs, endMs }) => ends.get(startMs) === endMs) &&
    new Set(days.map(({ rangeStartMs }) => rangeStartMs)).size === days.length
  );
}

/** A group's columns are numbered: the name of a metadata key is the tenant's, and no SQL. */
function groupOf(list: List, groupBy: readonly GroupKey[]): UsageRow["group"] {
  const group: { [K in GroupKey]?: string | null } = {};
  for (const [index, key] of groupBy.entries()) {
    const value = list[1 + index] as string;
    group[key] = value === "" ? null : value;
  }
  return group;
}

function selectDays(query: UsageQuery, days: readonly Span[], ways: SumWays): Statement {
  // `days` is empty where there is no view.
  const { view, keys } = viewOf(query) as NonNullable<ReturnType<typeof viewOf>>;
  const parameters = createParameters();
  const column = (key: GroupKey): string => (keys[0] === key ? "u.value" : "u.second_value");
  const spans = spansOf(days, parameters);
  const text = `WITH ${spans} ${selectSums(query, column, daySums, ways)}
    FROM spans CROSS JOIN usage_day_built b CROSS JOIN usage_day u
    WHERE b.tenant = ${parameters.add(query.tenant)} AND b.day_start_ms >= span_start AND b.day_start_ms < span_end
      AND u.tenant = b.tenant AND u.view = ${parameters.add(view)} AND u.day_start_ms = b.day_start_ms
      ${filtersOf(query.filters, column, parameters)}
    ${ways === added ? groupAndOrder(query) : ""}`;
  return { text, parameters };
}

const daySums = {
  errors: "u.errors",
  unattributed: "u.unattributed",
  first: "u.first_bucket_ms",
  last: "u.last_bucket_ms",
};

const bucketSums = {
  errors: "CASE WHEN u.error_type = '' THEN 0 ELSE u.calls END",
  unattributed: "CASE WHEN u.customer_id = '' THEN u.calls ELSE 0 END",
  first: "u.bucket_start_ms",
  last: "u.bucket_start_ms",
};

interface BucketQuestion {
  /** At least one, in order. */
  readonly buckets: readonly Span[];
  readonly join: SpanJoin;
  readonly dimensionId: number | null;
}

function selectBuckets(query: UsageQuery, { buckets, join, dimensionId }: BucketQuestion): Statement {
  const parameters = createParameters();
  const column = (key: GroupKey): string => (metadataKeyOf(key) === undefined ? `u.${key}` : "u.metadata_value");
  const spans = spansOf(buckets, parameters);
  const fewRows = dimensionId === null && asksForFewCustomers(query.filters);
  const byPlace = fewRows || (join === "hash" && buckets.length > 1);
  const places = byPlace
    ? `, places (range_start_ms, place, span_end) AS (
        SELECT range_start_ms, span_start, span_end FROM spans
        UNION ALL SELECT range_start_ms, place + ${bucketMs}, span_end FROM places WHERE place + ${bucketMs} < span_end)`
    : "";
  const table = dimensionId === null ? "usage_15m" : "usage_15m_metadata";
  const text = `WITH RECURSIVE ${spans}${places} ${selectSums(query, column, bucketSums, added)}
    FROM ${byPlace ? "places" : "spans"} CROSS JOIN ${table} u
    WHERE u.tenant = ${parameters.add(query.tenant)}
      ${dimensionId === null ? "" : `AND u.dimension_id = ${parameters.add(dimensionId)}`}
      AND ${byPlace ? "u.bucket_start_ms = place" : "u.bucket_start_ms >= span_start AND u.bucket_start_ms < span_end"}
      ${join === "hash" ? withinAll(buckets, parameters) : ""}
      ${filtersOf(query.filters, column, parameters)}
    ${groupAndOrder(query)}`;
  return { text, parameters };
}

/** For the planner, which does not know what the spans are. */
function withinAll(spans: readonly Span[], parameters: Parameters): string {
  const startMs = parameters.add(Math.min(...spans.map((span) => span.startMs)));
  const endMs = parameters.add(Math.max(...spans.map((span) => span.endMs)));
  return `AND u.bucket_start_ms >= ${startMs} AND u.bucket_start_ms < ${endMs}`;
}

/** Beyond these, reading everybody's rows costs less than a look-up per customer and bucket. */
const fewCustomers = 20;

function asksForFewCustomers(filters: readonly UsageFilter[] = []): boolean {
  return filters.some(({ key, values }) => key === "customer_id" && values.length <= fewCustomers);
}

function spansOf(spans: readonly Span[], parameters: Parameters): string {
  const bigint = (value: number): string => `CAST(${parameters.add(value)} AS BIGINT)`;
  const rows = spans.map(
    ({ rangeStartMs, startMs, endMs }) => `(${[rangeStartMs, startMs, endMs].map(bigint).join()})`,
  );
  return `spans (range_start_ms, span_start, span_end) AS (VALUES ${rows.join(", ")})`;
}

/** How the columns of a group are made of its rows: added up, or taken from the only one. */
interface SumWays {
  readonly sum: (expression: string) => string;
  readonly first: (expression: string) => string;
  readonly last: (expression: string) => string;
}

const added: SumWays = {
  sum: (expression) => `CAST(sum(${expression}) AS BIGINT)`,
  first: (expression) => `min(${expression})`,
  last: (expression) => `max(${expression})`,
};
const itself = (expression: string): string => expression;
const single: SumWays = { sum: itself, first: itself, last: itself };

/** The columns as {@link rowsOf} reads them: the range, the groups, {@link sumColumns}, the first bucket and the last. */
function selectSums(
  { groupBy }: UsageQuery,
  column: (key: GroupKey) => string,
  more: { readonly errors: string; readonly unattributed: string; readonly first: string; readonly last: string },
  ways: SumWays,
): string {
  const sum = (expression: string, name: string): string => `${ways.sum(expression)} AS ${name}`;
  return `SELECT ${[
    "range_start_ms",
    ...groupBy.map((key, index) => `${column(key)} AS group_${index}`),
    ...sumColumns.map((name) => sum(name === "errors" || name === "unattributed" ? more[name] : `u.${name}`, name)),
    `${ways.first(more.first)} AS first_bucket_ms`,
    `${ways.last(more.last)} AS last_bucket_ms`,
  ].join(", ")}`;
}

function filtersOf(
  filters: readonly UsageFilter[] = [],
  column: (key: GroupKey) => string,
  parameters: Parameters,
): string {
  return filters
    .map(({ key, values }) => `AND ${column(key)} IN ${parameters.list(values.map((value) => value ?? ""))}`)
    .join(" ");
}

function groupAndOrder({ groupBy }: UsageQuery): string {
  const columns = ["range_start_ms", ...groupBy.map((_key, index) => `group_${index}`)].join(", ");
  return `GROUP BY ${columns} ORDER BY ${columns}`;
}

/** Puts together the rows of a range that was read from two tables. */
function mergeRows(
  rows: readonly SeenUsageRow[],
  ranges: readonly TimeRange[],
  groupBy: readonly GroupKey[],
): readonly SeenUsageRow[] {
  const byRange = new Map<number, Map<string, SeenUsageRow>>(ranges.map(({ startMs }) => [startMs, new Map()]));
  for (const row of rows) {
    const groups = byRange.get(row.rangeStartMs) as Map<string, SeenUsageRow>;
    const key = JSON.stringify(groupBy.map((name) => row.group[name]));
    const known = groups.get(key);
    groups.set(key, known === undefined ? row : mergeTwo(known, row));
  }
  return [...byRange.values()].flatMap((groups) => sortedByGroup([...groups.values()], groupBy));
}

function mergeTwo(a: SeenUsageRow, b: SeenUsageRow): SeenUsageRow {
  return {
    ...a,
    sums: addSums(a.sums, b.sums),
    firstBucketMs: Math.min(a.firstBucketMs, b.firstBucketMs),
    lastBucketMs: Math.max(a.lastBucketMs, b.lastBucketMs),
  };
}

function sortedByGroup(rows: readonly SeenUsageRow[], groupBy: readonly GroupKey[]): readonly SeenUsageRow[] {
  return rows.toSorted((a, b) => {
    for (const key of groupBy) {
      const [left, right] = [a.group[key] ?? "", b.group[key] ?? ""];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  });
}
