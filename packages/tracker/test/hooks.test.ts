import { anEvent } from "@cmdrdata/testkit";
import { describe, expect, it } from "vitest";

import type { DeliveryNews, DropNews, ErrorNews } from "../src/index.ts";
import { isSettled, makeTracker, manyIds } from "./make-tracker.ts";
import { answer } from "./memory-collector.ts";

function makeHooked(overrides: Parameters<typeof makeTracker>[0] = {}) {
  const news: (DropNews | ErrorNews | DeliveryNews)[] = [];
  const take = (each: (typeof news)[number]): void => void news.push(each);
  const bench = makeTracker({ onDrop: take, onError: take, onDelivered: take, ...overrides });
  return { ...bench, news };
}

describe("the hooks", () => {
  it("are told of what is delivered", async () => {
    const { clock, capture, news } = makeHooked();
    capture("a", "b");
    await clock.advance(1_000);
    expect(news).toEqual([{ delivered: 2, duplicates: 0, rejected: 0, requests: 1 }]);
    capture("a", "c");
    await clock.advance(1_000);
    expect(news[1]).toEqual({ delivered: 1, duplicates: 1, rejected: 0, requests: 1 });
  });

  it("are told of drops in sums, in a later turn, not from within capture", async () => {
    const { clock, capture, news } = makeHooked({ queueEvents: 2, flushAfterMs: 60_000 });
    capture(...manyIds(10));
    expect(news).toEqual([]);
    await clock.advance(0);
    expect(news).toEqual([{ reason: "queue_full", events: 8 }]);
  });

  it("are told of failures by code", async () => {
    const { collector, clock, capture, news } = makeHooked({ retryBaseMs: 1, retryCapMs: 1 });
    collector.script.push(answer(503), answer(503), "break");
    capture("a");
    await clock.advance(2_000);
    expect(news.filter((each) => "code" in each).reduce((sum, { requests }) => sum + requests, 0)).toBe(3);
    expect(news).toContainEqual(
      expect.objectContaining({ code: "unavailable", message: "the collector answered 503" }),
    );
  });

  it("are called at most ten times a second each, however much happens", async () => {
    const { clock, capture, news } = makeHooked({ batchEvents: 1 });
    for (let turn = 0; turn < 1_000; turn += 1) {
      capture(`e-${turn}`);
      await clock.advance(1);
    }
    await clock.advance(1_000);
    expect(news.length).toBeLessThanOrEqual(11);
    expect(news.reduce((sum, each) => sum + ("delivered" in each ? each.delivered : 0), 0)).toBe(1_000);
  });

  it("are told what was dropped at the shutdown, before it resolves", async () => {
    const { tracker, collector, clock, capture, news } = makeHooked();
    collector.otherwise = "hang";
    capture("a", "b");
    const ended = tracker.shutdown(100);
    await clock.advance(100);
    expect(await isSettled(ended)).toBe(true);
    expect(news).toEqual([{ reason: "shutdown", events: 2 }]);
    tracker.capture(anEvent());
    await clock.advance(1_000);
    expect(news[1]).toEqual({ reason: "shutdown", events: 1 });
    expect([clock.pending(), clock.keepingAlive()]).toEqual([0, 0]);
  });

  it.each<[string, () => unknown]>([
    [
      "throw",
      () => {
        throw new Error("the hook's own");
      },
    ],
    ["reject", () => Promise.reject(new Error("the hook's own"))],
    ["never end", () => new Promise(() => {})],
    [
      "return a thenable that throws",
      () => ({
        // oxlint-disable-next-line unicorn/no-thenable -- this is what is tested
        get then(): never {
          throw new Error("the hook's own");
        },
      }),
    ],
  ])("break nothing when they %s", async (_how, hook) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const { tracker, collector, clock, capture, unaccounted } = makeTracker({
      onDrop: hook,
      onError: hook,
      onDelivered: hook,
      queueEvents: 2,
    });
    collector.script.push(answer(503));
    capture("a", "b", "c");
    await clock.advance(60_000);
    const ended = tracker.shutdown();
    await clock.advance(10_000);
    expect(await isSettled(ended)).toBe(true);
    expect(tracker.metrics()).toMatchObject({ delivered: 2, dropped: { queue_full: 1 } });
    expect(unaccounted()).toBe(0);
    expect(unhandled).toEqual([]);
    process.off("unhandledRejection", note);
  });

  it("may capture, flush and shut down, and make no storm by it", async () => {
    let calls = 0;
    const bench = makeTracker({ queueEvents: 1, onDrop: react, onError: react, onDelivered: react });
    async function react(): Promise<void> {
      calls += 1;
      bench.capture(...manyIds(3, `h${calls}`));
      await bench.tracker.flush();
    }
    bench.capture("a", "b");
    await bench.clock.advance(5_000);
    expect(calls).toBeGreaterThan(5);
    // Two kinds of news, each at most ten times a second.
    expect(calls).toBeLessThanOrEqual(102);
    expect(bench.unaccounted()).toBe(0);
  });

  it("may wait for the shutdown from within the shutdown", async () => {
    const bench = makeTracker({ onDrop: () => bench.tracker.shutdown(), onDelivered: () => bench.tracker.shutdown() });
    bench.capture("a");
    await bench.clock.advance(10_000);
    expect(bench.tracker.metrics()).toMatchObject({ state: "shut_down", delivered: 1, held: 0 });
    expect(await isSettled(bench.tracker.shutdown())).toBe(true);
  });

  it("are each told of their own alone, where only one is given", async () => {
    const told: string[] = [];
    for (const name of ["onDrop", "onError", "onDelivered"] as const) {
      const { collector, clock, capture } = makeTracker({ queueEvents: 1, [name]: () => told.push(name) });
      collector.script.push("break");
      capture("a", "b");
      await clock.advance(60_000);
    }
    expect(told).toEqual(["onDrop", "onError", "onDelivered"]);
  });

  it("cost no timer where there are none", async () => {
    const { clock, capture } = makeTracker({ queueEvents: 1, flushAfterMs: 60_000 });
    capture("a", "b", "c");
    expect(clock.pending()).toBe(1);
  });
});
