import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  admitsFromMs,
  type BreakerChange,
  type BreakerEvent,
  type BreakerState,
  initialBreaker,
  nextBreaker,
} from "./breaker.ts";

const policy = { retryBaseMs: 500, retryCapMs: 30_000 };
const longestRetryAfterMs = 300_000;

const fail = (nowMs: number, afterMs?: number): BreakerEvent => ({ kind: "failed", nowMs, afterMs, jitter: 0.5 });
const refuseKey = (nowMs: number): BreakerEvent => ({ kind: "key-refused", nowMs });
const sent: BreakerEvent = { kind: "sent" };
const taken: BreakerEvent = { kind: "taken" };
const batchRefused: BreakerEvent = { kind: "batch-refused" };

function run(...events: readonly BreakerEvent[]) {
  const changes: BreakerChange[] = [];
  let state = initialBreaker;
  for (const event of events) {
    const next = nextBreaker(state, event, policy);
    state = next.state;
    if (next.change !== undefined) changes.push(next.change);
  }
  return { state, changes, fromMs: admitsFromMs(state) };
}

const fourFailures = Array.from({ length: 4 }, () => [sent, fail(0)]).flat();
const opened = [...fourFailures, sent, fail(0)];

describe("the breaker", () => {
  it("has two places while all is well, and one after a failure (B2)", () => {
    expect(run(sent).fromMs).toBe(0);
    expect(run(sent, sent).fromMs).toBeUndefined();
    expect(run(sent, sent, fail(0)).fromMs).toBeUndefined();
    expect(run(sent, sent, fail(0), fail(0)).fromMs).toBe(500);
  });

  it("waits for the backoff after a failure, and says the first", () => {
    expect(run(sent, fail(1_000))).toMatchObject({ fromMs: 1_250, changes: ["failing"], state: { name: "closed" } });
    expect(run(sent, fail(0), sent, fail(1_000))).toMatchObject({ fromMs: 1_500, changes: ["failing"] });
  });

  it("opens after five failures in a row", () => {
    expect(run(...fourFailures)).toMatchObject({ state: { name: "closed" }, changes: ["failing"] });
    expect(run(...opened)).toMatchObject({ state: { name: "open", failures: 5 }, changes: ["failing", "opened"] });
    expect(run(...fourFailures, sent, taken, ...fourFailures).state.name).toBe("closed");
  });

  it("lets one probe by, and closes when it is taken (B3)", () => {
    expect(run(...opened, sent)).toMatchObject({ state: { name: "half-open" }, fromMs: undefined });
    expect(run(...opened, sent, taken)).toMatchObject({
      state: { name: "closed", failures: 0 },
      changes: ["failing", "opened", "recovered"],
    });
  });

  it("opens again when the probe fails, and waits longer", () => {
    const { state, fromMs } = run(...opened, sent, fail(60_000));
    expect([state.name, state.failures, fromMs]).toEqual(["open", 6, 60_000 + 8_000]);
  });

  it("lets the next probe by at once when the batch of the last was refused: it was at fault, not the collector", () => {
    const before = run(...opened);
    expect(run(...opened, sent, batchRefused)).toEqual(before);
    expect(run(sent, batchRefused).state).toEqual(initialBreaker);
  });

  it("opens at once for a refused key, says so once, and holds for the cap", () => {
    const refused = run(sent, refuseKey(0));
    expect(refused).toMatchObject({
      state: { name: "open", keyRefused: true },
      fromMs: 30_000,
      changes: ["key_refused"],
    });
    const again = run(sent, refuseKey(0), sent, refuseKey(30_000), sent, fail(60_000), sent, refuseKey(90_000));
    expect(again).toMatchObject({ fromMs: 120_000, changes: ["key_refused"] });
    expect(run(sent, refuseKey(0), sent, taken).state).toMatchObject({ name: "closed", keyRefused: false });
  });

  it("says a refused key also when it was failing otherwise before", () => {
    expect(run(...opened, sent, refuseKey(0)).changes).toEqual(["failing", "opened", "key_refused"]);
  });

  it("keeps to what the collector asked for, whatever else is said meanwhile (B1)", () => {
    expect(run(sent, sent, fail(0, 60_000), taken)).toMatchObject({ fromMs: 60_000, state: { failures: 0 } });
    expect(run(sent, sent, fail(0, 60_000), fail(1)).fromMs).toBe(60_000);
    expect(run(sent, sent, refuseKey(0), fail(10, 60_000)).fromMs).toBe(60_010);
  });

  it("takes from requests sent before it opened only a longer wait, or a refused key (B4)", () => {
    const before = run(sent, sent, refuseKey(0));
    for (const late of [taken, fail(5), batchRefused]) {
      const after = run(sent, sent, refuseKey(0), late);
      expect(after.state).toEqual({ ...before.state, underWay: 0 });
      expect(after.changes).toEqual(before.changes);
    }
    expect(run(sent, sent, refuseKey(0), refuseKey(100))).toMatchObject({
      fromMs: 30_100,
      state: { failures: 1 },
      changes: ["key_refused"],
    });
  });
});

