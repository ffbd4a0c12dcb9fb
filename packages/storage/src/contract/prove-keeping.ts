/** Quarantine released, customers erased, metadata keys declared, days summed up: and every sum right all the while (S5). */
import { gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { dimensions } from "../dimensions.ts";
import { bucketMs, type GroupKey, type TimeRange, type UsageStore } from "../store.ts";
import type { Places } from "./describe-usage-store.ts";
import type { UsageStoreHarness } from "./harness.ts";
import { addRows, recount, sortedRows } from "./recount.ts";
import { anySample, baseMs, sampleBuckets, sampleEvent } from "./sample-events.ts";

const whole: TimeRange = { startMs: baseMs, endMs: baseMs + sampleBuckets * bucketMs };
const bucket: TimeRange = { startMs: baseMs, endMs: baseMs + bucketMs };
const nowMs = baseMs + 1_000;
const doubt = { code: "CMDR_EVENT_FUTURE", field: "timestamp", message: "expected a time that has come" } as const;

async function eraseAll(store: UsageStore): Promise<void> {
  while (await store.eraseSome(nowMs));
}

async function backfillAll(store: UsageStore): Promise<void> {
  while (await store.backfillSome());
}

export function proveKeeping(places: Places): void {
  describe("quarantine released", () => proveRelease(places));
  describe("customers erased", () => proveErasure(places));
  describe("metadata keys", () => proveMetadata(places));
  describe("days summed up", () => proveDays(places));
  describe("all at once", () => proveAll(places));
}

function proveRelease({ withStore }: Places): void {
  it(
    "counts what is released once, also when it is released again or by two at once, and not what is still in doubt",
    withStore(async (store, harness) => {
      const origin = { body: { encoding: "gzip" as const, bytes: gzipSync("[{},{}]") }, position: 1 };
      await store.append([sampleEvent({ doubts: [doubt], origin }), sampleEvent({ id: "2", doubts: [doubt] })]);
      const { items } = await store.quarantined({ tenant: "acme", limit: 9 });
      expect(items.map(({ identityDay }) => identityDay)).toEqual([20_780, 20_780]);
      const [first, second] = items.map(({ number, id, body }) => ({
        number,
        priced: sampleEvent({
          id,
          ...(body === null ? {} : { origin: { body: body.bodyId, position: body.position } }),
        }),
      })) as [never, { number: number; priced: ReturnType<typeof sampleEvent> }];
      const held = { ...second, priced: { ...second.priced, doubts: [doubt] } };
      expect(await store.release("globex", [first])).toEqual(["gone"]);
      const both = await Promise.all([store.release("acme", [first, held]), store.release("acme", [first, held])]);
      expect(both.toSorted()).toEqual([
        ["gone", "held"],
        ["released", "held"],
      ]);
      const total = await store.usage({ tenant: "acme", ranges: [bucket], groupBy: [] });
      expect(total).toMatchObject([{ sums: { calls: 1, inputTokens: 15 } }]);
      expect(await harness.storedEvents()).toHaveLength(1);
      expect(await store.quarantined({ tenant: "acme", limit: 9 })).toMatchObject({ total: 1, items: [{ id: "2" }] });
      expect(await store.append([sampleEvent()])).toEqual([{ kind: "duplicate", conflict: false }]);
      const [story] = await store.eventStories({ tenant: "acme", id: "event-1" });
      expect(story).toMatchObject({ counted: { body: { position: 1 } }, quarantined: undefined });
    }),
  );
}

function proveErasure({ withStore }: Places): void {
  it(
    "keeps the totals under a tombstone, and nothing else of the customer anywhere",
    withStore(async (store, harness) => {
      const whose = {
        customer_id: "secret-name",
        metadata: { team: "secret-team" },
        error: { ...sampleEvent().event.error, occurred: true, message: "secret-message" },
      };
      const text = JSON.stringify([
        { customer_id: "secret-name" },
        { customer_id: "other" },
        { customer_id: "secret-name", again: true },
      ]);
      const origin = (position: number) => ({ body: bodyOfAll, position });
      const bodyOfAll = { encoding: "gzip" as const, bytes: gzipSync(text) };
      await store.declareDimension({ tenant: "acme", key: "team", nowMs });
      await backfillAll(store);
      await store.append([
        sampleEvent({ event: whose, origin: origin(0) }),
        sampleEvent({ id: "other", event: { customer_id: "other" }, origin: origin(1) }),
        sampleEvent({ event: whose, origin: origin(2) }),
      ]);
      await store.append([
        sampleEvent({ id: "later", eventTimeMs: baseMs + 3 * bucketMs, event: whose }),
        sampleEvent({ contentHash: "hash-2", event: whose }),
        sampleEvent({ id: "held", doubts: [doubt], event: whose }),
        sampleEvent({ tenant: "globex", event: { customer_id: "secret-name" } }),
      ]);
      await store.buildDay("acme", whole);
      const before = await store.usage({ tenant: "acme", ranges: [whole], groupBy: [] });
      await store.beginErasure({ tenant: "acme", customerId: "secret-name", receipt: "r-1", nowMs });
      expect(await store.erasure("acme", "r-1")).toMatchObject({ completedAtMs: null, tombstone: "erased:r-1" });
      await eraseAll(store);
      expect(await store.erasure("acme", "r-1")).toEqual({
        receipt: "r-1",
        tombstone: "erased:r-1",
        requestedAtMs: nowMs,
        completedAtMs: nowMs,
        events: 2,
        conflicts: 1,
        quarantined: 1,
        bodies: 2,
      });
      expect(await store.erasure("globex", "r-1")).toBeUndefined();
      expect(await store.usage({ tenant: "acme", ranges: [whole], groupBy: [] })).toEqual(before);
      const rows = await store.usage({ tenant: "acme", ranges: [whole], groupBy: ["customer_id", "metadata.team"] });
      expect(rows.map(({ group, sums }) => [group.customer_id, group["metadata.team"], sums.calls])).toEqual([
        ["erased:r-1", null, 2],
        ["other", null, 1],
      ]);
      await nothingIsLeft(store, harness);
      expect(await store.append([sampleEvent({ event: whose })])).toEqual([{ kind: "duplicate", conflict: false }]);
    }),
  );
}

async function nothingIsLeft(store: UsageStore, harness: UsageStoreHarness): Promise<void> {
  const stored = (await harness.storedEvents()).filter(({ tenant }) => tenant === "acme");
  const conflicts = await store.conflicts({ tenant: "acme", limit: 9 });
  const held = await store.quarantined({ tenant: "acme", limit: 9 });
  const text = JSON.stringify([stored.map(({ event }) => event), conflicts, held]);
  expect(text).not.toContain("secret");
  const [story] = await store.eventStories({ tenant: "acme", id: "other" });
  const bodyId = story?.counted?.body?.bodyId as number;
  expect(await readBodyOf(store, bodyId)).toEqual([null, { customer_id: "other" }, null]);
  expect(await store.body({ tenant: "globex", bodyId })).toBeUndefined();
}

async function readBodyOf(store: UsageStore, bodyId: number): Promise<unknown> {
  const body = (await store.body({ tenant: "acme", bodyId })) as NonNullable<Awaited<ReturnType<UsageStore["body"]>>>;
  return JSON.parse((body.encoding === "gzip" ? gunzipSync : zstdDecompressSync)(body.bytes).toString());
}

function proveMetadata({ withStore }: Places): void {
  const byTeam = { tenant: "acme", ranges: [whole], groupBy: ["metadata.team" as const] };

  it(
    "sums up by a key only when older events are in, and says how far it is",
    withStore(async (store) => {
      const team = (id: string, value: unknown) => sampleEvent({ id, event: { metadata: { team: value as string } } });
      await expect(store.usage(byTeam)).rejects.toMatchObject({ code: "CMDR_QUERY_INVALID" });
      await store.append([team("1", "a"), team("2", 5), team("3", true), team("4", ["a"]), team("5", "")]);
      await store.declareDimension({ tenant: "acme", key: "team", nowMs });
      await store.declareDimension({ tenant: "acme", key: "team", nowMs: nowMs + 1 });
      expect(await store.dimensions("acme")).toMatchObject([{ key: "team", declaredAtMs: nowMs, backfilledTo: 0 }]);
      await expect(store.usage(byTeam)).rejects.toMatchObject({ code: "CMDR_DIMENSION_NOT_READY", retryable: true });
      await store.append([team("6", "a"), sampleEvent({ tenant: "globex" })]);
      await backfillAll(store);
      const rows = await store.usage(byTeam);
      expect(rows.map(({ group, sums }) => [group["metadata.team"], sums.calls])).toEqual([
        [null, 2],
        ["5", 1],
        ["a", 2],
        ["true", 1],
      ]);
      const filtered = {
        ...byTeam,
        groupBy: ["model" as const],
        filters: [{ key: "metadata.team" as const, values: ["a", null] }],
      };
      expect(await store.usage(filtered)).toMatchObject([{ group: { model: "gpt-4o" }, sums: { calls: 4 } }]);
    }),
  );

  it(
    "is bounded in keys, and starts anew for a key that was removed",
    withStore(async (store) => {
      for (const key of ["a", "b", "c", "d", "e"]) await store.declareDimension({ tenant: "acme", key, nowMs });
      const sixth = store.declareDimension({ tenant: "acme", key: "f", nowMs });
      await expect(sixth).rejects.toMatchObject({ code: "CMDR_DIMENSION_LIMIT" });
      await store.append([sampleEvent({ event: { metadata: { a: "x" } } })]);
      expect(await store.removeDimension({ tenant: "acme", key: "a" })).toBe(true);
      expect(await store.removeDimension({ tenant: "acme", key: "a" })).toBe(false);
      await store.declareDimension({ tenant: "acme", key: "a", nowMs });
      await backfillAll(store);
      const rows = await store.usage({ tenant: "acme", ranges: [whole], groupBy: ["metadata.a"] });
      expect(rows).toMatchObject([{ group: { "metadata.a": "x" }, sums: { calls: 1 } }]);
    }),
  );

  it(
    "takes one key at a time",
    withStore(async (store) => {
      const two = { ...byTeam, groupBy: ["metadata.a" as const, "metadata.b" as const] };
      await expect(store.usage(two)).rejects.toMatchObject({ code: "CMDR_QUERY_INVALID" });
    }),
  );
}

function proveDays({ withStore }: Places): void {
  it(
    "knows the zone and the first events of each tenant, and forgets days of another zone",
    withStore(async (store) => {
      await store.addKey({ tenant: "acme", hash: "ab".repeat(32), scopes: [], createdAtMs: 0 });
      expect(await store.tenantsSince()).toEqual([]);
      await store.append([sampleEvent()]);
      expect(await store.tenantsSince()).toEqual([{ tenant: "acme", firstBucketMs: baseMs }]);
      expect(await store.reportingZone("acme")).toBe("UTC");
      await store.buildDay("acme", whole);
      await store.buildDay("acme", whole);
      expect(await store.builtDays("acme")).toEqual([whole]);
      await store.setReportingZone("acme", "Asia/Kolkata");
      await store.setReportingZone("acme", "Asia/Kathmandu");
      expect([await store.reportingZone("acme"), await store.builtDays("acme")]).toEqual(["Asia/Kathmandu", []]);
    }),
  );

  it(
    "does not count a day of which an event comes while it is summed up",
    withStore(async (store) => {
      for (let round = 0; round < 20; round += 1) {
        const tenant = `racing-${round}`;
        await store.append([sampleEvent({ tenant })]);
        // Of two who build one day, one may fail, and would be tried again.
        await Promise.allSettled([
          store.buildDay(tenant, whole),
          store.append([sampleEvent({ tenant, id: "2" })]),
          store.buildDay(tenant, whole),
          store.append([sampleEvent({ tenant, id: "3" })]),
        ]);
        const total = await store.usage({ tenant, ranges: [whole], groupBy: [] });
        const stories = await Promise.all(["event-1", "2", "3"].map((id) => store.eventStories({ tenant, id })));
        expect(total[0]?.sums.calls).toBe(stories.filter((each) => each.length > 0).length);
      }
    }),
  );

  it(
    "gives of days that are summed up the rows that it gave before, a day by itself or several together (S5)",
    withStore(async (store) => {
      const customers = ["a", "A", "zoë 🙂", null, "b"];
      const dayMs = 2 * bucketMs;
      const batch = Array.from({ length: 60 }, (_each, index) =>
        sampleEvent({
          id: `e${index}`,
          eventTimeMs: baseMs + (index % 3) * dayMs + (index % 2) * bucketMs,
          event: { customer_id: customers[index % 5] ?? null, model: `m${index % 4}` },
        }),
      );
      await store.append(batch);
      const days = [0, 1, 2].map((n) => ({ startMs: baseMs + n * dayMs, endMs: baseMs + (n + 1) * dayMs }));
      const [first, second, third] = days as [TimeRange, TimeRange, TimeRange];
      const both = { startMs: first.startMs, endMs: second.endMs };
      const questions = ([[], ["customer_id"], ["model"], ["model", "customer_id"]] as const).flatMap((groupBy) =>
        [days, [both, third], [both], [{ ...first, startMs: first.startMs + bucketMs }, second]].flatMap((ranges) => [
          { tenant: "acme", ranges, groupBy },
          { tenant: "acme", ranges, groupBy, filters: [{ key: "customer_id" as const, values: ["a", "A", null] }] },
        ]),
      );
      const ask = () => Promise.all(questions.map((question) => store.usage(question)));
      const before = await ask();
      for (const day of days) await store.buildDay("acme", day);
      expect(await store.builtDays("acme")).toEqual(days);
      expect(await ask()).toEqual(before);
    }),
  );

  it(
    "counts an event that comes after its day was summed up",
    withStore(async (store) => {
      await store.append([sampleEvent()]);
      await store.buildDay("acme", whole);
      await store.append([
        sampleEvent({ id: "late", eventTimeMs: whole.endMs - 1 }),
        sampleEvent({ id: "next", eventTimeMs: whole.endMs }),
      ]);
      expect(await store.builtDays("acme")).toEqual([]);
      const total = { tenant: "acme", ranges: [{ ...whole, endMs: whole.endMs + bucketMs }], groupBy: [] };
      expect(await store.usage(total)).toMatchObject([{ sums: { calls: 3 } }]);
    }),
  );
}

/** What may happen to a ledger between two batches. */
const step = fc.oneof(
  fc.record({ kind: fc.constant("append" as const), batch: fc.array(anySample, { maxLength: 15 }) }),
  fc.record({
    kind: fc.constant("day" as const),
    from: fc.nat(sampleBuckets - 1),
    length: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ kind: fc.constant("erase" as const), customerId: fc.constantFrom("a", "A", "zoë 🙂") }),
  fc.record({ kind: fc.constant("declare" as const), key: fc.constantFrom("team", "feature") }),
  fc.record({ kind: fc.constant("zone" as const) }),
);
const keys = fc.uniqueArray(fc.constantFrom<GroupKey>(...dimensions, "metadata.team"), { maxLength: 4 });
const edges = fc.uniqueArray(fc.integer({ min: 1, max: sampleBuckets - 1 }), { maxLength: 3 });

function proveAll({ withStore }: Places): void {
  it(
    "gives the sums of a recount after any events, days, erasures, keys and zones, for any grouping and cut",
    withStore(async (store, harness) => {
      let run = 0;
      const property = fc.asyncProperty(fc.array(step, { maxLength: 8 }), keys, edges, async (steps, groupBy, cuts) => {
        const tenant = `all-${(run += 1)}`;
        const days: TimeRange[] = [];
        for (const [index, each] of steps.entries()) await take(store, { tenant, index, each, days });
        await store.declareDimension({ tenant, key: "team", nowMs });
        await backfillAll(store);
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), sampleBuckets].map((at) => baseMs + at * bucketMs);
        const ranges = bounds.slice(1).map((endMs, index) => ({ startMs: bounds[index] as number, endMs }));
        const rows = await store.usage({ tenant, ranges, groupBy });
        expect(sortedRows(rows)).toEqual(
          sortedRows(recount(await harness.storedEvents(), { tenant, ranges, groupBy })),
        );
        expect(addRows(rows)).toEqual(addRows(await store.usage({ tenant, ranges: [whole], groupBy: [] })));
      });
      await fc.assert(property, { numRuns: 15 });
    }),
    // Each run is up to a hundred statements of a server that other tests use at the same time.
    180_000,
  );
}

interface Taken {
  readonly tenant: string;
  readonly index: number;
  readonly each: typeof step extends fc.Arbitrary<infer Step> ? Step : never;
  /** Days that were built; they do not overlap, as those of a zone do not. */
  readonly days: TimeRange[];
}

async function take(store: UsageStore, { tenant, index, each, days }: Taken): Promise<void> {
  switch (each.kind) {
    case "append":
      await store.append(each.batch.map((sample) => sampleEvent({ ...sample, tenant })));
      return;
    case "day": {
      const day = { startMs: baseMs + each.from * bucketMs, endMs: baseMs + (each.from + each.length) * bucketMs };
      if (days.some(({ startMs, endMs }) => startMs < day.endMs && day.startMs < endMs)) return;
      days.push(day);
      return store.buildDay(tenant, day);
    }
    case "erase":
      await store.beginErasure({ tenant, customerId: each.customerId, receipt: `${tenant}-${index}`, nowMs });
      return eraseAll(store);
    case "declare":
      return store.declareDimension({ tenant, key: each.key, nowMs });
    case "zone":
      days.length = 0;
      return store.setReportingZone(tenant, "UTC");
  }
}
