import {
  anEvent,
  type RecordedRequest,
  type ScriptedAnswer,
  type ScriptedCollector,
  scriptedCollector,
} from "@cmdrdata/testkit";
import { afterEach, describe, expect, it } from "vitest";

import { type Clock, createTracker, resolveTrackerOptions, systemClock, type Tracker } from "../src/index.ts";
import { createTransport } from "../src/transport/create-transport.ts";
import { key, manyIds, recordingLogger } from "./make-tracker.ts";

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Bench {
  readonly collector: ScriptedCollector;
  readonly tracker: Tracker;
  readonly lines: readonly string[];
  /** The waits it asked its clock for; none was waited. */
  readonly waits: readonly number[];
  send(ids: readonly string[]): Promise<void>;
}

async function makeTracker(script: readonly ScriptedAnswer[] = [], endpoint?: string): Promise<Bench> {
  const collector = await scriptedCollector(script);
  cleanups.push(() => collector.close());
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    // Time stands still, so that a wait is over as soon as it is asked for; only `flush` has a real bound.
    monotonicNow: () => waits.reduce((sum, waitMs) => sum + waitMs, 0),
    schedule: (delayMs, callback, keepAlive) => {
      if (keepAlive) return systemClock.schedule(delayMs, callback, true);
      return systemClock.schedule(0, () => {
        waits.push(delayMs);
        callback();
      });
    },
  };
  const logger = recordingLogger();
  const options = { apiKey: key, endpoint: endpoint ?? collector.url, timeoutMs: 2_000, logger };
  const tracker = createTracker(resolveTrackerOptions(options, {}), { clock });
  cleanups.push(() => tracker.shutdown(0));
  const send = (ids: readonly string[]): Promise<void> => {
    for (const id of ids) tracker.capture(anEvent({ id }));
    return tracker.flush();
  };
  return { collector, tracker, lines: logger.lines, waits, send };
}

describe("over real HTTP", () => {
  it("sends 2,000 events over at most two connections, again and again", async () => {
    const { collector, tracker, send } = await makeTracker();
    await send(manyIds(2_000, "a"));
    await send(manyIds(2_000, "b"));
    expect(tracker.metrics()).toMatchObject({ delivered: 4_000, duplicates: 0, held: 0, requests: 4 });
    expect(collector.ids.size).toBe(4_000);
    expect(collector.connections()).toBeLessThanOrEqual(2);
  });

  it("compresses what is worth it, and sends small bodies plain", async () => {
    const { collector, tracker, send } = await makeTracker();
    await send(manyIds(100));
    await send(["small"]);
    const [large, small] = collector.requests as [RecordedRequest, RecordedRequest];
    expect(large).toMatchObject({ headers: { "content-encoding": "gzip", "content-type": "application/json" } });
    expect(large.events).toHaveLength(100);
    expect(large.bodyBytes).toBeLessThan(JSON.stringify(large.events).length / 3);
    expect(small.headers).not.toHaveProperty("content-encoding");
    expect(small.headers.authorization).toBe(`Bearer ${key}`);
    expect(Number(small.headers["content-length"])).toBe(small.bodyBytes);
    expect(tracker.metrics().sentBytes).toBe(large.bodyBytes + small.bodyBytes);
  });

  it("waits as long as Retry-After says", async () => {
    const { tracker, waits, send } = await makeTracker([
      { kind: "answer", status: 503, headers: { "retry-after": "77" } },
    ]);
    await send(["a"]);
    expect(waits).toContain(77_000);
    expect(tracker.metrics()).toMatchObject({ delivered: 1, retries: 1 });
  });

  it("sends again after a connection dropped with the events taken: the server has each once (D4)", async () => {
    const { collector, tracker, send } = await makeTracker([{ kind: "drop-connection", commit: true }]);
    await send(["a", "b"]);
    expect([...collector.ids]).toEqual(["a", "b"]);
    expect(tracker.metrics()).toMatchObject({ delivered: 0, duplicates: 2, held: 0, requests: 2 });
  });

  it("sends again after a connection dropped with nothing taken", async () => {
    const { tracker, send } = await makeTracker([{ kind: "drop-connection", commit: false }]);
    await send(["a", "b"]);
    expect(tracker.metrics()).toMatchObject({ delivered: 2, duplicates: 0, requests: 2 });
  });

  it("does not follow a redirect: the key goes nowhere else", async () => {
    const elsewhere = await scriptedCollector();
    cleanups.push(() => elsewhere.close());
    const headers = { location: elsewhere.url, "set-cookie": "a=1" };
    const { tracker, lines, send } = await makeTracker([
      { kind: "answer", status: 302, headers },
      { kind: "answer", status: 308, headers },
    ]);
    await send(["a"]);
    expect(elsewhere.connections()).toBe(0);
    expect(lines[0]).toContain("the collector answered 302");
    expect(tracker.metrics()).toMatchObject({ delivered: 1, requests: 3 });
  });

  it("takes an answer over 5 MiB for none", async () => {
    const body = JSON.stringify({ accepted: 1, padding: "x".repeat(5 * 1_024 * 1_024) });
    const { tracker, lines, send } = await makeTracker([{ kind: "answer", status: 200, body }]);
    await send(["a"]);
    expect(lines[0]).toContain("expected an answer of at most 5242880 bytes");
    expect(tracker.metrics()).toMatchObject({ delivered: 1, requests: 2 });
  });
});

describe("the transport on Node", () => {
  const request = (url: string, timeoutMs: number, padding = 0) => ({
    url,
    headers: { "content-type": "application/json" },
    body: new TextEncoder().encode(JSON.stringify({ events: [{ id: "x".repeat(padding) }] })),
    timeoutMs,
  });

  async function open(script: readonly ScriptedAnswer[] = []) {
    const collector = await scriptedCollector(script);
    const transport = createTransport(undefined);
    cleanups.push(
      () => transport.close(),
      () => collector.close(),
    );
    return { collector, transport };
  }

  it("gives up on an answer that does not come in time", async () => {
    const { collector, transport } = await open([{ kind: "hang" }]);
    await expect(transport.send(request(collector.url, 100))).rejects.toThrow("no complete answer within 100 ms");
  });

  it("breaks off what is under way when it is closed", async () => {
    const { collector, transport } = await open([{ kind: "hang" }]);
    const sent = expect(transport.send(request(collector.url, 60_000))).rejects.toThrow("socket hang up");
    while (collector.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    transport.close();
    await sent;
  });

  it("sends nothing once it is closed, not even what was being compressed", async () => {
    const { collector, transport } = await open();
    const sent = expect(transport.send(request(collector.url, 1_000, 100_000))).rejects.toThrow("closed");
    transport.close();
    await sent;
    expect(collector.connections()).toBe(0);
  });
});
