/** Pricing the past anew: R1 to R4 as in ../rerate-store.ts. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { dimensions } from "../dimensions.ts";
import type { NewRerate, Reprice } from "../rerate-store.ts";
import { bucketMs, type EventCost, type UsageStore } from "../store.ts";
import type { Places } from "./describe-usage-store.ts";
import type { UsageStoreHarness } from "./harness.ts";
import { addRows, recount } from "./recount.ts";
import { anySample, baseMs, priced, sampleBuckets, sampleEvent, unpriced } from "./sample-events.ts";

const endMs = baseMs + sampleBuckets * bucketMs;
const job: NewRerate = {
  tenant: "acme",
  id: "job-1",
  startMs: baseMs,
  endMs,
  onlyUnpriced: false,
  createdAtMs: endMs,
  askedBy: "key",
  reason: "test",
};
/** A price by the tokens, and none for one model. */
const byTokens: Reprice = (event) =>
  event.model === "gpt-4o" ? { ...priced(BigInt(event.input_tokens ?? 7) * 3n), bookVersion: "new" } : unpriced;
const free: Reprice = () => priced(0n);
const doubt = { code: "CMDR_FIELD_RANGE", field: "timestamp", message: "doubtful" } as const;

async function finish(store: UsageStore, { tenant, id }: NewRerate, reprice: Reprice, most = 3): Promise<number> {
  for (let steps = 1; ; steps += 1) {
    const { state } = (await store.stepRerate({ tenant, id }, { reprice, most, nowMs: endMs + steps })) ?? {};
    if (state !== "running") return steps;
  }
}

/** S5: the sums of every grouping are those of the events as they are stored. */
async function expectSums(store: UsageStore, harness: UsageStoreHarness, tenant: string): Promise<void> {
  const query = { tenant, ranges: [{ startMs: baseMs, endMs }], groupBy: dimensions };
  const sums = addRows(await store.usage(query));
  expect(sums).toEqual(addRows(recount(await harness.storedEvents(), query)));
}

export function proveRerates(places: Places): void {
  describe("rerates", () => {
    proveSteps(places);
    proveAudit(places);
    proveUnpriced(places);
  });
}

