/** The keys: stored by hash, each for one tenant. */
import { describe, expect, it } from "vitest";

import type { ApiKeyRecord } from "../store.ts";
import type { Places } from "./describe-usage-store.ts";
import { baseMs } from "./sample-events.ts";

const key: ApiKeyRecord = { tenant: "acme", hash: "ab".repeat(32), scopes: ["ingest", "read"], createdAtMs: baseMs };
const other: ApiKeyRecord = { tenant: "globex", hash: "cd".repeat(32), scopes: [], createdAtMs: baseMs + 1 };

export function proveKeys({ withHarness, withStore }: Places): void {
  describe("keys", () => {
    it(
      "finds a key by its hash, with its own tenant",
      withStore(async (store) => {
        expect(await store.countKeys()).toBe(0);
        expect([await store.addKey(key), await store.addKey(other)]).toEqual(["added", "added"]);
        expect([await store.findKey(key.hash), await store.findKey(other.hash)]).toEqual([key, other]);
        expect(await store.findKey("ef".repeat(32))).toBeUndefined();
        expect(await store.countKeys()).toBe(2);
      }),
    );

    it(
      "leaves a key that is there as it is, also for another tenant (S4)",
      withStore(async (store) => {
        await store.addKey(key);
        expect(await store.addKey({ ...other, hash: key.hash })).toBe("present");
        expect(await store.findKey(key.hash)).toEqual(key);
      }),
    );

    it(
      "keeps keys over close and open",
      withHarness(async (harness) => {
        const first = await harness.open();
        await first.addKey(key);
        await first.close();
        const second = await harness.open();
        expect(await second.findKey(key.hash)).toEqual(key);
        await second.close();
      }),
    );
  });
}