function isPossible(state: BreakerState, kind: BreakerEvent["kind"], nowMs: number): boolean {
  if (kind !== "sent") return state.underWay > 0;
  const fromMs = admitsFromMs(state);
  return fromMs !== undefined && fromMs <= nowMs;
}

/** B1 and B6: a wait is never shortened, and bounded. */
function checkWait(before: BreakerState, after: BreakerState, at: { readonly nowMs: number; readonly asked: boolean }) {
  expect(after.notBeforeMs).toBeGreaterThanOrEqual(before.notBeforeMs);
  if (after.notBeforeMs === before.notBeforeMs) return;
  expect(after.notBeforeMs - at.nowMs).toBeLessThanOrEqual(at.asked ? longestRetryAfterMs : policy.retryCapMs);
}

/** B2, B3 and B4. */
function checkPlaces(before: BreakerState, after: BreakerState, kind: BreakerEvent["kind"]): void {
  expect(after.underWay).toBeLessThanOrEqual(2);
  if (kind === "sent" && before.failures > 0) expect(before.underWay).toBe(0);
  if (after.name === "half-open") expect(after.underWay).toBe(1);
  if (before.name === "half-open") expect([kind === "sent", after.name === "half-open"]).toEqual([false, false]);
  if (before.name === "open") expect(after.name).toBe(kind === "sent" ? "half-open" : "open");
  if (before.name === "open") expect(after.failures).toBe(before.failures);
  if (after.name !== "closed") expect(after.failures).toBeGreaterThan(0);
  expect(after.keyRefused && after.name === "closed").toBe(false);
}

describe("whatever happens", () => {
  /** One move of a driver that sends whenever it may, with answers in any order. */
  const move = fc.record({
    waitMs: fc.constantFrom(0, 1, 100, 5_000, 30_000),
    kind: fc.constantFrom(
      "sent" as const,
      "taken" as const,
      "failed" as const,
      "key-refused" as const,
      "batch-refused" as const,
    ),
    afterMs: fc.option(fc.integer({ min: 0, max: longestRetryAfterMs }), { nil: undefined }),
    jitter: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  it("keeps B1 to B6", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
        let nowMs = 0;
        let state = initialBreaker;
        let said: readonly BreakerChange[] = [];
        for (const { waitMs, kind, afterMs, jitter } of moves) {
          nowMs += waitMs;
          if (!isPossible(state, kind, nowMs)) continue;
          const event = { kind, nowMs, afterMs, jitter } as BreakerEvent;
          const { state: after, change } = nextBreaker(state, event, policy);
          checkWait(state, after, { nowMs, asked: afterMs !== undefined });
          checkPlaces(state, after, kind);
          // B5
          if (change !== undefined) expect(said).not.toContain(change);
          said = change === undefined ? said : change === "recovered" ? [] : [...said, change];
          state = after;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("recovers as soon as a probe is taken, from any state: none is a dead end", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(fail(0), refuseKey(0), batchRefused), { maxLength: 40 }), (ends) => {
        const { state } = run(...ends.flatMap((end) => [sent, end]), sent, taken);
        expect(state).toMatchObject({ name: "closed", failures: 0, keyRefused: false, underWay: 0 });
      }),
    );
  });
});
