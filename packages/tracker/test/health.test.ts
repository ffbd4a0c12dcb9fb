import { anEvent } from "@cmdrdata/testkit";
import { describe, expect, it } from "vitest";

import { createTracker, resolveTrackerOptions, type Spool, type SpoolHealth } from "../src/index.ts";
import { key, makeTracker, manyIds } from "./make-tracker.ts";
import { answer, memoryCollector } from "./memory-collector.ts";

describe("health()", () => {
  it("is ok at the start, and knows nothing of what it has not seen", () => {
    const { tracker, clock } = makeTracker({ queueEvents: 7 });
    expect(tracker.health()).toEqual({
      status: "ok",
      atMs: clock.now(),
      queue: { status: "ok", events: 0, maxEvents: 7, bytes: 0, maxBytes: 16_777_216, oldestMs: 0, dropped: 0 },
      breaker: { status: "ok", state: "closed", failuresInARow: 0, keyRefused: false, requestsUnderWay: 0, waitMs: 0 },
      spool: { status: "off", folder: null, events: 0, bytes: 0, maxBytes: 0, damaged: 0, problem: null },
      collector: {
        status: "unknown",
        endpoint: "http://127.0.0.1:8787/api/events",
        lastSuccessAtMs: null,
        lastError: null,
        singleEventsOnly: false,
      },
      providers: {},
    });
  });

  it("says what is held and since when, and that a bound is near or reached", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ queueEvents: 10 });
    collector.otherwise = "hang";
    capture(...manyIds(7));
    await clock.advance(3_000);
    expect(tracker.health()).toMatchObject({ status: "ok", queue: { status: "ok", events: 7, oldestMs: 3_000 } });
    capture("h");
    expect(tracker.health()).toMatchObject({ status: "degraded", queue: { status: "degraded" } });
    capture("i", "j", "k");
    expect(tracker.health()).toMatchObject({ status: "failing", queue: { status: "failing", events: 10, dropped: 1 } });
    expect(tracker.health().breaker.requestsUnderWay).toBe(1);
  });

  it("follows the circuit: degraded, open, half-open, closed again", async () => {
    const { tracker, collector, clock, capture } = makeTracker({ retryBaseMs: 1_000, retryCapMs: 1_000 });
    const failed = answer(503, { "retry-after": "10" });
    collector.script.push(failed, failed, failed, failed, failed, "hang");
    capture("a");
    await clock.advance(1_000);
    expect(tracker.health()).toMatchObject({
      status: "degraded",
      breaker: { status: "degraded", state: "closed", failuresInARow: 1, waitMs: 10_000 },
      collector: { status: "degraded", lastSuccessAtMs: null, lastError: { code: "unavailable" } },
    });
    await clock.advance(40_000);
    expect(tracker.health()).toMatchObject({ status: "failing", breaker: { state: "open", failuresInARow: 5 } });
    expect(tracker.metrics()).toMatchObject({ circuitOpened: 1, failures: { unavailable: 5, unreachable: 0 } });
    await clock.advance(10_000);
    expect(tracker.health()).toMatchObject({ breaker: { state: "half-open", requestsUnderWay: 1 } });
    collector.release();
    await clock.advance(0);
    expect(tracker.health()).toMatchObject({
      status: "ok",
      breaker: { state: "closed", failuresInARow: 0 },
      collector: { status: "ok", lastSuccessAtMs: clock.now(), lastError: { code: "unavailable" } },
    });
  });

  it("says that the key is refused", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    collector.otherwise = answer(401);
    capture("a");
    await clock.advance(1_000);
    expect(tracker.health()).toMatchObject({
      status: "failing",
      breaker: { state: "open", keyRefused: true, waitMs: 30_000 },
      collector: { status: "failing", lastError: { code: "unauthorized" } },
    });
    expect(tracker.metrics()).toMatchObject({ circuitOpened: 1, failures: { unauthorized: 1 } });
  });

  it("says that there is no key, and that it is shut down", async () => {
    const { tracker } = makeTracker({ apiKey: undefined });
    expect(tracker.health().status).toBe("unconfigured");
    await tracker.shutdown();
    expect(tracker.health().status).toBe("shut_down");
  });

  it("says that a service takes single events only", async () => {
    const { tracker, collector, clock, capture } = makeTracker();
    collector.otherwise = (_ids, bare) => (bare ? { status: 200 } : answer(422));
    capture("a");
    await clock.advance(1_000);
    expect(tracker.health().collector.singleEventsOnly).toBe(true);
  });

  it("shows no query of the endpoint, which may hold a key", () => {
    const { tracker } = makeTracker({ endpoint: "https://collector.example/api/events?api_key=hidden" });
    expect(tracker.health().collector.endpoint).toBe("https://collector.example/api/events");
  });

  it.each([
    ["ok", "ok"],
    ["full", "degraded"],
    ["failed", "degraded"],
  ] as const)("takes the spool's word: %s is %s", (spoolStatus, status) => {
    const spool: SpoolHealth = {
      status: spoolStatus,
      folder: "/spool",
      events: 3,
      bytes: 100,
      maxBytes: 1_000,
      damaged: 0,
      problem: null,
    };
    const config = resolveTrackerOptions({ apiKey: key }, {});
    const openSpool = (): Spool => ({ ...emptySpool, health: () => spool });
    const tracker = createTracker(config, { transport: memoryCollector(() => 0), openSpool });
    expect(tracker.health()).toMatchObject({ status, spool });
  });
});

