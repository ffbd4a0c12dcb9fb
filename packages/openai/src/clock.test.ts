import fc from "fast-check";
import { expect, it } from "vitest";

import { isoTime, systemClock } from "./clock.ts";

it("writes times like Date does", () => {
  const times = fc.array(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), { minLength: 1 });
  fc.assert(
    fc.property(times, fc.nat(2_000), (epochs, later) => {
      for (const epochMs of epochs.flatMap((epoch) => [epoch, epoch + later - 1_000])) {
        expect(isoTime(epochMs)).toBe(new Date(epochMs).toISOString());
      }
    }),
  );
  expect(isoTime(systemClock.now())).toMatch(/Z$/);
});
