import { describe, expect, it } from "vitest";

import { fakeClock } from "./fake-clock.ts";

describe("fakeClock", () => {
  it("stands still until it is moved", async () => {
    const clock = fakeClock(1_000);
    expect([clock.now(), clock.monotonicNow()]).toEqual([1_000, 0]);
    await clock.advance(250);
    expect([clock.now(), clock.monotonicNow()]).toEqual([1_250, 250]);
  });

  it("runs timers in the order of their times, each at its own time", async () => {
    const clock = fakeClock();
    const ran: [string, number][] = [];
    clock.schedule(30, () => ran.push(["late", clock.monotonicNow()]));
    clock.schedule(10, () => ran.push(["early", clock.monotonicNow()]));
    clock.schedule(51, () => ran.push(["not yet", clock.monotonicNow()]));
    await clock.advance(50);
    expect(ran).toEqual([
      ["early", 10],
      ["late", 30],
    ]);
    expect(clock.pending()).toBe(1);
    expect(clock.monotonicNow()).toBe(50);
  });

  it("runs timers that a timer sets, as far as the time allows", async () => {
    const clock = fakeClock();
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      clock.schedule(10, tick);
    };
    clock.schedule(10, tick);
    await clock.advance(35);
    expect(ticks).toBe(3);
  });

  it("does not run a cancelled timer", async () => {
    const clock = fakeClock();
    let ran = false;
    const cancel = clock.schedule(10, () => (ran = true));
    cancel();
    await clock.advance(20);
    expect(ran).toBe(false);
    expect(clock.pending()).toBe(0);
  });

  it("lets promises settle before the next timer runs", async () => {
    const clock = fakeClock();
    const ran: string[] = [];
    clock.schedule(10, () => void Promise.resolve().then(() => ran.push("promise")));
    clock.schedule(11, () => ran.push("timer"));
    await clock.advance(20);
    expect(ran).toEqual(["promise", "timer"]);
  });
});
