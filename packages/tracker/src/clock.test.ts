import { afterEach, expect, it, vi } from "vitest";

import { systemClock } from "./clock.ts";
import { systemRandom } from "./random.ts";

afterEach(() => vi.unstubAllGlobals());

it("systemClock lets go of timers as the runtime has it: by the timer, by Deno, or not at all", () => {
  const letGo: unknown[] = [];
  const set = (timer: unknown): void => {
    vi.stubGlobal("setTimeout", () => timer);
    systemClock.schedule(1, () => {});
    systemClock.schedule(1, () => {}, true);
  };
  set({ unref: () => letGo.push("unref") });
  set({});
  set(7);
  vi.stubGlobal("Deno", { unrefTimer: (timer: unknown) => letGo.push(timer) });
  set(8);
  expect(letGo).toEqual(["unref", 8]);
});

it("systemClock calls back once, unless called off", async () => {
  const ran: string[] = [];
  const cancel = systemClock.schedule(0, () => ran.push("called off"));
  cancel();
  const before = systemClock.monotonicNow();
  await new Promise<void>((resolve) => systemClock.schedule(1, resolve, true));
  expect(ran).toEqual([]);
  expect(systemClock.monotonicNow()).toBeGreaterThan(before);
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
});

it("systemClock takes a wait longer than a timer can be for a long one, not for none", async () => {
  const ran: string[] = [];
  const cancel = systemClock.schedule(Infinity, () => ran.push("too early"));
  await new Promise<void>((resolve) => systemClock.schedule(5, resolve, true));
  cancel();
  expect(ran).toEqual([]);
});

it("systemRandom is from 0 to below 1", () => {
  for (let count = 0; count < 100; count += 1) {
    const number = systemRandom();
    expect(number >= 0 && number < 1).toBe(true);
  }
});
