/** The keys: K1 to K3 as in ../key-store.ts. */
import { describe, expect, it } from "vitest";

import { keyId, type NewApiKey } from "../key-store.ts";
import type { Places } from "./describe-usage-store.ts";
import { baseMs } from "./sample-events.ts";

const key: NewApiKey = { tenant: "acme", hash: "ab".repeat(32), scopes: ["ingest", "read"], createdAtMs: baseMs };
const other: NewApiKey = { tenant: "globex", hash: "cd".repeat(32), scopes: [], createdAtMs: baseMs + 1 };
const plain = { name: "", requestsPerMinute: null, eventsPerMinute: null, endsAtMs: null, lastUsedAtMs: null };

export function proveKeys(places: Places): void {
  describe("keys", () => {
    proveLookUp(places);
    proveEnd(places);
    proveTenants(places);
  });
}

function proveLookUp({ withHarness, withStore }: Places): void {
  it(
    "finds a key by its hash, with its own tenant (K1)",
    withStore(async (store) => {
      expect([await store.addKey(key), await store.addKey(other)]).toEqual(["added", "added"]);
      expect([await store.findKey(key.hash), await store.findKey(other.hash)]).toEqual([
        { ...plain, ...key },
        { ...plain, ...other },
      ]);
      expect(await store.findKey("ef".repeat(32))).toBeUndefined();
    }),
  );

  it(
    "adds a first key where there is none, once for all who ask at the same time",
    withStore(async (store) => {
      const made: string[] = [];
      const add = (index: number) =>
        store.addFirstKey(() => {
          made.push(`${index}`.repeat(64));
          return { ...key, hash: made.at(-1) as string };
        });
      const outcomes = await Promise.all([0, 1, 2, 3].map(add));
      expect(outcomes.toSorted()).toEqual(["added", "present", "present", "present"]);
      expect(made).toEqual([String(outcomes.indexOf("added")).repeat(64)]);
      expect((await store.listKeys("acme")).map(({ hash }) => hash)).toEqual(made);
    }),
  );

  it(
    "adds no first key where there is one of any tenant, or where it cannot be made",
    withStore(async (store) => {
      const fail = (): never => {
        throw new Error("no room for its file");
      };
      await expect(store.addFirstKey(fail)).rejects.toThrow("no room for its file");
      expect(await store.listTenants()).toEqual([]);
      await store.addKey(other);
      expect(await store.addFirstKey(fail)).toBe("present");
    }),
  );

  it(
    "leaves a key that is there as it is, also for another tenant (K1, S4)",
    withStore(async (store) => {
      await store.addKey(key);
      expect(await store.addKey({ ...other, hash: key.hash })).toBe("present");
      expect(await store.findKey(key.hash)).toEqual({ ...plain, ...key });
      expect(await store.listTenants()).toEqual([{ tenant: "acme", createdAtMs: baseMs }]);
    }),
  );

  it(
    "keeps keys over close and open, with their names and quotas",
    withHarness(async (harness) => {
      const named = { ...key, name: "web", requestsPerMinute: 60, eventsPerMinute: 6_000 };
      const first = await harness.open();
      await first.addKey(named);
      await first.close();
      const second = await harness.open();
      expect(await second.findKey(key.hash)).toEqual({ ...plain, ...named });
      await second.close();
    }),
  );
}

function proveEnd({ withStore }: Places): void {
  it(
    "ends a key, never later than it was to end, and knows it still (K2)",
    withStore(async (store) => {
      await store.addKey(key);
      const id = keyId(key);
      expect(await store.endKey("acme", id, baseMs + 50)).toMatchObject({ endsAtMs: baseMs + 50 });
      expect(await store.endKey("acme", id, baseMs + 90)).toMatchObject({ endsAtMs: baseMs + 50 });
      expect(await store.endKey("acme", id, baseMs + 10)).toMatchObject({ endsAtMs: baseMs + 10 });
      expect(await store.findKey(key.hash)).toMatchObject({ endsAtMs: baseMs + 10 });
      expect(await store.addKey(key)).toBe("present");
    }),
  );

  it(
    "notes the latest use of a key",
    withStore(async (store) => {
      await store.addKey(key);
      await store.noteKeyUse(new Map([["ef".repeat(32), baseMs], [key.hash, baseMs + 9]])); // prettier-ignore
      await store.noteKeyUse(new Map([[key.hash, baseMs + 5]]));
      expect(await store.findKey(key.hash)).toMatchObject({ lastUsedAtMs: baseMs + 9 });
    }),
  );
}

function proveTenants({ withStore }: Places): void {
  it(
    "lists and ends the keys of the tenant that is asked for only (K3, S4)",
    withStore(async (store) => {
      await store.addKey(other);
      await store.addKey({ ...key, createdAtMs: baseMs + 2 });
      await store.addKey({ ...key, hash: "12".repeat(32) });
      expect((await store.listKeys("acme")).map(({ hash }) => hash)).toEqual(["12".repeat(32), key.hash]);
      expect(await store.listKeys("nobody")).toEqual([]);
      expect(await store.endKey("acme", keyId(other), baseMs)).toBeUndefined();
      expect(await store.findKey(other.hash)).toMatchObject({ endsAtMs: null });
    }),
  );

  it(
    "lists tenants by name, each once",
    withStore(async (store) => {
      const tenant = { tenant: "zeta", createdAtMs: baseMs };
      expect([await store.addTenant(tenant), await store.addTenant({ ...tenant, createdAtMs: 1 })]).toEqual([
        "added",
        "present",
      ]);
      await store.addKey(key);
      expect(await store.listTenants()).toEqual([{ tenant: "acme", createdAtMs: baseMs }, tenant]);
    }),
  );
}
