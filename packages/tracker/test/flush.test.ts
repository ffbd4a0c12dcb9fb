import { describe, expect, it } from "vitest";

import { createTracker, type Logger, resolveTrackerOptions } from "../src/index.ts";
import { answer } from "./memory-collector.ts";
import { isSettled, key, makeTracker, manyIds } from "./make-tracker.ts";

describe("flush", () => {
  it("sends at once, and resolves when every event captured before has its outcome", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ batchEvents: 2 });
    capture(...manyIds(5));
    const flushed = tracker.flush();
    await clock.advance(0);
    expect(await isSettled(flushed)).toBe(true);
    expect(tracker.metrics()).toMatchObject({ delivered: 5, held: 0 });
    expect(collector.requests.map(({ atMs }) => atMs)).toEqual([0, 0, 0]);
  });

  it("resolves at once when there is nothing to wait for", async () => {
    const { tracker, clock } = makeTracker();
    expect(await isSettled(tracker.flush())).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it("does not wait for events captured after it", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    capture("a");
    const flushed = tracker.flush();
    await clock.advance(0);
    collector.otherwise = "hang";
    capture("b");
    await clock.advance(1_000);
    expect(await isSettled(flushed)).toBe(true);
    expect(tracker.metrics().held).toBe(1);
  });

  it("waits through failures, and for the oldest event though younger ones are gone", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ batchEvents: 1 });
    collector.script.push(answer(503, { "retry-after": "5" }), "take");
    capture("a", "b");
    const flushed = tracker.flush();
    await clock.advance(4_999);
    expect(tracker.metrics().delivered).toBe(1);
    expect(await isSettled(flushed)).toBe(false);
    await clock.advance(1);
    expect(await isSettled(flushed)).toBe(true);
  });

  it("resolves after flushTimeoutMs with the events still held, and they are delivered later", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ flushTimeoutMs: 3_000 });
    collector.otherwise = answer(503);
    capture("a");
    const flushed = tracker.flush();
    await clock.advance(2_999);
    expect(await isSettled(flushed)).toBe(false);
    await clock.advance(1);
    expect(await isSettled(flushed)).toBe(true);
    expect(tracker.metrics().held).toBe(1);
    collector.otherwise = "take";
    await clock.advance(60_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 1, held: 0 });
  });

  it("ends when its last event is dropped", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    collector.otherwise = answer(422);
    capture("a");
    const flushed = tracker.flush();
    await clock.advance(0);
    expect(await isSettled(flushed)).toBe(true);
    expect(tracker.metrics().dropped.refused).toBe(1);
  });

  it("may be called many times at once, each for what was captured before it", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ batchEvents: 1 });
    collector.otherwise = "hang";
    capture("a");
    const first = tracker.flush();
    const second = tracker.flush();
    capture("b");
    const third = tracker.flush();
    await clock.advance(0);
    collector.otherwise = "take";
    collector.release();
    await clock.advance(0);
    expect(await Promise.all([first, second, third].map(isSettled))).toEqual([true, true, true]);
    expect(clock.keepingAlive()).toBe(0);
  });

  it("keeps the process alive while it waits; nothing else does", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    collector.otherwise = "hang";
    capture("a");
    await clock.advance(2_000);
    expect(clock.keepingAlive()).toBe(0);
    const flushed = tracker.flush();
    expect(clock.keepingAlive()).toBe(1);
    collector.release();
    await clock.advance(0);
    await flushed;
    expect(clock.keepingAlive()).toBe(0);
  });
});

