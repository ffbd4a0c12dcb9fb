import { anEvent } from "@cmdrdata/testkit";
import { describe, expect, it } from "vitest";

import { isSettled, makeTracker, manyIds } from "./make-tracker.ts";

describe("the queue's bounds (D2)", () => {
  it("drops and counts what would be over queueEvents, and says so once", async () => {
    const { tracker, collector, clock, capture, lines, unaccounted } = makeTracker({ queueEvents: 3 });
    collector.otherwise = "hang";
    capture(...manyIds(10));
    expect(tracker.metrics()).toMatchObject({ captured: 10, held: 3, dropped: { queue_full: 7 } });
    expect(unaccounted()).toBe(0);
    expect(lines).toEqual(["warn: cmdrdata: events are being dropped (queue_full); metrics() counts them"]);
    await clock.advance(1_000);
    capture("b");
    expect(tracker.metrics()).toMatchObject({ held: 3, dropped: { queue_full: 8 } });
  });

  it("says whose event it was that was dropped, and which client's (one line for all)", () => {
    const { tracker, capture, contexts } = makeTracker({ queueEvents: 1 });
    const { request, sdk } = anEvent();
    capture("a");
    const dropped = { id: "b", customer_id: "acme", request: { ...request, id: "req_1" } };
    tracker.capture(anEvent({ ...dropped, sdk: { ...sdk, name: "cmdrdata-openai", version: "0.1.0" } }));
    expect(contexts).toEqual([
      {
        component: "tracker",
        endpoint: "http://127.0.0.1:8787/api/events",
        client: "cmdrdata-openai/0.1.0",
        customer_id: "acme",
        request_id: "req_1",
        event_id: "b",
      },
    ]);
  });

  it("drops and counts what would be over queueBytes", () => {
    const { tracker, unaccounted } = makeTracker({ queueBytes: 65_536 });
    for (const id of manyIds(50)) tracker.capture(anEvent({ id, metadata: { padding: "x".repeat(2_000) } }));
    const { held, heldBytes, dropped } = tracker.metrics();
    expect(held).toBeGreaterThan(5);
    expect(heldBytes).toBeLessThanOrEqual(65_536);
    expect(dropped.queue_full).toBe(50 - held);
    expect(unaccounted()).toBe(0);
  });

  it("holds, by default, as many events of an ordinary size as it may: by what is kept of them, not by what they were", () => {
    const { tracker, collector } = makeTracker();
    collector.otherwise = "hang";
    for (const id of manyIds(10_001)) tracker.capture(anEvent({ id, metadata: { padding: "x".repeat(900) } }));
    expect(tracker.metrics()).toMatchObject({ held: 10_000, dropped: { queue_full: 1 } });
    expect(tracker.metrics().heldBytes).toBeGreaterThan(10_000 * 1_000);
  });

  it("takes events again when there is room, and says nothing for each", async () => {
    const { tracker, clock, capture, lines } = makeTracker({ queueEvents: 2 });
    for (const round of ["a", "b", "c"]) {
      capture(...manyIds(3, round));
      await clock.advance(1_000);
    }
    expect(tracker.metrics()).toMatchObject({ delivered: 6, held: 0, heldBytes: 0, dropped: { queue_full: 3 } });
    expect(lines).toHaveLength(1);
  });
});

describe("a tracker without a key", () => {
  it("warns once, holds within its bounds, and sends nothing", async () => {
    const { tracker, collector, clock, capture, lines, unaccounted } = makeTracker({
      apiKey: undefined,
      queueEvents: 2,
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^warn: cmdrdata: no key was given .*CMDRDATA_API_KEY/);
    capture("a", "b", "c", "d");
    await clock.advance(3_600_000);
    expect(tracker.metrics()).toMatchObject({ state: "unconfigured", held: 2, dropped: { no_key: 2 }, requests: 0 });
    expect(collector.requests).toEqual([]);
    expect(clock.pending()).toBe(0);
    expect(unaccounted()).toBe(0);
    expect(lines).toHaveLength(2);
  });

  it("does not let flush wait for what cannot happen", async () => {
    const { tracker, clock, capture } = makeTracker({ apiKey: undefined });
    capture("a");
    expect(await isSettled(tracker.flush())).toBe(true);
    expect(tracker.metrics().held).toBe(1);
    expect(clock.keepingAlive()).toBe(0);
  });

  it("counts what it held as no_key when it shuts down", async () => {
    const { tracker, capture, unaccounted } = makeTracker({ apiKey: undefined });
    capture("a", "b");
    await tracker.shutdown();
    expect(tracker.metrics()).toMatchObject({ state: "shut_down", held: 0, dropped: { no_key: 2, shutdown: 0 } });
    expect(unaccounted()).toBe(0);
  });
});
