import { seededRandom } from "@cmdrdata/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { backoffMs } from "./backoff.ts";

const policy = { retryBaseMs: 500, retryCapMs: 30_000 };
const justBelowOne = 1 - Number.EPSILON;

describe("backoffMs", () => {
  it("waits from 1 to min(cap, base * 2^(failures-1)), whatever the policy", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.record({
          retryBaseMs: fc.integer({ min: 1, max: 60_000 }),
          retryCapMs: fc.integer({ min: 1, max: 600_000 }),
        }),
        fc.integer(),
        (failures, anyPolicy, seed) => {
          const waitMs = backoffMs(failures, anyPolicy, seededRandom(seed)());
          expect(Number.isInteger(waitMs)).toBe(true);
          expect(waitMs).toBeGreaterThanOrEqual(1);
          expect(waitMs).toBeLessThanOrEqual(
            Math.min(anyPolicy.retryCapMs, anyPolicy.retryBaseMs * 2 ** (failures - 1)),
          );
        },
      ),
    );
  });

  it("doubles its ceiling with each failure, up to the cap", () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => backoffMs(failures, policy, justBelowOne));
    expect(ceilings).toEqual([499, 999, 1_999, 3_999, 7_999, 15_999, 29_999, 29_999, 29_999]);
  });

  it("has full jitter: the wait is spread over the whole range", () => {
    expect(backoffMs(3, policy, 0)).toBe(1);
    expect(backoffMs(3, policy, 0.5)).toBe(1_000);
    const random = seededRandom(1);
    const waits = Array.from({ length: 1_000 }, () => backoffMs(3, policy, random()));
    for (const quarter of [0, 500, 1_000, 1_500]) {
      expect(waits.filter((waitMs) => waitMs >= quarter && waitMs < quarter + 500).length).toBeGreaterThan(200);
    }
  });
});
