import type { UsageEvent } from "@cmdrdata/protocol";
import { anEvent } from "@cmdrdata/testkit";
import { describe, expect, it } from "vitest";

import { answer, textOf } from "./memory-collector.ts";
import { type Bench, isSettled, makeTracker, manyIds } from "./make-tracker.ts";

/** The event in the collector's body: its first, or the one with this id. */
function sent({ collector }: Bench, id: string): { readonly input_tokens?: number } | undefined {
  const events = collector.requests.flatMap(
    ({ body }) =>
      (JSON.parse(textOf(body)) as { readonly events: readonly { id: string; input_tokens?: number }[] }).events,
  );
  return events.find((event) => event.id === id);
}

const fallback = (id = "a"): UsageEvent => anEvent({ id, input_tokens: null });
const made = (id = "a"): UsageEvent => anEvent({ id, input_tokens: 7 });
const never = new Promise<UsageEvent>(() => {});

describe("captureLater", () => {
  it("counts the event at once, and makes its content in a later turn, without holding the process", async () => {
    const bench = makeTracker();
    const { tracker, clock } = bench;
    let calls = 0;
    tracker.captureLater(fallback(), () => {
      calls += 1;
      return made();
    });
    expect([calls, bench.unaccounted(), clock.keepingAlive()]).toEqual([0, 0, 0]);
    expect(tracker.metrics()).toMatchObject({ captured: 1, held: 1 });
    await clock.advance(1_000);
    expect(calls).toBe(1);
    expect(tracker.metrics()).toMatchObject({ captured: 1, delivered: 1, held: 0, heldBytes: 0 });
    expect(sent(bench, "a")?.input_tokens).toBe(7);
    expect(clock.pending()).toBe(0);
  });

  it.each<[string, () => UsageEvent | Promise<UsageEvent>]>([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
    ["gives something else", () => null as unknown as UsageEvent],
    ["is no function", "no" as unknown as () => UsageEvent],
  ])("sends the fallback when making the content %s", async (_, complete) => {
    const bench = makeTracker();
    bench.tracker.captureLater(fallback(), complete);
    await bench.clock.advance(1_000);
    expect(bench.tracker.metrics()).toMatchObject({ captured: 1, delivered: 1, dropped: { unreadable: 0 } });
    expect(sent(bench, "a")).not.toHaveProperty("input_tokens");
  });

  it("sends the fallback 10 s after the capture, and what comes too late changes nothing", async () => {
    const bench = makeTracker();
    const { tracker, clock } = bench;
    let resolve = (_event: UsageEvent): void => {};
    tracker.captureLater(fallback(), () => new Promise((done) => (resolve = done)));
    tracker.captureLater(fallback("b"), () => made("b"));
    await clock.advance(9_999);
    expect(tracker.metrics()).toMatchObject({ held: 2, requests: 0 });
    await clock.advance(1_001);
    resolve(made());
    await clock.advance(60_000);
    expect(tracker.metrics()).toMatchObject({ captured: 2, delivered: 2 });
    expect([bench.collector.taken.size, sent(bench, "a")?.input_tokens]).toEqual([2, undefined]);
  });

  it("gives up what is to be made, the newest first, before it drops an event for want of room (D2, D3)", async () => {
    const bench = makeTracker({ queueBytes: 65_536, queueEvents: 1_000 });
    const { tracker, clock } = bench;
    tracker.captureLater(fallback("first"), () => made("first"), 20_000);
    tracker.captureLater(fallback("second"), () => made("second"), 30_000);
    bench.capture(...manyIds(60));
    expect(tracker.metrics()).toMatchObject({ held: 62, dropped: { queue_full: 0 } });
    expect(tracker.metrics().heldBytes).toBeLessThanOrEqual(65_536);
    expect(bench.unaccounted()).toBe(0);
    await clock.advance(60_000);
    expect(tracker.metrics()).toMatchObject({ captured: 62, delivered: 62, heldBytes: 0 });
    expect([sent(bench, "first")?.input_tokens, sent(bench, "second")?.input_tokens]).toEqual([7, undefined]);
    expect(clock.pending()).toBe(0);
  });

  it("makes one at a time, each in a turn of its own, in order", async () => {
    const { tracker, clock } = makeTracker();
    const order: string[] = [];
    const turns = new Set<number>();
    let turn = 0;
    const count = (): void => {
      turn += 1;
      if (turn < 100) setImmediate(count);
    };
    count();
    for (const id of manyIds(3)) {
      tracker.captureLater(fallback(id), () => {
        order.push(id);
        turns.add(turn);
        return made(id);
      });
    }
    await clock.advance(0);
    expect(order).toEqual(manyIds(3));
    expect(turns.size).toBe(3);
    expect(clock.pending()).toBe(1);
  });

  it("counts the memory that making takes, and has no more than there is", async () => {
    const bench = makeTracker({ queueBytes: 65_536 });
    const { tracker, clock } = bench;
    tracker.captureLater(fallback(), () => made(), 50_000);
    expect(tracker.metrics().heldBytes).toBeGreaterThan(50_000);
    // There is room for the event, not for what it would be made of.
    tracker.captureLater(fallback("b"), () => made("b"), 50_000);
    expect(tracker.metrics()).toMatchObject({ held: 2, dropped: { queue_full: 0 } });
    expect(tracker.metrics().heldBytes).toBeLessThanOrEqual(65_536);
    await clock.advance(0);
    expect(tracker.metrics().heldBytes).toBeLessThan(10_000);
    await clock.advance(1_000);
    expect([sent(bench, "a")?.input_tokens, sent(bench, "b")?.input_tokens]).toEqual([7, undefined]);
  });

  it("sends the fallback where the content would be over queueBytes", async () => {
    const bench = makeTracker({ queueBytes: 65_536 });
    const large = anEvent({ id: "a", input_tokens: 7, metadata: { padding: "x".repeat(8_000) } });
    bench.capture(...manyIds(100, "b"));
    bench.tracker.captureLater(fallback(), () => large);
    await bench.clock.advance(1_000);
    expect(bench.tracker.metrics().delivered).toBe(101);
    expect(sent(bench, "a")).not.toHaveProperty("input_tokens");
  });

  it("keeps the order of capture in the queue", async () => {
    const { tracker, clock, collector, capture } = makeTracker();
    capture("a");
    tracker.captureLater(fallback("b"), () => made("b"));
    capture("c");
    await clock.advance(1_000);
    expect(collector.requests.map(({ ids }) => ids)).toEqual([["a", "b", "c"]]);
  });

  it("drops and counts at the bounds, after a shutdown, and what cannot be read", async () => {
    const { tracker, clock, unaccounted } = makeTracker({ queueEvents: 1 });
    let calls = 0;
    const complete = (): UsageEvent => {
      calls += 1;
      return made();
    };
    tracker.captureLater(fallback(), complete);
    tracker.captureLater(fallback("b"), complete);
    tracker.captureLater(null as unknown as UsageEvent, complete);
    await clock.advance(1_000);
    await tracker.shutdown();
    tracker.captureLater(fallback("c"), complete);
    expect(tracker.metrics()).toMatchObject({ dropped: { queue_full: 1, shutdown: 1, unreadable: 1 } });
    expect([calls, unaccounted(), clock.pending()]).toEqual([1, 0, 0]);
  });

  it("makes nothing without a key: the fallback is held", async () => {
    const { tracker, clock } = makeTracker({ apiKey: undefined });
    tracker.captureLater(fallback(), () => Promise.reject(new Error("called")));
    await clock.advance(60_000);
    expect(tracker.metrics()).toMatchObject({ captured: 1, held: 1 });
    expect(clock.pending()).toBe(0);
  });
});

