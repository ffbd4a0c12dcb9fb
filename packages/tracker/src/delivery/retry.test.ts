import { anEvent } from "@cmdrdata/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { HeldEvent } from "./held-event.ts";
import type { Batch } from "./holding.ts";
import type { SendOutcome } from "./read-response.ts";
import { bareEvents, judge } from "./retry.ts";

const held = (number: number): HeldEvent => ({
  number,
  event: anEvent(),
  bytes: 1,
  materialBytes: 0,
  capturedAtMs: 0,
  text: undefined,
  json: () => undefined,
});
const batchOf = (count: number, more: Partial<Batch> = {}): Batch => ({
  events: Array.from({ length: count }, (_, index) => held(index + 1)),
  firstSentAtMs: 1_000,
  bare: false,
  ...more,
});
const terms = { retryForMs: 60_000, notBeforeMs: 0, singly: false };
const accepted: SendOutcome = {
  kind: "accepted",
  reply: { accepted: 1, duplicates: 0, conflicts: 0, rejected: [], flagged: [] },
};
const refused: SendOutcome = { kind: "split", reason: "refused", detail: "" };
const tooLarge: SendOutcome = { kind: "split", reason: "too_large", detail: "" };
const unavailable: SendOutcome = { kind: "try-later", code: "unavailable", afterMs: undefined, detail: "" };
const unauthorized: SendOutcome = { kind: "unauthorized", detail: "" };

describe("what becomes of a batch", () => {
  it("is over with an answer that accepts it", () => {
    expect(judge(batchOf(3), accepted, terms)).toEqual({ kind: "ended" });
  });

  it.each([refused, tooLarge])("halves what the collector will not read whole (R1): %o", (outcome) => {
    const batch = batchOf(5);
    const verdict = judge(batch, outcome, terms);
    expect(verdict).toMatchObject({
      kind: "again",
      atOnce: true,
      batches: [{ firstSentAtMs: 1_000 }, { bare: false }],
    });
    const parts = verdict.kind === "again" ? verdict.batches : [];
    expect(parts.map(({ events }) => events.length)).toEqual([3, 2]);
    expect(parts.flatMap(({ events }) => events)).toEqual(batch.events);
  });

  it("sends one event that was refused bare, and drops it only if it is refused again (R2)", () => {
    const batch = batchOf(1);
    const bare = { ...batch, bare: true };
    expect(judge(batch, refused, terms)).toEqual({ kind: "again", atOnce: true, batches: [bare] });
    expect(judge(bare, refused, terms)).toEqual({ kind: "dropped", reason: "refused" });
  });

  it("drops one event that is too large by itself, in whatever form", () => {
    expect(judge(batchOf(1), tooLarge, terms)).toEqual({ kind: "dropped", reason: "too_large" });
  });

  it("takes a batch apart at once for a service that takes single events only", () => {
    const batch = batchOf(3);
    const verdict = judge(batch, refused, { ...terms, singly: true });
    expect(verdict).toEqual({ kind: "again", atOnce: true, batches: bareEvents(batch) });
  });

  it.each([
    [unavailable, "retry_exhausted"],
    [unauthorized, "unauthorized"],
  ])(
    "comes again after %o as long as the next attempt is in its time (R4), then it is dropped as %s",
    (outcome, reason) => {
      const batch = batchOf(2);
      const inTime = judge(batch, outcome, { ...terms, notBeforeMs: 61_000 });
      expect(inTime).toEqual({ kind: "again", atOnce: false, batches: [batch] });
      expect(judge(batch, outcome, { ...terms, notBeforeMs: 61_001 })).toEqual({ kind: "dropped", reason });
    },
  );
});

describe("whatever is refused", () => {
  it("ends after less than 3n answers, each event once, with the bad ones alone dropped (R1, R2, R3)", () => {
    const world = fc.record({
      count: fc.integer({ min: 1, max: 200 }),
      bad: fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 20 }),
      outcome: fc.constantFrom(refused, tooLarge),
      onlyBare: fc.boolean(),
    });
    fc.assert(
      fc.property(world, ({ count, bad, outcome, onlyBare }) => {
        const queue: Batch[] = [batchOf(count)];
        const ended: number[] = [];
        const dropped: number[] = [];
        let answers = 0;
        let singly = false;
        for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
          answers += 1;
          const refuses = (onlyBare && !batch.bare) || batch.events.some(({ number }) => bad.includes(number));
          const answer = refuses ? (onlyBare ? refused : outcome) : accepted;
          if (!refuses && batch.bare) singly = true;
          const verdict = judge(batch, answer, { ...terms, singly });
          const numbers = batch.events.map(({ number }) => number);
          if (verdict.kind === "again") queue.unshift(...verdict.batches);
          else if (verdict.kind === "dropped") dropped.push(...numbers);
          else ended.push(...numbers);
        }
        const all = batchOf(count).events.map(({ number }) => number);
        expect(answers).toBeLessThan(3 * count + 1);
        expect([...ended, ...dropped].toSorted((a, b) => a - b)).toEqual(all);
        expect(dropped).toEqual(all.filter((number) => bad.includes(number)));
      }),
    );
  });
});
