import { describe, expect, it } from "vitest";

import { answer } from "./memory-collector.ts";
import { key, makeTracker, manyIds } from "./make-tracker.ts";

const reply = (fields: object) => ({ status: 200, text: JSON.stringify(fields) });

describe("a collector that cannot be reached or is busy", () => {
  it("is asked again after the backoff, never before, until it takes the events", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ retryBaseMs: 1_000, retryCapMs: 8_000 });
    collector.script.push("break", answer(503), answer(429), answer(500));
    capture("a");
    await clock.advance(60_000);
    const times = collector.requests.map(({ atMs }) => atMs);
    expect(times).toHaveLength(5);
    times.reduce((before, atMs, index) => {
      expect(atMs - before).toBeLessThanOrEqual(1_000 * 2 ** (index - 1));
      return atMs;
    });
    expect(new Set(times).size).toBe(5);
    expect(tracker.metrics()).toMatchObject({ delivered: 1, requests: 5, retries: 4, held: 0 });
  });

  it("is asked again after the time it asked for, not before", async () => {
    const { collector, clock, capture } = makeTracker();
    collector.script.push(answer(503, { "retry-after": "120" }));
    capture("a");
    await clock.advance(1_000 + 119_999);
    expect(collector.requests).toHaveLength(1);
    await clock.advance(1);
    expect(collector.requests).toHaveLength(2);
  });

  it("is left alone for as long as it asked, though the other request failed otherwise", async () => {
    const { collector, clock, capture } = makeTracker({ batchEvents: 1, retryBaseMs: 1, retryCapMs: 1 });
    collector.script.push(answer(429, { "retry-after": "60" }), "break");
    capture("a", "b");
    await clock.advance(59_999);
    expect(collector.requests).toHaveLength(2);
    await clock.advance(1);
    expect(collector.requests).toHaveLength(4);
  });

  it("is left alone for as long as it asked, though the other request went well", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ batchEvents: 1 });
    collector.script.push(answer(429, { "retry-after": "60" }), "take");
    capture("a", "b");
    await clock.advance(59_999);
    expect(collector.requests).toHaveLength(2);
    await clock.advance(1);
    expect(tracker.metrics()).toMatchObject({ delivered: 2, held: 0 });
  });

  it("loses an event to the retry bound only after retryForMs, counted", async () => {
    const { tracker, collector, clock, capture, unaccounted } = makeTracker({
      retryForMs: 60_000,
      retryBaseMs: 10_000,
      retryCapMs: 10_000,
    });
    collector.otherwise = answer(503);
    capture("a");
    await clock.advance(45_000);
    expect(tracker.metrics()).toMatchObject({ held: 1, dropped: { retry_exhausted: 0 } });
    await clock.advance(20_000);
    expect(tracker.metrics()).toMatchObject({ held: 0, dropped: { retry_exhausted: 1 } });
    expect(unaccounted()).toBe(0);
  });

  it("ends events in their time that wait for their turn behind others", async () => {
    const { tracker, collector, clock, capture, unaccounted } = makeTracker({ retryForMs: 60_000, retryCapMs: 50_000 });
    // Taken apart first, then away: 16 batches of one event, of which one is tried at a time.
    collector.otherwise = (ids) => answer(ids.length > 1 ? 413 : 503);
    capture(...manyIds(16));
    await clock.advance(120_000);
    expect(tracker.metrics()).toMatchObject({ held: 0, dropped: { retry_exhausted: 16 } });
    expect(unaccounted()).toBe(0);
  });

  it("does not count against events that were never sent", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ batchEvents: 1, retryForMs: 0 });
    collector.script.push(answer(503, { "retry-after": "30" }), answer(503, { "retry-after": "30" }));
    capture("a", "b", "c");
    await clock.advance(120_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 1, dropped: { retry_exhausted: 2 } });
    expect([...collector.taken.keys()]).toEqual(["c"]);
  });

  it("sends events again whose answer was lost, and counts them as duplicates (D4)", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    collector.script.push("take-then-break");
    capture("a", "b");
    await clock.advance(10_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 0, duplicates: 2, held: 0 });
    expect([...collector.taken]).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
  });

  it.each([
    ["does not add up", reply({ accepted: 1 })],
    ["cannot be read", { status: 200, text: "<html>welcome</html>" }],
  ])("sends events again after an answer that %s", async (_, strange) => {
    const { tracker, collector, clock, capture } = makeTracker();
    collector.script.push(strange);
    capture("a", "b");
    await clock.advance(10_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 2, requests: 2, held: 0 });
  });

  it("is said in one line per change, with the word that it is over (D7)", async () => {
    const { tracker, collector, clock, capture, lines } = makeTracker();
    collector.otherwise = answer(503);
    capture("a");
    await clock.advance(300_000);
    expect(collector.requests.length).toBeGreaterThan(5);
    expect(lines).toEqual([
      "warn: cmdrdata: the collector answered 503; events are held and sent again",
      "warn: cmdrdata: the collector answered 503, 5 failures in a row: the circuit is open, single requests ask whether it is over",
    ]);
    expect(tracker.metrics().lastError).toMatchObject({
      code: "unavailable",
      message: "the collector answered 503",
    });
    collector.otherwise = "take";
    await clock.advance(60_000);
    expect(lines.slice(2)).toEqual(["info: cmdrdata: the collector takes events again"]);
    capture("b");
    await clock.advance(1_000);
    expect(lines).toHaveLength(3);
    collector.script.push("break");
    capture("c");
    await clock.advance(60_000);
    expect(lines.slice(3)).toEqual([
      "warn: cmdrdata: no answer from the collector: connection lost; events are held and sent again",
      "info: cmdrdata: the collector takes events again",
    ]);
  });

  it("is said late rather than never where it goes and comes often, so that the last line is true (D7)", async () => {
    const { collector, clock, capture, lines, contexts } = makeTracker({ retryBaseMs: 100, retryCapMs: 500 });
    for (const id of manyIds(20)) {
      collector.script.push("break");
      capture(id);
      await clock.advance(2_000);
    }
    expect(lines).toHaveLength(2);
    collector.otherwise = "break";
    capture("last");
    await clock.advance(30_000);
    expect(lines.slice(2).join()).toMatch(/^warn: .*circuit is open/);
    expect(contexts[2]).toMatchObject({ component: "tracker", endpoint: "http://127.0.0.1:8787/api/events" });
    collector.otherwise = "take";
    await clock.advance(30_000);
    expect(lines.slice(3)).toEqual(["info: cmdrdata: the collector takes events again"]);
  });

  it("costs one timer and no hold on the process while it is away (D7)", async () => {
    const { collector, clock, capture } = makeTracker();
    collector.otherwise = "break";
    capture(...manyIds(500));
    await clock.advance(500_000);
    expect(clock.pending()).toBe(1);
    expect(clock.keepingAlive()).toBe(0);
    expect(collector.requests.length).toBeLessThan(100);
  });

  it("may fail with something that is no error", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    const { send } = collector;
    collector.send = () => Promise.reject("no route");
    capture("a");
    await clock.advance(1_000);
    expect(tracker.metrics().lastError?.message).toBe("no answer from the collector: no route");
    collector.send = send;
    await clock.advance(60_000);
    expect(tracker.metrics().delivered).toBe(1);
  });
});

