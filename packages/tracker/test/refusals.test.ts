import { describe, expect, it } from "vitest";

import { answer, type Behaviour } from "./memory-collector.ts";
import { makeTracker, manyIds } from "./make-tracker.ts";

/** Refuses every request that holds one of the ids. */
const refusing =
  (status: number, bad: readonly string[]) =>
  (ids: readonly string[]): Behaviour =>
    ids.some((id) => bad.includes(id)) ? answer(status) : "take";

describe("a batch that is refused", () => {
  it.each([
    [413, "too_large"],
    [400, "refused"],
    [422, "refused"],
  ] as const)("after %i is halved, down to the one event at fault (%s)", async (status, reason) => {
    const { tracker, collector, clock, capture, unaccounted } = makeTracker();
    collector.otherwise = refusing(status, ["a-3", "a-10"]);
    capture(...manyIds(16));
    await clock.advance(1_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 14, held: 0, lastError: { code: reason } });
    expect(tracker.metrics().dropped[reason]).toBe(2);
    expect(collector.taken.has("a-3") || collector.taken.has("a-10")).toBe(false);
    expect(unaccounted()).toBe(0);
  });

  it("keeps its halves through a failure", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    collector.script.push(answer(413), "break", answer(503));
    capture(...manyIds(4));
    await clock.advance(120_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 4, held: 0 });
  });

  it("is said once, however many follow", async () => {
    const { collector, clock, capture, lines } = makeTracker({ batchEvents: 1 });
    collector.otherwise = answer(413);
    capture(...manyIds(20));
    await clock.advance(1_000);
    expect(lines).toEqual(["warn: cmdrdata: events are being dropped (too_large); metrics() counts them"]);
  });
});

describe("an event that the collector rejects by itself", () => {
  const rejecting = (id: string | null) => ({
    status: 200,
    text: JSON.stringify({
      accepted: 1,
      rejected: [{ index: 0, id, code: "CMDR_EVENT_NOT_OBJECT", field: "event", message: "expected an object" }],
    }),
  });

  it("is counted and logged with code and field; its neighbours are delivered", async () => {
    const { tracker, collector, clock, capture, lines, contexts, unaccounted } = makeTracker();
    collector.script.push(rejecting("a"));
    capture("a", "b");
    await clock.advance(1_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 1, rejected: 1, held: 0 });
    expect(unaccounted()).toBe(0);
    expect(lines).toEqual(["warn: cmdrdata: the collector rejected an event: CMDR_EVENT_NOT_OBJECT in event"]);
    expect(contexts).toMatchObject([{ customer_id: "customer-123", event_id: "a" }]);
  });

  it("is said once, however many follow", async () => {
    const { tracker, collector, clock, capture, lines } = makeTracker({ batchEvents: 2 });
    collector.otherwise = rejecting(null);
    capture(...manyIds(10));
    await clock.advance(1_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 5, rejected: 5 });
    expect(lines).toHaveLength(1);
  });
});

describe("a service that takes single events only", () => {
  it("is known by its taking the first bare event, and gets single bare events from then on", async () => {
    const { tracker, collector, clock, capture, lines, unaccounted } = makeTracker({ batchEvents: 100 });
    collector.otherwise = (_ids, bare) => (bare ? { status: 200, text: '{"status":"ok"}' } : answer(422));
    capture(...manyIds(150));
    await clock.advance(1_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 150, held: 0, dropped: { refused: 0 } });
    // Both batches of the start are halved, until the first event of one is alone and goes bare.
    expect(collector.requests.filter(({ bare }) => !bare).length).toBeLessThanOrEqual(16);
    expect(collector.requests.filter(({ bare }) => bare)).toHaveLength(150);
    expect(collector.requests.every(({ bare, ids }) => !bare || ids.length === 1)).toBe(true);
    expect(lines).toEqual([
      "info: cmdrdata: the service takes single events only; they are sent one by one from now on",
    ]);
    const before = collector.requests.length;
    capture("later", "last");
    await clock.advance(1_000);
    expect(collector.requests.slice(before).map(({ ids, bare }) => [ids, bare])).toEqual([
      [["later"], true],
      [["last"], true],
    ]);
    expect(unaccounted()).toBe(0);
  });

  it("costs a bad event alone, and is waited for like any other", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    let failuresLeft = 3;
    collector.otherwise = (ids, bare) => {
      if (!bare || ids.includes("a-4")) return answer(400);
      if (ids.includes("a-6") && failuresLeft > 0) {
        failuresLeft -= 1;
        return answer(503);
      }
      return { status: 200 };
    };
    capture(...manyIds(8));
    await clock.advance(60_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 7, held: 0, dropped: { refused: 1 } });
  });
});