describe("shutdown", () => {
  it("delivers what is held, then closes the connections", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    capture("a", "b");
    const ended = tracker.shutdown();
    await clock.advance(0);
    expect(await isSettled(ended)).toBe(true);
    expect(tracker.metrics()).toMatchObject({ state: "shut_down", delivered: 2, held: 0 });
    expect([collector.closed, clock.pending()]).toEqual([true, 0]);
  });

  it.each([
    ["its deadline", 700],
    ["5 seconds when none is given", undefined],
  ])("ends within %s against a collector that hangs, and counts what is left", async (_, deadlineMs) => {
    const { tracker, collector, clock, capture, unaccounted } = makeTracker({ batchEvents: 2 });
    collector.otherwise = "hang";
    capture(...manyIds(7));
    const ended = tracker.shutdown(deadlineMs);
    await clock.advance((deadlineMs ?? 5_000) - 1);
    expect(await isSettled(ended)).toBe(false);
    await clock.advance(1);
    expect(await isSettled(ended)).toBe(true);
    expect(tracker.metrics()).toMatchObject({ held: 0, heldBytes: 0, dropped: { shutdown: 7 } });
    expect([unaccounted(), collector.closed, clock.pending()]).toEqual([0, true, 0]);
  });

  it("lets an answer that comes too late change no count", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    collector.otherwise = "hang";
    capture("a");
    const ended = tracker.shutdown(100);
    await clock.advance(100);
    await ended;
    const { sentBytes: _before, ...counts } = tracker.metrics();
    collector.release();
    await clock.advance(60_000);
    expect(tracker.metrics()).toMatchObject(counts);
    expect(collector.requests).toHaveLength(1);
  });

  it("drops what waits to be sent again", async () => {
    const { tracker, collector, clock, capture, unaccounted } = makeTracker();
    collector.otherwise = answer(503, { "retry-after": "60" });
    capture("a");
    const ended = tracker.shutdown(500);
    await clock.advance(500);
    await ended;
    expect(tracker.metrics()).toMatchObject({ held: 0, dropped: { shutdown: 1 } });
    await clock.advance(120_000);
    expect([collector.requests.length, unaccounted()]).toEqual([1, 0]);
  });

  it("takes events while it waits, and ends flushes that still wait", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    collector.otherwise = "hang";
    capture("a");
    const ended = tracker.shutdown(500);
    capture("b");
    const flushed = tracker.flush();
    await clock.advance(500);
    expect([await isSettled(ended), await isSettled(flushed)]).toEqual([true, true]);
    expect(tracker.metrics().dropped.shutdown).toBe(2);
  });

  it("happens once, however often it is called", async () => {
    const { tracker, clock, capture } = makeTracker();
    capture("a");
    const ended = tracker.shutdown();
    expect(tracker.shutdown(1)).toBe(ended);
    await clock.advance(0);
    await ended;
    expect(tracker.metrics().delivered).toBe(1);
  });

  it("counts events captured afterwards, and lets flush resolve at once", async () => {
    const { tracker, clock, capture, unaccounted } = makeTracker();
    await tracker.shutdown();
    capture("a");
    expect(await isSettled(tracker.flush())).toBe(true);
    expect(tracker.metrics()).toMatchObject({ captured: 1, held: 0, dropped: { shutdown: 1 } });
    expect([unaccounted(), clock.pending()]).toEqual([0, 0]);
  });
});

describe("a logger that is broken", () => {
  const fail = (): never => {
    throw new Error("disk full");
  };
  const failLater = async (): Promise<never> => {
    throw new Error("disk full");
  };

  it.each<[string, Logger["warn"]]>([
    ["throws", fail],
    ["rejects", failLater],
  ])("breaks nothing when it %s", async (_, log) => {
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    const { tracker, collector, clock, capture } = makeTracker({ logger, queueEvents: 1 });
    collector.script.push(answer(401), answer(503));
    capture("a", "b");
    await clock.advance(120_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 1, dropped: { queue_full: 1 } });
  });
});

describe("createTracker", () => {
  it("runs on the machine's own clock, random numbers and network unless told otherwise", async () => {
    const tracker = createTracker(resolveTrackerOptions({ apiKey: key }, {}));
    await tracker.flush();
    await tracker.shutdown();
    expect(tracker.metrics()).toMatchObject({ state: "shut_down", captured: 0, requests: 0 });
  });
});