const emptySpool: Omit<Spool, "health"> = {
  write: () => ({ receipts: [], refused: undefined }),
  leave: () => "spool_failed",
  done: () => {},
  keeps: () => false,
  adopt: () => undefined,
  beat: () => {},
  release: () => {},
};

describe("the providers in health()", () => {
  const ok = anEvent({ provider: "openai", request: { ...anEvent().request, success: true } });
  const failed = (type: string) => anEvent({ error: { occurred: true, type, code: null, message: null } });

  it("are as the program's calls last saw them", async () => {
    const { tracker, clock } = makeTracker();
    tracker.capture(ok);
    await clock.advance(500);
    tracker.capture(failed("server_error"));
    expect(tracker.health()).toMatchObject({
      status: "degraded",
      providers: {
        openai: {
          status: "degraded",
          calls: 2,
          errors: 1,
          errorsByType: { server_error: 1 },
          failuresInARow: 1,
          lastSuccessAtMs: clock.now() - 500,
          lastError: { atMs: clock.now(), type: "server_error" },
        },
      },
    });
    for (let call = 0; call < 4; call += 1) tracker.capture(failed("timeout"));
    expect(tracker.health().providers["openai"]).toMatchObject({ status: "failing", failuresInARow: 5 });
    tracker.capture(ok);
    expect(tracker.health()).toMatchObject({
      status: "ok",
      providers: { openai: { status: "ok", failuresInARow: 0 } },
    });
    expect(tracker.metrics().providers).toEqual({
      openai: { calls: 7, errors: 5, errorsByType: { server_error: 1, timeout: 4 } },
    });
  });

  it("are well where it is the call that was at fault, and answered", () => {
    const { tracker } = makeTracker();
    tracker.capture(failed("rate_limit"));
    tracker.capture(failed("bad_request"));
    expect(tracker.health().providers["openai"]).toMatchObject({ status: "ok", failuresInARow: 0, errors: 2 });
  });

  it("are not judged by a call that the program ended, or whose outcome nobody knows", () => {
    const { tracker } = makeTracker();
    tracker.capture(anEvent());
    expect(tracker.health().providers["openai"]?.status).toBe("unknown");
    tracker.capture(failed("rate_limit"));
    tracker.capture(failed("aborted"));
    tracker.capture(failed("of a newer version"));
    expect(tracker.health().providers["openai"]).toMatchObject({
      status: "degraded",
      errorsByType: { rate_limit: 1, aborted: 1, unknown: 1 },
    });
  });

  it("are bounded in number, whatever names the events have", () => {
    const { tracker } = makeTracker();
    for (let name = 0; name < 100; name += 1) tracker.capture(anEvent({ provider: `p${name}` }));
    const { providers } = tracker.health();
    expect(Object.keys(providers)).toHaveLength(16);
    expect(providers["other"]?.calls).toBe(85);
  });
});
