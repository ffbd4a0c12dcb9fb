import { anEvent } from "@cmdrdata/testkit";
import { describe, expect, it } from "vitest";

import { answer } from "./memory-collector.ts";
import { isSettled, key, makeTracker, manyIds } from "./make-tracker.ts";

describe("batches", () => {
  it("sends nothing from within capture (D1)", () => {
    const { collector, capture } = makeTracker({ batchEvents: 1 });
    capture("a", "b");
    expect(collector.requests).toEqual([]);
  });

  it("sends a full batch at once, and the rest when it is old enough", async () => {
    const { collector, clock, capture } = makeTracker({ batchEvents: 3, flushAfterMs: 1_000 });
    capture("a", "b", "c", "d");
    await clock.advance(0);
    expect(collector.requests.map(({ ids }) => ids)).toEqual([["a", "b", "c"]]);
    await clock.advance(999);
    expect(collector.requests).toHaveLength(1);
    await clock.advance(1);
    expect(collector.requests[1]).toMatchObject({ ids: ["d"], atMs: 1_000 });
  });

  it("sends the oldest event after flushAfterMs, with all that came since", async () => {
    const { collector, clock, capture } = makeTracker({ flushAfterMs: 500 });
    capture("a");
    await clock.advance(400);
    capture("b");
    await clock.advance(99);
    expect(collector.requests).toEqual([]);
    await clock.advance(1);
    expect(collector.requests).toEqual([expect.objectContaining({ ids: ["a", "b"], atMs: 500 })]);
  });

  it("keeps a body within batchBytes", async () => {
    const { tracker, collector, clock } = makeTracker({ batchBytes: 4_096 });
    for (const id of manyIds(9)) tracker.capture(anEvent({ id, metadata: { padding: "é".repeat(500) } }));
    await clock.advance(1_000);
    expect(collector.requests.length).toBeGreaterThan(2);
    for (const { body } of collector.requests) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4_096);
    expect(tracker.metrics().delivered).toBe(9);
  });

  it("sends an event larger than batchBytes alone", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ batchBytes: 1_024 });
    tracker.capture(anEvent({ id: "large", metadata: { padding: "x".repeat(5_000) } }));
    capture("small");
    await clock.advance(1_000);
    expect(collector.requests.map(({ ids }) => ids)).toEqual([["large"], ["small"]]);
  });

  it("says who sends and what, and how long the answer may take", async () => {
    const { collector, clock, capture } = makeTracker({ timeoutMs: 1_234 });
    capture("a");
    await clock.advance(1_000);
    expect(collector.requests[0]).toMatchObject({
      url: "http://127.0.0.1:8787/api/events",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      timeoutMs: 1_234,
    });
  });

  it("has at most two requests under way", async () => {
    const { collector, clock, capture, tracker } = makeTracker({ batchEvents: 2 });
    collector.otherwise = "hang";
    capture(...manyIds(10));
    await clock.advance(5_000);
    expect(collector.requests).toHaveLength(2);
    collector.otherwise = "take";
    collector.release();
    await clock.advance(1_000);
    expect([collector.mostAtOnce(), tracker.metrics().delivered]).toEqual([2, 10]);
  });

  it("has one request under way while the collector fails", async () => {
    const { collector, clock, capture, tracker } = makeTracker({ batchEvents: 1 });
    collector.script.push(answer(503), answer(503), "hang");
    capture(...manyIds(6));
    await clock.advance(30_000);
    expect(collector.requests).toHaveLength(3);
    collector.release();
    await clock.advance(1_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 6, held: 0 });
  });

  it("counts events that name no customer, and those whose customer id could not be used", () => {
    const { tracker } = makeTracker();
    tracker.capture(anEvent());
    tracker.capture(anEvent({ customer_id: null }));
    tracker.capture(anEvent({ customer_id: null, attribution_error: "CMDR_FIELD_TOO_LONG" }));
    expect(tracker.metrics()).toMatchObject({ captured: 3, unattributed: 2, attributionErrors: 1 });
  });

  it("counts requests, bytes sent, and when it last went well", async () => {
    const { tracker, clock, capture } = makeTracker();
    expect(tracker.metrics()).toMatchObject({ requests: 0, sentBytes: 0, lastSuccessAtMs: null, lastError: null });
    capture("a");
    await clock.advance(1_000);
    expect(tracker.metrics()).toMatchObject({ requests: 1, retries: 0, sentBytes: 1, lastSuccessAtMs: clock.now() });
  });
});

describe("events that cannot be read", () => {
  it("throws nothing into the program, and counts them (D1, D3)", async () => {
    const { tracker, clock, unaccounted } = makeTracker();
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    const trap = (): never => {
      throw new Error("hostile");
    };
    tracker.captureChecked(anEvent({ metadata: cyclic as never }));
    tracker.captureChecked(new Proxy(anEvent(), { get: trap }));
    tracker.capture(new Proxy(anEvent(), { getOwnPropertyDescriptor: trap }));
    tracker.capture(undefined as never);
    tracker.captureLater([] as never, () => anEvent());
    expect(tracker.metrics()).toMatchObject({ captured: 5, dropped: { unreadable: 5 }, held: 0 });
    tracker.captureChecked(anEvent({ metadata: { count: 1n as never } }));
    await clock.advance(1_000);
    expect(tracker.metrics()).toMatchObject({ captured: 6, dropped: { unreadable: 6 }, held: 0, requests: 0 });
    expect(unaccounted()).toBe(0);
  });

  it("ends a flush that waits for one", async () => {
    const { tracker, clock } = makeTracker();
    tracker.captureChecked(anEvent({ metadata: { count: 1n as never } }));
    const flushed = tracker.flush();
    await clock.advance(0);
    expect(await isSettled(flushed)).toBe(true);
  });
});
