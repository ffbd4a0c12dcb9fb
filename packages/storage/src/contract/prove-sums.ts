/** S5: every grouping and every cut adds up, and equals a recount of the stored events. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { dimensions, longestDurationUs } from "../dimensions.ts";
import { bucketMs, type TimeRange } from "../store.ts";
import type { Places } from "./describe-usage-store.ts";
import { addRows, recount, sortedRows } from "./recount.ts";
import { anySample, anyValue, baseMs, priced, sampleBuckets, sampleEvent } from "./sample-events.ts";

const whole: TimeRange = { startMs: baseMs, endMs: baseMs + sampleBuckets * bucketMs };
const runs = { numRuns: 60 };

const batches = fc.array(fc.array(anySample, { maxLength: 25 }), { maxLength: 4 });
const grouping = fc.shuffledSubarray([...dimensions]);
const filters = fc.uniqueArray(
  fc.record({ key: fc.constantFrom(...dimensions), values: fc.uniqueArray(anyValue, { minLength: 1, maxLength: 3 }) }),
  { maxLength: 2, selector: ({ key }) => key },
);
const cuts = fc
  .uniqueArray(fc.integer({ min: 1, max: sampleBuckets - 1 }))
  .map((inner) => rangesBetween([0, ...inner.toSorted((a, b) => a - b), sampleBuckets]));

function rangesBetween(edges: readonly number[]): readonly TimeRange[] {
  return edges.slice(1).map((end, index) => ({
    startMs: baseMs + (edges[index] as number) * bucketMs,
    endMs: baseMs + end * bucketMs,
  }));
}

export function proveSums(places: Places): void {
  describe("S5 sums", () => {
    proveRecount(places);
    proveMoney(places);
    proveRanges(places);
    proveDimensions(places);
  });
}

function proveRecount({ withStore }: Places): void {
  it(
    "gives for any events, grouping, filters and cut what a recount of the stored events gives, and the same total",
    withStore(async (store, harness) => {
      let run = 0;
      const property = fc.asyncProperty(batches, grouping, cuts, filters, async (given, groupBy, ranges, filters) => {
        const tenant = `tenant-${(run += 1)}`;
        for (const batch of given) await store.append(batch.map((sample) => sampleEvent({ ...sample, tenant })));
        const query = { tenant, ranges, groupBy, filters };
        const rows = await store.usage(query);
        const stored = await harness.storedEvents();
        expect(sortedRows(rows)).toEqual(sortedRows(recount(stored, query)));
        expect(addRows(rows)).toEqual(addRows(await store.usage({ tenant, ranges: [whole], groupBy: [], filters })));
      });
      await fc.assert(property, runs);
    }),
  );
}

function proveMoney({ withStore }: Places): void {
  it(
    "sums money exactly past a billion dollars",
    withStore(async (store) => {
      let run = 0;
      // From 1 pico-dollar to 500 million dollars an event: a 64-bit sum of pico-dollars would overflow at 9.2 million.
      const amount = fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 10n }), fc.bigInt({ min: 0n, max: 5n * 10n ** 20n }));
      const property = fc.asyncProperty(fc.array(amount, { minLength: 1, maxLength: 40 }), async (amounts) => {
        const tenant = `money-${(run += 1)}`;
        const base = 10n ** 21n + 1n;
        const costs = [base, ...amounts];
        await store.append(costs.map((cost, index) => sampleEvent({ tenant, id: `${index}`, cost: priced(cost) })));
        const [row] = await store.usage({ tenant, ranges: [whole], groupBy: ["customer_id"] });
        expect(row?.sums.costPicoUsd).toBe(costs.reduce((sum, cost) => sum + cost, 0n));
      });
      await fc.assert(property, runs);
    }),
  );
}

function proveRanges({ withStore }: Places): void {
  it(
    "gives rows by range, then by group, and none where nothing happened",
    withStore(async (store) => {
      const events: readonly (readonly [bucket: number, customer: string | null])[] = [
        [0, "b"],
        [0, "a"],
        [0, null],
        [2, "a"],
      ];
      await store.append(
        events.map(([bucket, customer_id], index) =>
          sampleEvent({ id: `${index}`, eventTimeMs: baseMs + bucket * bucketMs, event: { customer_id } }),
        ),
      );
      const ranges = rangesBetween([0, 1, 2, 3]);
      const rows = await store.usage({ tenant: "acme", ranges, groupBy: ["customer_id"] });
      const keys = rows.map(({ rangeStartMs, group }) => [(rangeStartMs - baseMs) / bucketMs, group.customer_id]);
      expect(keys).toEqual([
        [0, null],
        [0, "a"],
        [0, "b"],
        [2, "a"],
      ]);
      expect(await store.usage({ tenant: "acme", ranges: [], groupBy: [] })).toEqual([]);
    }),
  );

  it(
    "puts the last millisecond before a boundary in the earlier range",
    withStore(async (store) => {
      await store.append([
        sampleEvent({ id: "1", eventTimeMs: baseMs - 1 }),
        sampleEvent({ id: "2", eventTimeMs: baseMs }),
        sampleEvent({ id: "3", eventTimeMs: baseMs + bucketMs - 1 }),
      ]);
      const rows = await store.usage({ tenant: "acme", ranges: rangesBetween([-1, 0, 1]), groupBy: [] });
      expect(rows.map(({ sums }) => sums.calls)).toEqual([1, 2]);
    }),
  );
}

function proveDimensions({ withStore }: Places): void {
  it(
    "groups a failed call by the model it asked for and by the type of its error",
    withStore(async (store) => {
      const error = { occurred: true, type: "rate_limit", code: null, message: null };
      const failed = { model: null, requested_model: "gpt-5", error };
      await store.append([sampleEvent({ event: failed }), sampleEvent({ id: "2" })]);
      const rows = await store.usage({ tenant: "acme", ranges: [whole], groupBy: ["error_type", "model"] });
      expect(rows).toMatchObject([
        { group: { error_type: null, model: "gpt-4o" }, sums: { calls: 1, errors: 0 } },
        { group: { error_type: "rate_limit", model: "gpt-5" }, sums: { calls: 1, errors: 1 } },
      ]);
    }),
  );

  it(
    "leaves a duration that no call can have out of the timed calls",
    withStore(async (store) => {
      const lasting = (duration_ms: number): { latency: ReturnType<typeof sampleEvent>["event"]["latency"] } => ({
        latency: { ...sampleEvent().event.latency, duration_ms },
      });
      const longest = longestDurationUs / 1_000;
      await store.append([
        sampleEvent({ id: "1", event: lasting(longest) }),
        sampleEvent({ id: "2", event: lasting(longest + 1) }),
      ]);
      const [row] = await store.usage({ tenant: "acme", ranges: [whole], groupBy: [] });
      expect(row?.sums).toMatchObject({ calls: 2, timedCalls: 1, durationUs: longestDurationUs });
    }),
  );

  it(
    "refuses a dimension that does not exist",
    withStore(async (store) => {
      const groupBy = ["calls; DROP TABLE events"] as unknown as readonly "model"[];
      await expect(store.usage({ tenant: "acme", ranges: [whole], groupBy })).rejects.toMatchObject({
        code: "CMDR_QUERY_INVALID",
      });
    }),
  );
}