describe("flush and shutdown", () => {
  it("wait for what is still being made", async () => {
    const bench = makeTracker();
    const { tracker, clock } = bench;
    let resolve = (_event: UsageEvent): void => {};
    tracker.captureLater(fallback(), () => new Promise((done) => (resolve = done)));
    const flushed = tracker.flush();
    await clock.advance(1_000);
    expect(await isSettled(flushed)).toBe(false);
    resolve(made());
    await clock.advance(0);
    expect(await isSettled(flushed)).toBe(true);
    expect(sent(bench, "a")?.input_tokens).toBe(7);
    expect(clock.pending()).toBe(0);
  });

  it("send the fallback after half their time, of events captured before, and deliver it in the other half", async () => {
    const bench = makeTracker({ flushTimeoutMs: 3_000 });
    const { tracker, clock } = bench;
    tracker.captureLater(fallback("a"), () => never);
    tracker.captureLater(fallback("b"), () => made("b"));
    const flushed = tracker.flush();
    tracker.captureLater(fallback("c"), () => made("c"));
    await clock.advance(1_499);
    expect(tracker.metrics().delivered).toBe(0);
    await clock.advance(1);
    expect(await isSettled(flushed)).toBe(true);
    await clock.advance(1_000);
    expect(["a", "b", "c"].map((id) => sent(bench, id)?.input_tokens)).toEqual([undefined, undefined, 7]);
    tracker.captureLater(fallback("d"), () => never);
    const ended = tracker.shutdown(100);
    await clock.advance(50);
    expect(await isSettled(ended)).toBe(true);
    expect(tracker.metrics()).toMatchObject({ delivered: 4, held: 0, dropped: { shutdown: 0 } });
  });

  it("leave nothing behind when the time is over", async () => {
    const { tracker, clock, collector, unaccounted } = makeTracker();
    collector.otherwise = answer(503);
    tracker.captureLater(fallback("a"), () => never);
    tracker.captureLater(fallback("b"), () => never);
    const ended = tracker.shutdown(0);
    await clock.advance(0);
    await ended;
    expect(tracker.metrics()).toMatchObject({ held: 0, dropped: { shutdown: 2 } });
    await clock.advance(60_000);
    expect([unaccounted(), clock.pending(), clock.keepingAlive()]).toEqual([0, 0, 0]);
  });
});
