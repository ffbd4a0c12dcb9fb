/** Delivery where a runtime stops when it has answered. */
import { anEvent } from "@cmdrdata/testkit";
import { describe, expect, it } from "vitest";

import { resolveTrackerOptions, sharedTracker, type WaitUntil } from "../src/index.ts";
import { isSettled, key, makeTracker, manyIds, recordingLogger } from "./make-tracker.ts";

describe("waitUntil", () => {
  function makeWaiting() {
    const promises: Promise<unknown>[] = [];
    return { promises, bench: makeTracker({ waitUntil: (promise) => void promises.push(promise) }) };
  }

  it("is handed a promise of each event's delivery, which is at once", async () => {
    const { promises, bench } = makeWaiting();
    bench.capture("a");
    expect(promises).toHaveLength(1);
    expect(await isSettled(promises[0] as Promise<unknown>)).toBe(false);
    await bench.clock.advance(0);
    expect(await isSettled(promises[0] as Promise<unknown>)).toBe(true);
    expect(bench.tracker.metrics()).toMatchObject({ delivered: 1, held: 0 });
    bench.tracker.captureChecked(anEvent({ id: "b" }));
    bench.tracker.captureLater(anEvent({ id: "c" }), () => anEvent({ id: "c", input_tokens: 7 }));
    expect(promises).toHaveLength(3);
    await bench.clock.advance(0);
    await bench.clock.advance(0);
    expect(bench.tracker.metrics()).toMatchObject({ delivered: 3, held: 0 });
    await Promise.all(promises);
  });

  it("ends its promise within flushTimeoutMs, and never rejects it, when nothing can be delivered", async () => {
    const promises: Promise<unknown>[] = [];
    const bench = makeTracker({ waitUntil: (promise) => promises.push(promise), flushTimeoutMs: 700 });
    bench.collector.otherwise = "hang";
    bench.capture("a");
    await bench.clock.advance(699);
    expect(await isSettled(promises[0] as Promise<unknown>)).toBe(false);
    await bench.clock.advance(1);
    await expect(promises[0]).resolves.toBeUndefined();
    expect(bench.tracker.metrics()).toMatchObject({ held: 1 });
    expect(bench.unaccounted()).toBe(0);
  });

  it("is handed promises that are over where there is nothing to wait for", async () => {
    const promises: Promise<unknown>[] = [];
    const waitUntil: WaitUntil = (promise) => promises.push(promise);
    const keyless = makeTracker({ waitUntil, apiKey: undefined });
    keyless.capture("a");
    const { bench } = makeWaiting();
    await bench.tracker.shutdown();
    bench.capture("b");
    await Promise.all(promises);
    expect(promises).toHaveLength(1);
  });

  it.each<[string, WaitUntil]>([
    ["throws", () => { throw new Error("outside of a request"); }], // prettier-ignore
    ["rejects", () => Promise.reject(new Error("outside of a request"))],
  ])("breaks nothing when it %s, and says so once", async (_how, waitUntil) => {
    const bench = makeTracker({ waitUntil });
    bench.capture("a", "b");
    await bench.clock.advance(0);
    expect(bench.lines).toEqual(["warn: cmdrdata: waitUntil failed: usage may be lost when the runtime stops"]);
    expect(bench.tracker.metrics()).toMatchObject({ delivered: 2 });
  });

  it("makes a tracker of its own, shared by those with the same function", async () => {
    const [mine, yours]: readonly WaitUntil[] = [() => {}, () => {}];
    const share = (waitUntil?: WaitUntil, batchEvents = 5) =>
      sharedTracker(resolveTrackerOptions({ apiKey: key, logger: recordingLogger(), batchEvents, waitUntil }, {}));
    const trackers = [share(), share(mine), share(yours), share(mine, 6)];
    expect(new Set(trackers).size).toBe(4);
    expect(share(mine)).toBe(trackers[1]);
    await Promise.all(trackers.map((tracker) => tracker.shutdown()));
    const again = share(mine);
    expect(again).not.toBe(trackers[1]);
    await again.shutdown();
  });
});

describe("flushAt", () => {
  it("sends as soon as so many events are queued, and not before", async () => {
    const bench = makeTracker({ flushAt: 3 });
    bench.capture("a", "b");
    await bench.clock.advance(999);
    expect(bench.collector.requests).toHaveLength(0);
    bench.capture("c");
    await bench.clock.advance(0);
    expect(bench.collector.requests.map(({ ids }) => ids)).toEqual([["a", "b", "c"]]);
  });

  it("sends each event as it comes with 1, and together what came meanwhile", async () => {
    const bench = makeTracker({ flushAt: 1 });
    bench.capture("a");
    await bench.clock.advance(0);
    bench.capture("b", "c");
    await bench.clock.advance(0);
    expect(bench.collector.requests.map(({ ids }) => ids)).toEqual([["a"], ["b", "c"]]);
  });

  it("never waits for more than batchEvents", async () => {
    const bench = makeTracker({ flushAt: 100, batchEvents: 10 });
    bench.capture(...manyIds(10));
    await bench.clock.advance(0);
    expect(bench.collector.requests.map(({ ids }) => ids.length)).toEqual([10]);
  });
});
