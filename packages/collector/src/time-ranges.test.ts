import { bucketMs } from "@cmdrdata/storage";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cutIntoIntervals, floorToBucket, intervals, isTimeZone, raiseToBucket } from "./time-ranges.ts";

const at = (text: string): number => Date.parse(text);
const starts = (...args: Parameters<typeof cutIntoIntervals>) => cutIntoIntervals(...args).map(({ start }) => start);

describe("cutIntoIntervals", () => {
  it("covers the stretch exactly, in order and on bucket boundaries, in every zone (S5)", () => {
    const zones = ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia", "America/St_Johns", "Pacific/Chatham"]; // prettier-ignore
    const bucket = fc.integer({ min: at("2010-01-01") / bucketMs, max: at("2030-01-01") / bucketMs });
    fc.assert(
      fc.property(
        bucket,
        fc.integer({ min: 1, max: 3_000 }),
        fc.constantFrom(...intervals),
        fc.constantFrom(...zones),
        (first, count, interval, zone) => {
          const stretch = { startMs: first * bucketMs, endMs: (first + count) * bucketMs };
          const ranges = cutIntoIntervals(stretch, interval, zone);
          expect(ranges[0]?.startMs).toBe(stretch.startMs);
          expect(ranges.at(-1)?.endMs).toBe(stretch.endMs);
          // One expectation for all: there are thousands of ranges.
          const wrong = ranges.filter(
            ({ startMs, endMs }, index) =>
              startMs % bucketMs !== 0 || endMs <= startMs || (index > 0 && startMs !== ranges[index - 1]?.endMs),
          );
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("knows days of 23 and 25 hours", () => {
    const ranges = cutIntoIntervals(
      { startMs: at("2026-03-08T05:00Z"), endMs: at("2026-03-10T04:00Z") },
      "day",
      "America/New_York",
    );
    expect(ranges.map(({ startMs, endMs }) => (endMs - startMs) / 3_600_000)).toEqual([23, 24]);
    const autumn = cutIntoIntervals(
      { startMs: at("2026-11-01T04:00Z"), endMs: at("2026-11-02T05:00Z") },
      "day",
      "America/New_York",
    );
    expect(autumn.map(({ startMs, endMs }) => (endMs - startMs) / 3_600_000)).toEqual([25]);
  });

  it("names each interval by its own start, also when the stretch begins inside it", () => {
    const stretch = { startMs: at("2026-11-18T10:15Z"), endMs: at("2026-12-02T00:00Z") };
    expect(starts(stretch, "month", "UTC")).toEqual(["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"]);
    expect(starts(stretch, "week", "Europe/Berlin")).toEqual([
      "2026-11-16T00:00:00+01:00",
      "2026-11-23T00:00:00+01:00",
      "2026-11-30T00:00:00+01:00",
    ]);
    const hour = { startMs: at("2026-11-18T10:15Z"), endMs: at("2026-11-18T11:15Z") };
    expect(starts(hour, "hour", "Asia/Kolkata")).toEqual(["2026-11-18T15:00:00+05:30", "2026-11-18T16:00:00+05:30"]);
    expect(starts(hour, "15m", "UTC")).toHaveLength(4);
  });
});

describe("isTimeZone", () => {
  it("knows IANA names and nothing else", () => {
    expect(["UTC", "Asia/Kolkata", "America/New_York"].every(isTimeZone)).toBe(true);
    expect(["", "Mars/Base", "+05:30", "Z0", "../etc"].some(isTimeZone)).toBe(false);
  });
});

describe("the bucket boundaries", () => {
  it("are at or before, and at or after, a time", () => {
    expect([floorToBucket(bucketMs), floorToBucket(bucketMs + 1)]).toEqual([bucketMs, bucketMs]);
    expect([raiseToBucket(bucketMs), raiseToBucket(bucketMs + 1)]).toEqual([bucketMs, 2 * bucketMs]);
  });
});
