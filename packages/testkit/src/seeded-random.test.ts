import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { seededRandom } from "./seeded-random.ts";

const take = (seed: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random());
};

describe("seededRandom", () => {
  it("gives the same numbers for the same seed, and others for another", () => {
    expect(take(7, 20)).toEqual(take(7, 20));
    expect(take(7, 20)).not.toEqual(take(8, 20));
  });

  it("stays from 0 to below 1, for any seed", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        for (const number of take(seed, 50)) {
          expect(number).toBeGreaterThanOrEqual(0);
          expect(number).toBeLessThan(1);
        }
      }),
    );
  });

  it("spreads evenly enough to test with", () => {
    const numbers = take(1, 10_000);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const count = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
      expect(Math.abs(count - 1_000)).toBeLessThan(150);
    }
  });
});
