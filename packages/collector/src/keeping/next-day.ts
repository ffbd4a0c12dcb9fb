/**
 * Which day of a tenant to sum up next.
 *
 * Promise: only days that are over for an hour, which most late events have come in by; the newest first, as those are asked
 * for most; none of more than two years ago.
 */
import type { TimeRange } from "@cmdrdata/storage";

import { cutIntoIntervals, floorToBucket } from "../time-ranges.ts";

const settledAfterMs = 3_600_000;
const oldestMs = 732 * 86_400_000;

export interface DayQuestion {
  readonly firstBucketMs: number;
  readonly nowMs: number;
  readonly timeZone: string;
  readonly built: readonly TimeRange[];
}

export function nextDayToBuild({ firstBucketMs, nowMs, timeZone, built }: DayQuestion): TimeRange | undefined {
  const endMs = floorToBucket(nowMs - settledAfterMs);
  const startMs = Math.max(firstBucketMs, floorToBucket(nowMs - oldestMs));
  if (startMs >= endMs) return undefined;
  // A day more on both sides: the first and the last are cut to the stretch, and whole days are wanted.
  const dayMs = 86_400_000;
  const days = cutIntoIntervals({ startMs: startMs - 2 * dayMs, endMs: endMs + 2 * dayMs }, "day", timeZone).slice(
    1,
    -1,
  );
  const there = new Set(built.map((day) => day.startMs));
  const open = days.filter((day) => day.endMs > startMs && day.endMs <= endMs && !there.has(day.startMs));
  const last = open.at(-1);
  return last === undefined ? undefined : { startMs: last.startMs, endMs: last.endMs };
}
