/**
 * Reads the parameters of `GET /api/v1/usage`.
 *
 * Promise: what is wrong is said for all parameters at once, with what was expected and what came; nothing is guessed.
 */
import { CmdrdataError } from "@cmdrdata/protocol";
import { bucketMs, type GroupKey, type TimeRange, type UsageFilter } from "@cmdrdata/storage";

import { dimensions } from "./dimension-names.ts";
import { type FilterParameters, isDimension, isMetadataKey, readFilters } from "./read-filters.ts";
import {
  cutIntoIntervals,
  floorToBucket,
  type Interval,
  intervals,
  isTimeZone,
  type LabelledRange,
  raiseToBucket,
} from "../time-ranges.ts";
import { type Order, orders } from "./top-rows.ts";

/** The parameters as they came. */
export interface UsageParameters extends FilterParameters {
  readonly from?: string;
  readonly to?: string;
  readonly group_by?: string;
  readonly interval?: string;
  readonly tz?: string;
  readonly format?: string;
  readonly top?: string;
  readonly order?: string;
}

/** The question, complete. Without an interval there is one range: the whole stretch. */
export interface UsageQuestion extends TimeRange {
  readonly timeZone: string;
  readonly interval: Interval | null;
  readonly groupBy: readonly GroupKey[];
  readonly filters: readonly UsageFilter[];
  readonly ranges: readonly LabelledRange[];
  readonly format: "json" | "csv";
  /** How many groups to tell apart; all without it. */
  readonly top: number | null;
  readonly order: Order;
}

const defaultStretchMs = 30 * 86_400_000;
/** 15-minute rows of a month, hourly ones of four months: more is an export, not a question. */
const mostRanges = 3_000;
const mostTop = 1_000;

/**
 * @param nowMs - epoch ms; by default the question covers the 30 days up to the end of the bucket this lies in
 * @throws CmdrdataError `CMDR_QUERY_INVALID` listing every parameter that is wrong
 */
export function readUsageQuestion(given: UsageParameters, nowMs: number): UsageQuestion {
  const problems: string[] = [];
  const stretch = readStretch(given, nowMs, problems);
  const timeZone = given.tz ?? "UTC";
  if (!isTimeZone(timeZone))
    problems.push(`tz: expected an IANA time zone such as Asia/Kolkata, got ${quote(timeZone)}`);
  const interval = readOneOf("interval", given.interval, intervals, problems);
  const format = readOneOf("format", given.format, ["json", "csv"] as const, problems) ?? "json";
  const groupBy = readGroupBy(given.group_by, problems);
  const filters = readFilters(given, problems);
  const top = readTop(given.top, problems);
  const order = readOneOf("order", given.order, orders, problems) ?? "cost";
  checkMetadataKeys([...groupBy, ...filters.map(({ key }) => key)], problems);
  if (problems.length === 0 && interval !== null) checkSize(stretch, interval, problems);
  if (problems.length > 0) throw new CmdrdataError("CMDR_QUERY_INVALID", problems.join("; "));
  const ranges = interval === null ? [{ ...stretch, start: "" }] : cutIntoIntervals(stretch, interval, timeZone);
  return { ...stretch, timeZone, interval, groupBy, filters, ranges, format, top, order };
}

interface Times {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** @returns the bucket-aligned stretch of `from` and `to`; by default the 30 days up to now */
export function readStretch(given: Times, nowMs: number, problems: string[]): TimeRange {
  const { startMs, endMs } = readTimes(given, nowMs, problems);
  return { startMs: floorToBucket(startMs), endMs: raiseToBucket(endMs) };
}

/** The same to the millisecond. */
export function readTimes(given: Times, nowMs: number, problems: string[]): TimeRange {
  const to = readTime("to", given.to, problems) ?? floorToBucket(nowMs) + bucketMs;
  const from = readTime("from", given.from, problems) ?? to - defaultStretchMs;
  if (from >= to && problems.length === 0) problems.push("from: expected a time before to");
  return { startMs: from, endMs: to };
}

const timeForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function readTime(name: string, text: string | undefined, problems: string[]): number | undefined {
  if (text === undefined) return undefined;
  // A "+" of an offset arrives as a space where a client did not encode it.
  const epochMs = timeForm.test(text.replace(" ", "+")) ? Date.parse(text.replace(" ", "+")) : Number.NaN;
  if (epochMs >= 0 && isDay(text.slice(0, 10))) return epochMs;
  problems.push(`${name}: expected ISO 8601 with a zone (2026-11-01T00:00:00Z) or a date (UTC), got ${quote(text)}`);
  return undefined;
}

/** `Date.parse` turns 30 February into 2 March; nothing is guessed here. */
function isDay(day: string): boolean {
  return new Date(Date.parse(day)).toISOString().startsWith(day);
}

function readGroupBy(text: string | undefined, problems: string[]): readonly GroupKey[] {
  if (text === undefined || text === "") return [];
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!isDimension(name) && !isMetadataKey(name))
      problems.push(`group_by: expected any of ${dimensions.join(", ")}, metadata.KEY, got ${quote(name)}`);
  }
  return [...new Set(names)] as GroupKey[];
}

function checkMetadataKeys(keys: readonly GroupKey[], problems: string[]): void {
  const names = new Set(keys.filter(isMetadataKey));
  if (names.size > 1)
    problems.push(`metadata: expected at most one key in group_by and filters, got ${quote([...names].join(", "))}`);
}

function readTop(text: string | undefined, problems: string[]): number | null {
  if (text === undefined) return null;
  const top = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (top >= 1 && top <= mostTop) return top;
  problems.push(`top: expected a number from 1 to ${mostTop}, got ${quote(text)}`);
  return null;
}

function readOneOf<T extends string>(
  name: string,
  text: string | undefined,
  allowed: readonly T[],
  problems: string[],
): T | null {
  if (text === undefined) return null;
  const found = allowed.find((each) => each === text);
  if (found === undefined) problems.push(`${name}: expected one of ${allowed.join(", ")}, got ${quote(text)}`);
  return found ?? null;
}

const intervalMs: Readonly<Record<Interval, number>> = {
  "15m": bucketMs,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_419_200_000,
};

function checkSize(stretch: TimeRange, interval: Interval, problems: string[]): void {
  const count = Math.ceil((stretch.endMs - stretch.startMs) / intervalMs[interval]);
  if (count > mostRanges)
    problems.push(`interval: expected at most ${mostRanges} intervals between from and to, got ${count}`);
}

export function quote(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