function proveSteps({ withStore }: Places): void {
  it(
    "keeps the sums those of the events after every step, for any events (R1, S5)",
    withStore(async (store, harness) => {
      let run = 0;
      const samples = fc.array(anySample, { minLength: 1, maxLength: 20 });
      const property = fc.asyncProperty(samples, fc.boolean(), async (given, onlyUnpriced) => {
        const tenant = `tenant-${(run += 1)}`;
        await store.append(given.map((sample) => sampleEvent({ ...sample, tenant })));
        await store.startRerate({ ...job, tenant, onlyUnpriced });
        for (let running = true; running;) {
          const step = { reprice: byTokens, most: 4, nowMs: endMs };
          running = (await store.stepRerate({ tenant, id: job.id }, step))?.state === "running";
          await expectSums(store, harness, tenant);
        }
        const costs = (await harness.storedEvents()).filter((event) => event.tenant === tenant);
        for (const { event, picoUsd } of costs) {
          const cost = byTokens(event, 0);
          if (!onlyUnpriced) expect(picoUsd).toBe(cost.kind === "priced" ? cost.picoUsd : null);
        }
      });
      await fc.assert(property, { numRuns: 25 });
    }),
  );

  it(
    "changes the sums of metadata and of whole days too, and nothing that is in no sum (R1, S5)",
    withStore(async (store, harness) => {
      await store.declareDimension({ tenant: "acme", key: "team", nowMs: baseMs });
      while (await store.backfillSome());
      const of = (id: string, team: string | null): ReturnType<typeof sampleEvent> =>
        sampleEvent({ id, eventTimeMs: baseMs + bucketMs, event: { metadata: team === null ? {} : { team } } });
      await store.append([of("1", "a"), of("2", "b"), of("3", null)]);
      await store.append([{ ...of("held", "a"), doubts: [doubt] }]);
      await store.buildDay("acme", { startMs: baseMs, endMs });
      await store.startRerate(job);
      await finish(store, job, byTokens, 2);
      await expectSums(store, harness, "acme");
      const range = { tenant: "acme", ranges: [{ startMs: baseMs, endMs }] };
      const teams = await store.usage({ ...range, groupBy: ["metadata.team"] });
      expect(teams.map(({ group, sums }) => [group["metadata.team"], sums.costPicoUsd])).toEqual([
        [null, 45n],
        ["a", 45n],
        ["b", 45n],
      ]);
      expect(await store.findRerate("acme", job.id)).toMatchObject({ eventsSeen: 3, eventsChanged: 3 });
    }),
  );

  it(
    "waits while older events are being added to the sums of a metadata key",
    withStore(async (store) => {
      await store.append([sampleEvent({ event: { metadata: { team: "a" } } })]);
      await store.declareDimension({ tenant: "acme", key: "team", nowMs: baseMs });
      await store.startRerate(job);
      const step = { reprice: byTokens, most: 9, nowMs: endMs };
      expect(await store.stepRerate(job, step)).toMatchObject({ state: "running", eventsSeen: 0 });
      while (await store.backfillSome());
      expect(await store.stepRerate(job, step)).toMatchObject({ state: "done", eventsSeen: 1 });
      const query = { tenant: "acme", ranges: [{ startMs: baseMs, endMs }], groupBy: ["metadata.team"] } as const;
      expect(await store.usage(query)).toMatchObject([{ sums: { costPicoUsd: 45n } }]);
    }),
  );

  it(
    "prices each event once when two processes step the same job at once (R2)",
    withStore(async (store, harness) => {
      await store.append(Array.from({ length: 20 }, (_, index) => sampleEvent({ id: `${index}` })));
      await store.startRerate(job);
      await Promise.all([finish(store, job, byTokens), finish(store, job, byTokens)]);
      await expectSums(store, harness, "acme");
      expect(await store.findRerate("acme", job.id)).toMatchObject({
        state: "done",
        eventsSeen: 20,
        eventsChanged: 20,
      });
    }),
  );

  it(
    "prices only events of its tenant, its time and, if so asked, without a price (S4)",
    withStore(async (store, harness) => {
      const at = (id: string, eventTimeMs: number, cost: EventCost = priced(5n), tenant = "acme") =>
        sampleEvent({ id, eventTimeMs, cost, tenant });
      await store.append([at("before", baseMs - 1), at("first", baseMs, unpriced), at("priced", baseMs + 1), at("after", endMs), at("theirs", baseMs, unpriced, "globex")]); // prettier-ignore
      await store.startRerate({ ...job, onlyUnpriced: true });
      expect(await finish(store, job, free, 10)).toBe(1);
      const costs = (await harness.storedEvents()).map(({ tenant, id, picoUsd }) => [tenant, id, picoUsd]);
      expect(Object.fromEntries(costs.map(([, id, picoUsd]) => [id, picoUsd]))).toEqual({
        before: 5n,
        first: 0n,
        priced: 5n,
        after: 5n,
        theirs: null,
      });
    }),
  );

  it(
    "changes nothing in a preview, which says what the job would do",
    withStore(async (store, harness) => {
      await store.append([sampleEvent({ id: "1" }), sampleEvent({ id: "2", cost: unpriced })]);
      const before = await harness.storedEvents();
      const preview = await store.previewRerate(job, byTokens);
      expect(await harness.storedEvents()).toEqual(before);
      await store.startRerate(job);
      await finish(store, job, byTokens);
      const { eventsSeen, eventsChanged, lines } = (await store.findRerate("acme", job.id)) ?? {};
      expect({ eventsSeen, eventsChanged, lines }).toEqual(preview);
    }),
  );
}

