/** S2, S4, S6. */
import { describe, expect, it } from "vitest";

import { bucketMs, type UsageRow, type UsageStore } from "../store.ts";
import type { Places } from "./describe-usage-store.ts";
import { baseMs, priced, sampleEvent, unpriced } from "./sample-events.ts";

const dayMs = 86_400_000;
const bucket = { startMs: baseMs, endMs: baseMs + bucketMs };
const totalOf = (store: UsageStore, tenant: string): Promise<readonly UsageRow[]> =>
  store.usage({ tenant, ranges: [bucket], groupBy: [] });

const inserted = { kind: "inserted" };
const duplicate = { kind: "duplicate", conflict: false };
const conflict = { kind: "duplicate", conflict: true };

export function proveIdentity(places: Places): void {
  describe("S2 once", () => proveOnce(places));
  describe("S4 apart", () => proveApart(places));
  describe("S6 unpriced", () => proveUnpriced(places));
}

function proveOnce({ withHarness, withStore }: Places): void {
  it(
    "counts an event once when it is sent again after a restart, however late",
    withHarness(async (harness) => {
      const first = await harness.open();
      expect(await first.append([sampleEvent()])).toEqual([inserted]);
      await first.close();
      const second = await harness.open();
      expect(await second.append([{ ...sampleEvent(), receivedAtMs: baseMs + 400 * dayMs }])).toEqual([duplicate]);
      expect(await totalOf(second, "acme")).toMatchObject([{ sums: { calls: 1, inputTokens: 15 } }]);
      await second.close();
    }),
  );

  it(
    "counts an event once when it comes twice in one batch",
    withStore(async (store) => {
      const other = sampleEvent({ id: "event-2" });
      expect(await store.append([sampleEvent(), sampleEvent(), other])).toEqual([inserted, duplicate, inserted]);
      expect(await totalOf(store, "acme")).toMatchObject([{ sums: { calls: 2 } }]);
    }),
  );

  it(
    "keeps the first version of an id and reports the conflict",
    withStore(async (store, harness) => {
      await store.append([sampleEvent({ event: { input_tokens: 1 } })]);
      const changed = sampleEvent({ contentHash: "hash-2", event: { input_tokens: 999 } });
      expect(await store.append([changed])).toEqual([conflict]);
      expect(await totalOf(store, "acme")).toMatchObject([{ sums: { calls: 1, inputTokens: 1 } }]);
      expect(await harness.storedEvents()).toMatchObject([{ event: { input_tokens: 1 } }]);
    }),
  );

  it(
    "takes one id on two days of identity for two events",
    withStore(async (store) => {
      const nextDay = sampleEvent({ identityTimeMs: baseMs + dayMs });
      const sameDay = sampleEvent({ identityTimeMs: baseMs + 1 });
      const timeless = sampleEvent({ identityTimeMs: 0 });
      const outcomes = await store.append([sampleEvent(), nextDay, sameDay, timeless, timeless]);
      expect(outcomes).toEqual([inserted, inserted, duplicate, inserted, duplicate]);
    }),
  );
}

function proveApart({ withStore }: Places): void {
  it(
    "shows a tenant nothing of another",
    withStore(async (store) => {
      await store.append([sampleEvent(), sampleEvent({ tenant: "globex", id: "event-2" })]);
      expect(await totalOf(store, "acme")).toMatchObject([{ sums: { calls: 1 } }]);
      expect(await totalOf(store, "globex")).toMatchObject([{ sums: { calls: 1 } }]);
      expect(await totalOf(store, "nobody")).toEqual([]);
    }),
  );

  it(
    "takes one id from two tenants for two events",
    withStore(async (store) => {
      const outcomes = await store.append([sampleEvent(), sampleEvent({ tenant: "globex", contentHash: "hash-2" })]);
      expect(outcomes).toEqual([inserted, inserted]);
    }),
  );
}

function proveUnpriced({ withStore }: Places): void {
  it(
    "counts unpriced calls, which add no cost",
    withStore(async (store, harness) => {
      const free = sampleEvent({ id: "event-2", cost: priced(0n) });
      await store.append([sampleEvent(), free, sampleEvent({ id: "event-3", cost: unpriced })]);
      const sums = { calls: 3, unpricedCalls: 1, costPicoUsd: 1_000n, inputTokens: 45 };
      expect(await totalOf(store, "acme")).toMatchObject([{ sums }]);
      const costs = (await harness.storedEvents()).map(({ picoUsd }) => picoUsd);
      expect(costs).toEqual([1_000n, 0n, null]);
    }),
  );
}
