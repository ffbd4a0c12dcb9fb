import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { joinMoney, splitMoney } from "./money.ts";

const billionDollars = 10n ** 21n;

describe("money", () => {
  it("splits and joins any amount without loss", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1_000n * billionDollars }), (picoUsd) => {
        const { milliUsd, restPicoUsd } = splitMoney(picoUsd);
        expect(joinMoney(milliUsd, restPicoUsd)).toBe(picoUsd);
        expect(restPicoUsd).toBeLessThan(1_000_000_000n);
      }),
    );
  });

  it("gives the exact sum when the parts are summed apart", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: billionDollars })), (amounts) => {
        const parts = amounts.map(splitMoney);
        const milliUsd = parts.reduce((sum, part) => sum + part.milliUsd, 0n);
        const restPicoUsd = parts.reduce((sum, part) => sum + part.restPicoUsd, 0n);
        expect(joinMoney(milliUsd, restPicoUsd)).toBe(amounts.reduce((sum, amount) => sum + amount, 0n));
      }),
    );
  });
});