function proveAudit({ withHarness, withStore }: Places): void {
  it(
    "notes before and after by customer and month (R3), over close and open",
    withHarness(async (harness) => {
      const first = await harness.open();
      const nextMonth = Date.parse("2026-12-01T00:00:00Z");
      await first.append([
        sampleEvent({ id: "1", event: { customer_id: null } }),
        sampleEvent({ id: "2", cost: unpriced }),
        sampleEvent({ id: "3", cost: priced(10n ** 13n) }),
        sampleEvent({ id: "4", eventTimeMs: nextMonth, event: { model: "other" } }),
      ]);
      const long = { ...job, endMs: nextMonth + 1 };
      await first.startRerate(long);
      await finish(first, long, byTokens, 2);
      await first.close();
      const second = await harness.open();
      const line = { eventsChanged: 1, unpricedBefore: 0, unpricedAfter: 0 };
      expect(await second.findRerate("acme", job.id)).toEqual({
        ...long,
        state: "done",
        doneAtMs: endMs + 3,
        eventsSeen: 4,
        eventsChanged: 4,
        lines: [
          { ...line, customerId: null, month: "2026-11", picoUsdBefore: 1_000n, picoUsdAfter: 45n },
          { ...line, customerId: "customer-1", month: "2026-11", eventsChanged: 2, unpricedBefore: 1, picoUsdBefore: 10n ** 13n, picoUsdAfter: 90n }, // prettier-ignore
          { ...line, customerId: "customer-1", month: "2026-12", unpricedAfter: 1, picoUsdBefore: 1_000n, picoUsdAfter: 0n }, // prettier-ignore
        ],
      });
      expect(await second.listRerates("acme")).toMatchObject([{ id: "job-1", state: "done" }]);
      expect(await second.listRerates("globex")).toEqual([]);
      expect(await second.findRerate("globex", job.id)).toBeUndefined();
      await second.close();
    }),
  );

  it(
    "runs one job at a time for a tenant (R4), and knows which go on",
    withStore(async (store) => {
      expect(await store.startRerate(job)).toBe("started");
      expect(await store.startRerate({ ...job, id: "job-2" })).toBe("busy");
      expect(await store.startRerate({ ...job, tenant: "globex" })).toBe("started");
      expect((await store.runningRerates()).map(({ tenant }) => tenant)).toEqual(["acme", "globex"]);
      await finish(store, job, free);
      expect((await store.runningRerates()).map(({ tenant }) => tenant)).toEqual(["globex"]);
      expect(await store.startRerate({ ...job, id: "job-2" })).toBe("started");
      expect(
        await store.stepRerate({ tenant: "acme", id: "none" }, { reprice: free, most: 1, nowMs: 0 }),
      ).toBeUndefined();
    }),
  );
}

function proveUnpriced({ withStore }: Places): void {
  it(
    "lists what has no price by what is alike, of one tenant and time (S4, S6)",
    withStore(async (store) => {
      const other: EventCost = { kind: "unpriced", reason: "tier_unpriced", bookVersion: "contract" };
      await store.append([
        sampleEvent({ id: "1", cost: unpriced }),
        sampleEvent({ id: "2", cost: unpriced, eventTimeMs: baseMs + 9 }),
        sampleEvent({ id: "3", cost: other, event: { service_tier: "scale", model: null } }),
        sampleEvent({ id: "4" }),
        sampleEvent({ id: "5", cost: unpriced, eventTimeMs: endMs }),
        sampleEvent({ id: "6", cost: unpriced, tenant: "globex" }),
      ]);
      const alike = { provider: "openai", operation: "chat.completions" };
      expect(await store.unpriced({ tenant: "acme", startMs: baseMs, endMs })).toEqual([
        { ...alike, model: "gpt-4o", serviceTier: null, reason: "model_unknown", calls: 2, firstMs: baseMs, lastMs: baseMs + 9 }, // prettier-ignore
        {
          ...alike,
          model: null,
          serviceTier: "scale",
          reason: "tier_unpriced",
          calls: 1,
          firstMs: baseMs,
          lastMs: baseMs,
        },
      ]);
      expect(await store.tenantsWithUnpriced()).toEqual(["acme", "globex"]);
    }),
  );

  it(
    "counts what has no price now by tenant and reason, whoever asks, and names the tenants that came first",
    withStore(async (store, harness) => {
      const other: EventCost = { kind: "unpriced", reason: "tier_unpriced", bookVersion: "contract" };
      for (const [index, tenant] of ["globex", "acme", "zeta"].entries()) {
        await store.addTenant({ tenant, createdAtMs: baseMs + index });
      }
      await store.append([
        sampleEvent({ id: "1", cost: unpriced }),
        sampleEvent({ id: "2", cost: unpriced }),
        sampleEvent({ id: "3", cost: other }),
        sampleEvent({ id: "4" }),
        sampleEvent({ id: "held", cost: unpriced, doubts: [doubt] }),
        sampleEvent({ id: "5", cost: other, tenant: "zeta" }),
        sampleEvent({ id: "6", cost: other, tenant: "of no name" }),
      ]);
      const reader = await harness.openReader();
      const acme = { tenant: "acme", byReason: { model_unknown: 2, tier_unpriced: 1 } };
      const globex = { tenant: "globex", byReason: {} };
      for (const asked of [store, reader]) {
        expect(await asked.countUnpriced(2)).toEqual([globex, acme, { tenant: null, byReason: { tier_unpriced: 2 } }]);
      }
      expect(await reader.countUnpriced(0)).toEqual([
        { tenant: null, byReason: { model_unknown: 2, tier_unpriced: 3 } },
      ]);
      await store.startRerate(job);
      await finish(store, job, free);
      expect(await reader.countUnpriced(2)).toEqual([
        globex,
        { tenant: "acme", byReason: {} },
        { tenant: null, byReason: { tier_unpriced: 2 } },
      ]);
      await reader.close();
    }),
  );
}