describe("a key that is not accepted", () => {
  it.each([401, 403])("is said once, loudly, after %i; events are held and delivered once it is", async (status) => {
    const { tracker, collector, clock, capture, lines } = makeTracker({ retryCapMs: 30_000 });
    collector.otherwise = answer(status);
    capture("a", "b");
    await clock.advance(301_000);
    expect(collector.requests.length).toBeGreaterThan(5);
    expect(collector.requests.length).toBeLessThanOrEqual(11);
    expect(lines).toEqual([
      `error: cmdrdata: the collector answered ${status}: check the key; events are held until it is accepted`,
    ]);
    expect(tracker.metrics()).toMatchObject({ held: 2, lastError: { code: "unauthorized" } });
    collector.otherwise = "take";
    await clock.advance(30_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 2, held: 0 });
    expect(lines).toHaveLength(2);
  });

  it("costs the events tried for retryForMs, counted as unauthorized", async () => {
    const { tracker, collector, clock, capture, unaccounted } = makeTracker({ retryForMs: 60_000 });
    collector.otherwise = answer(401);
    capture("a", "b");
    await clock.advance(120_000);
    expect(tracker.metrics()).toMatchObject({ held: 0, dropped: { unauthorized: 2, retry_exhausted: 0 } });
    expect(unaccounted()).toBe(0);
  });

  it("is in no log line, whatever the cause of a failure repeats", async () => {
    const { tracker, collector, clock, capture, lines } = makeTracker();
    collector.send = () => Promise.reject(new Error(`bad header: Authorization: Bearer ${key} sk-0123456789`));
    capture("a");
    await clock.advance(10_000);
    expect(lines).toHaveLength(2);
    expect([...lines, tracker.metrics().lastError?.message].join()).not.toMatch(/[ts]k-0123/);
    expect(lines[0]).toContain("[redacted]");
  });
});
