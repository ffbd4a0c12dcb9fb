/**
 * Cuts a stretch of time into calendar intervals of a zone, each a whole number of roll-up buckets.
 *
 * Promise: the ranges are in order, do not overlap, and cover the stretch exactly, so that their sums add up (S5); days
 * of 23, 23.5 or 25 hours included.
 */
import { createRequire } from "node:module";

import { bucketMs, type TimeRange } from "@cmdrdata/storage";
import type { Temporal } from "@js-temporal/polyfill";

const load = createRequire(import.meta.url);

/** Loaded when it is first used: it takes 9 MiB, which a collector that is asked nothing does without. */
function temporal(): typeof Temporal {
  return (load("@js-temporal/polyfill") as { readonly Temporal: typeof Temporal }).Temporal;
}

export const intervals = ["15m", "hour", "day", "week", "month"] as const;

/** Length of an interval; a week starts on Monday (ISO 8601). */
export type Interval = (typeof intervals)[number];

/** A range, clipped to the stretch asked for, with the start of its whole interval as RFC 3339 in the zone. */
export interface LabelledRange extends TimeRange {
  readonly start: string;
}

/** Whether a text names an IANA time zone (`Asia/Kolkata`, `UTC`) that this runtime knows; offsets are no zones. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    temporal().Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The bucket boundary at or before a time, and at or after it. */
export const floorToBucket = (epochMs: number): number => Math.floor(epochMs / bucketMs) * bucketMs;
export const raiseToBucket = (epochMs: number): number => Math.ceil(epochMs / bucketMs) * bucketMs;

/**
 * @param stretch - bucket-aligned
 * @param timeZone - an IANA zone
 */
export function cutIntoIntervals(stretch: TimeRange, interval: Interval, timeZone: string): readonly LabelledRange[] {
  const ranges: LabelledRange[] = [];
  let from = startOfInterval(zoned(stretch.startMs, timeZone), interval);
  while (from.epochMilliseconds < stretch.endMs) {
    const next = nextInterval(from, interval);
    const startMs = Math.max(floorToBucket(from.epochMilliseconds), stretch.startMs);
    const endMs = Math.min(floorToBucket(next.epochMilliseconds), stretch.endMs);
    if (startMs < endMs) ranges.push({ startMs, endMs, start: rfc3339(from) });
    from = next;
  }
  return ranges;
}

function zoned(epochMs: number, timeZone: string): Temporal.ZonedDateTime {
  return temporal().Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone);
}

function startOfInterval(time: Temporal.ZonedDateTime, interval: Interval): Temporal.ZonedDateTime {
  switch (interval) {
    case "15m":
      return zoned(floorToBucket(time.epochMilliseconds), time.timeZoneId);
    case "hour":
      return time.round({ smallestUnit: "hour", roundingMode: "floor" });
    case "day":
      return time.startOfDay();
    case "week":
      return time.subtract({ days: time.dayOfWeek - 1 }).startOfDay();
    case "month":
      return time.with({ day: 1 }).startOfDay();
  }
}

function nextInterval(start: Temporal.ZonedDateTime, interval: Interval): Temporal.ZonedDateTime {
  switch (interval) {
    case "15m":
      return start.add({ minutes: 15 });
    case "hour":
      return start.add({ hours: 1 });
    case "day":
      return start.add({ days: 1 }).startOfDay();
    case "week":
      return start.add({ weeks: 1 }).startOfDay();
    case "month":
      return start.add({ months: 1 }).startOfDay();
  }
}

function rfc3339(time: Temporal.ZonedDateTime): string {
  const text = time.toString({ timeZoneName: "never", smallestUnit: "second" });
  return time.timeZoneId === "UTC" ? text.replace("+00:00", "Z") : text;
}
