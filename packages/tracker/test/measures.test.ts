import { describe, expect, it } from "vitest";

import type { MeasureName } from "../src/index.ts";
import { makeTracker, manyIds } from "./make-tracker.ts";
import { answer } from "./memory-collector.ts";

const total = ({ buckets }: { readonly buckets: readonly number[] }): number => buckets.reduce((all, one) => all + one);

describe("the histograms of metrics()", () => {
  it("measure requests, batches, deliveries and how long events were held", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ batchEvents: 4 });
    collector.otherwise = "hang";
    capture(...manyIds(6));
    await clock.advance(1_000);
    await clock.advance(40);
    collector.release();
    await clock.advance(0);
    const { requestMs, batchEvents, deliveryMs, heldMs } = tracker.metrics().histograms;
    expect([requestMs.count, requestMs.sum]).toEqual([2, 1_040 + 40]);
    expect([batchEvents.count, batchEvents.sum]).toEqual([2, 6]);
    expect([deliveryMs.count, deliveryMs.sum]).toEqual([6, 6 * 1_040]);
    expect(heldMs).toEqual(deliveryMs);
    for (const histogram of Object.values(tracker.metrics().histograms)) {
      expect(histogram.buckets).toHaveLength(histogram.bounds.length + 1);
      expect(total(histogram)).toBe(histogram.count);
    }
  });

  it("count a value in the first bucket whose bound it does not exceed, and in the last beyond all", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ timeoutMs: 300_000, batchEvents: 1, flushAfterMs: 1 });
    collector.otherwise = "hang";
    for (const ms of [25, 26, 30_001]) {
      capture("a");
      await clock.advance(0);
      await clock.advance(ms);
      collector.release();
      await clock.advance(0);
    }
    const { bounds, buckets } = tracker.metrics().histograms.requestMs;
    expect([buckets[bounds.indexOf(25)], buckets[bounds.indexOf(50)], buckets.at(-1)]).toEqual([1, 1, 1]);
  });

  it("tell deliveries from other ends", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ retryForMs: 0, batchEvents: 2 });
    const rejected = { index: 1, id: "b", code: "CMDR_X", field: "event" };
    collector.script.push({ status: 200, text: JSON.stringify({ accepted: 1, rejected: [rejected] }) }, answer(503));
    capture("a", "b", "c", "d");
    await clock.advance(60_000);
    const { deliveryMs, heldMs } = tracker.metrics().histograms;
    expect([deliveryMs.count, heldMs.count]).toEqual([1, 4]);
  });

  it("are told one by one to whoever observes, until that is ended, whatever it throws", async () => {
    const { tracker, clock, capture } = makeTracker();
    const seen: [MeasureName, number][] = [];
    const end = tracker.observe((name, value) => {
      seen.push([name, value]);
      throw new Error("the observer's own");
    });
    capture("a");
    expect(seen).toEqual([]);
    await clock.advance(1_000);
    expect(seen).toEqual([
      ["batchEvents", 1],
      ["requestMs", 0],
      ["deliveryMs", 1_000],
      ["heldMs", 1_000],
    ]);
    end();
    capture("b");
    await clock.advance(1_000);
    expect(seen).toHaveLength(4);
    expect(tracker.metrics().delivered).toBe(2);
  });
});
