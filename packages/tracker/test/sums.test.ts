import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { UsageEvent } from "@cmdrdata/protocol";
import { anEvent, type FakeClock } from "@cmdrdata/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { answer, type Behaviour } from "./memory-collector.ts";
import { type Bench, isSettled, makeTracker } from "./make-tracker.ts";

/** What the collector does: well, ill, and everything between. */
const behaviour = fc.constantFrom<Behaviour>(
  "take",
  "break",
  "take-then-break",
  "hang",
  answer(503),
  answer(429, { "retry-after": "20" }),
  answer(401),
  answer(413),
  answer(422),
);

/** What a collector does that tells the forms of a body apart. */
type ByForm = (ids: readonly string[], bare: boolean) => Behaviour;

/** The original's service: nothing but single bare events. */
const onlySingle: ByForm = (_ids, bare) => (bare ? "take" : answer(422));
/** To a bare event such an answer says that it was taken. */
const unreadable: ByForm = (_ids, bare) => (bare ? "take" : { status: 200, text: "{}" });

/** How the content of an event is made that is captured before it is known. */
type Making = "at once" | "slowly" | "never" | "throwing" | "rejecting" | "wrongly";

type Step =
  | { readonly do: "capture"; readonly count: number; readonly padding: number }
  | { readonly do: "capture-later"; readonly how: Making; readonly padding: number; readonly materialBytes: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "behave"; readonly behaviour: Behaviour | ByForm }
  | { readonly do: "release" }
  | { readonly do: "flush" }
  | { readonly do: "shutdown"; readonly deadlineMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("capture" as const),
      count: fc.integer({ min: 1, max: 12 }),
      padding: fc.integer({ min: 0, max: 3_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.constantFrom(0, 10, 1_000, 30_000, 90_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("capture-later" as const),
      how: fc.constantFrom<Making>("at once", "slowly", "never", "throwing", "rejecting", "wrongly"),
      padding: fc.integer({ min: 0, max: 40_000 }),
      materialBytes: fc.constantFrom(0, 1_000, 60_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("behave" as const),
      behaviour: fc.oneof(
        { weight: 9, arbitrary: behaviour },
        { weight: 2, arbitrary: fc.constantFrom(onlySingle, unreadable) },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "release" as const }) },
  { weight: 2, arbitrary: fc.constant({ do: "flush" as const }) },
);
const shutdownStep = fc.record({ do: fc.constant("shutdown" as const), deadlineMs: fc.constantFrom(0, 100, 5_000) });

const options = fc.record({
  queueEvents: fc.integer({ min: 1, max: 40 }),
  queueBytes: fc.integer({ min: 65_536, max: 120_000 }),
  batchEvents: fc.integer({ min: 1, max: 10 }),
  batchBytes: fc.integer({ min: 1_024, max: 8_192 }),
  retryForMs: fc.constantFrom(0, 60_000, 86_400_000),
  flushTimeoutMs: fc.constantFrom(1, 10_000),
});

interface Run {
  readonly bench: Bench;
  readonly flushes: Promise<void>[];
  captured: number;
}

const makings: Record<Making, (whole: UsageEvent, clock: FakeClock) => () => UsageEvent | Promise<UsageEvent>> = {
  "at once": (whole) => () => whole,
  slowly: (whole, clock) => () => new Promise((resolve) => clock.schedule(1_000, () => resolve(whole))),
  never: () => () => new Promise(() => {}),
  throwing: () => () => {
    throw new Error("cannot be made");
  },
  rejecting: () => () => Promise.reject(new Error("cannot be made")),
  wrongly: () => () => null as unknown as UsageEvent,
};

async function take(run: Run, next: Step): Promise<void> {
  const { tracker, clock, collector } = run.bench;
  switch (next.do) {
    case "capture":
      for (let count = 0; count < next.count; count += 1) {
        run.captured += 1;
        tracker.capture(anEvent({ id: `e-${run.captured}`, metadata: { padding: "x".repeat(next.padding) } }));
      }
      return;
    case "capture-later": {
      run.captured += 1;
      const id = `e-${run.captured}`;
      const whole = anEvent({ id, metadata: { padding: "x".repeat(next.padding) } });
      return tracker.captureLater(anEvent({ id }), makings[next.how](whole, clock), next.materialBytes);
    }
    case "advance":
      return clock.advance(next.ms);
    case "behave":
      collector.otherwise = next.behaviour;
      return;
    case "release":
      return collector.release();
    case "flush":
      run.flushes.push(tracker.flush());
      return;
    case "shutdown":
      run.flushes.push(tracker.shutdown(next.deadlineMs));
  }
}

function check({ bench, captured }: Run, config: { readonly queueEvents: number; readonly queueBytes: number }): void {
  const metrics = bench.tracker.metrics();
  expect(metrics.captured).toBe(captured);
  expect(bench.unaccounted()).toBe(0);
  expect(metrics.held).toBeLessThanOrEqual(config.queueEvents);
  expect(metrics.heldBytes).toBeLessThanOrEqual(config.queueBytes);
  expect(metrics.held === 0).toBe(metrics.heldBytes === 0);
  expect(bench.collector.mostAtOnce()).toBeLessThanOrEqual(2);
}

describe("whatever happens", () => {
  it("accounts for every event after every step, within its bounds, and delivers or counts each (D2, D3, D4)", async () => {
    const program = fc.tuple(fc.array(step, { maxLength: 40 }), fc.option(shutdownStep), options);
    await fc.assert(
      fc.asyncProperty(program, async ([steps, last, config]) => {
        const run: Run = { bench: makeTracker(config), flushes: [], captured: 0 };
        const { tracker, clock, collector } = run.bench;
        for (const next of last === null ? steps : [...steps, last]) {
          await take(run, next);
          check(run, config);
        }
        collector.otherwise = "take";
        collector.release();
        await clock.advance(700_000);
        check(run, config);
        const { held, delivered, duplicates } = tracker.metrics();
        expect(held).toBe(0);
        // An event that was taken while its answer was lost may have been dropped since: never the other way round.
        expect(delivered + duplicates).toBeLessThanOrEqual(collector.taken.size);
        expect([...collector.taken.values()].every((times) => times === 1)).toBe(true);
        expect(await isSettled(Promise.all(run.flushes))).toBe(true);
        expect([clock.pending(), clock.keepingAlive()]).toEqual([0, 0]);
      }),
      { numRuns: 300 },
    );
  });

  it("loses nothing with a spool: what is not dropped by name is delivered, by this process or the next (D3, D5)", async () => {
    const durability = fc.constantFrom("exit" as const, "crash" as const);
    const program = fc.tuple(fc.array(step, { maxLength: 30 }), fc.option(shutdownStep), options, durability);
    await fc.assert(
      fc.asyncProperty(program, async ([steps, last, config, durable]) => {
        const spoolDir = mkdtempSync(join(tmpdir(), "cmdrdata-sums-"));
        try {
          const run: Run = {
            bench: makeTracker({ ...config, durability: durable, spoolDir }),
            flushes: [],
            captured: 0,
          };
          const { tracker, clock, collector } = run.bench;
          for (const next of last === null ? steps : [...steps, last]) {
            await take(run, next);
            expect([tracker.metrics().captured - tracker.metrics().adopted, run.bench.unaccounted()]).toEqual([
              run.captured,
              0,
            ]);
          }
          collector.otherwise = "take";
          collector.release();
          await clock.advance(300_000);
          const ended = tracker.shutdown();
          await clock.advance(5_000);
          await ended;
          const other = makeTracker({ spoolDir });
          await other.clock.advance(60_000);
          expect([tracker.metrics().held, run.bench.unaccounted(), other.unaccounted()]).toEqual([0, 0, 0]);
          const ids = new Set([...collector.taken.keys(), ...other.collector.taken.keys()]);
          const dropped = Object.values(tracker.metrics().dropped).reduce((sum, count) => sum + count, 0);
          expect(ids.size + dropped).toBeGreaterThanOrEqual(run.captured);
          await other.tracker.shutdown();
        } finally {
          rmSync(spoolDir, { recursive: true });
        }
      }),
      { numRuns: 60 },
    );
  });

  it("delivers each event once to a collector that recovers, when nothing bounds the wait", async () => {
    const failing = fc.constantFrom<Behaviour>("break", "take-then-break", answer(503), answer(401), {
      status: 200,
      text: "",
    });
    await fc.assert(
      fc.asyncProperty(fc.array(failing, { maxLength: 12 }), fc.integer({ min: 1, max: 60 }), async (script, count) => {
        const { tracker, collector, clock, capture } = makeTracker({ batchEvents: 7, retryForMs: 86_400_000 });
        collector.script.push(...script);
        const ids = Array.from({ length: count }, (_, index) => `e-${index}`);
        capture(...ids);
        await clock.advance(3_600_000);
        expect([...collector.taken.keys()].toSorted()).toEqual(ids.toSorted());
        const { delivered, duplicates, held } = tracker.metrics();
        expect([delivered + duplicates, held]).toEqual([count, 0]);
      }),
    );
  });
});
