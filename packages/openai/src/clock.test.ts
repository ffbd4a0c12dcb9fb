import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";

import { isoTime, nextTurn, systemClock } from "./clock.ts";

afterEach(() => vi.unstubAllGlobals());

it("lets others go first, also where there are only timers", async () => {
  const order: string[] = [];
  const turn = async (name: string): Promise<void> => {
    const later = nextTurn().then(() => order.push(name));
    await Promise.resolve().then(() => order.push("others"));
    await later;
  };
  await turn("setImmediate");
  vi.stubGlobal("setImmediate", undefined);
  await turn("setTimeout");
  expect(order).toEqual(["others", "setImmediate", "others", "setTimeout"]);
});

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
