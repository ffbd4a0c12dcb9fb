/** Pages of events, their stories, and customers. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { dimensionsOf } from "../dimensions.ts";
import type { EventCursor, EventSummary } from "../ledger-reader.ts";
import { bucketMs, type UsageFilter, type UsageStore } from "../store.ts";
import type { Places } from "./describe-usage-store.ts";
import { anySample, anyValue, baseMs, priced, sampleBuckets, sampleEvent, unpriced } from "./sample-events.ts";

const dayMs = 86_400_000;
const whole = { startMs: baseMs, endMs: baseMs + sampleBuckets * bucketMs };

export function proveEvents(places: Places): void {
  describe("events", () => {
    provePages(places);
    proveStories(places);
  });
  describe("customers", () => proveCustomers(places));
}

async function allPages(
  store: UsageStore,
  tenant: string,
  { limit, filters }: { readonly limit: number; readonly filters: readonly UsageFilter[] },
): Promise<readonly EventSummary[]> {
  const found: EventSummary[] = [];
  let after: EventCursor | undefined;
  do {
    const page = await store.events({ tenant, ...whole, filters, limit, ...(after === undefined ? {} : { after }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return found;
}

function provePages({ withStore }: Places): void {
  it(
    "gives every event that a filter keeps on exactly one page, the newest first",
    withStore(async (store, harness) => {
      let run = 0;
      const batch = fc.array(anySample, { maxLength: 40 });
      const customers = fc.uniqueArray(anyValue, { minLength: 1, maxLength: 3 });
      const property = fc.asyncProperty(
        batch,
        customers,
        fc.integer({ min: 1, max: 9 }),
        async (given, values, limit) => {
          const tenant = `pages-${(run += 1)}`;
          await store.append(given.map((sample) => sampleEvent({ ...sample, tenant })));
          const mine = (await harness.storedEvents()).filter((stored) => stored.tenant === tenant);
          const kept = mine.filter(({ event }) => values.includes(dimensionsOf(event).customer_id));
          const found = await allPages(store, tenant, { limit, filters: [{ key: "customer_id", values }] });
          expect(found.map(({ id }) => id).toSorted()).toEqual(kept.map(({ id }) => id).toSorted());
          const times = found.map(({ eventTimeMs }) => eventTimeMs);
          expect(times).toEqual(times.toSorted((a, b) => b - a));
          expect(await allPages(store, tenant, { limit: 100, filters: [] })).toHaveLength(mine.length);
        },
      );
      await fc.assert(property, { numRuns: 25 });
    }),
  );

  it(
    "finds events by what was set aside in them",
    withStore(async (store) => {
      const problem = { code: "CMDR_FIELD_RANGE", field: "timestamp", message: "expected a time" } as const;
      await store.append([{ ...sampleEvent(), problems: [problem] }, sampleEvent({ id: "2" })]);
      const query = { tenant: "acme", ...whole, filters: [], limit: 10, flag: "CMDR_FIELD_RANGE" };
      expect((await store.events(query)).items).toMatchObject([{ id: "event-1", problems: [problem] }]);
      expect((await store.events({ ...query, tenant: "globex" })).items).toEqual([]);
    }),
  );
}

function proveStories({ withStore }: Places): void {
  it(
    "tells everything about an id, on each of its days",
    withStore(async (store) => {
      await store.append([
        sampleEvent({ cost: priced(10n ** 21n) }),
        sampleEvent({ identityTimeMs: 0, cost: unpriced }),
        sampleEvent({ tenant: "globex", contentHash: "theirs" }),
        sampleEvent({ id: "other" }),
      ]);
      const stories = await store.eventStories({ tenant: "acme", id: "event-1" });
      expect(stories).toMatchObject([
        { identityDay: 0, counted: { costPicoUsd: null, unpricedReason: "model_unknown" } },
        {
          identityDay: Math.floor(baseMs / dayMs),
          contentHash: "hash-1",
          counted: {
            costPicoUsd: 10n ** 21n,
            bookVersion: "contract",
            inputTokens: 15,
            durationUs: 812_500,
            body: null,
          },
          quarantined: undefined,
          conflicts: [],
        },
      ]);
      expect(await store.eventStories({ tenant: "acme", id: "nothing" })).toEqual([]);
      expect(await store.eventStories({ tenant: "nobody", id: "event-1" })).toEqual([]);
    }),
  );
}

function proveCustomers({ withStore }: Places): void {
  it(
    "lists each customer with its sums and the first and last 15 minutes it was seen in",
    withStore(async (store) => {
      await store.append([
        sampleEvent({ event: { customer_id: null } }),
        sampleEvent({ id: "2" }),
        sampleEvent({ id: "3", eventTimeMs: baseMs + 3 * bucketMs + 1 }),
        sampleEvent({ id: "4", tenant: "globex" }),
      ]);
      expect(await store.customers({ tenant: "acme", ...whole })).toMatchObject([
        { customerId: null, firstSeenMs: baseMs, lastSeenMs: baseMs, sums: { calls: 1, unattributed: 1 } },
        { customerId: "customer-1", firstSeenMs: baseMs, lastSeenMs: baseMs + 3 * bucketMs, sums: { calls: 2 } },
      ]);
    }),
  );
}
