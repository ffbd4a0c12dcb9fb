/** What is kept beside the counted events: second versions, and what is in quarantine. */
import { describe, expect, it } from "vitest";

import { bucketMs } from "../store.ts";
import type { Places } from "./describe-usage-store.ts";
import { baseMs, sampleEvent } from "./sample-events.ts";

const bucket = { startMs: baseMs, endMs: baseMs + bucketMs };
const body = (text: string) => ({ encoding: "zstd" as const, bytes: new TextEncoder().encode(text) });
const doubt = { code: "CMDR_EVENT_FUTURE", field: "timestamp", message: "expected a time that has come" } as const;

export function proveSetAside(places: Places): void {
  describe("conflicts", () => proveConflicts(places));
  describe("quarantine", () => proveQuarantine(places));
}

function proveConflicts({ withStore }: Places): void {
  it(
    "keeps each other version of an id once, with how often and when it came, in pages",
    withStore(async (store) => {
      const origin = { body: body("a body"), position: 3 };
      await store.append([sampleEvent()]);
      const second = sampleEvent({ contentHash: "hash-2", event: { input_tokens: 2 }, origin });
      const third = sampleEvent({ contentHash: "hash-3", event: { customer_id: null } });
      await store.append([second, third, sampleEvent({ tenant: "globex" })]);
      await store.append([{ ...second, receivedAtMs: baseMs + 9_000 }, sampleEvent()]);
      const query = { tenant: "acme", limit: 1 };
      const first = await store.conflicts(query);
      expect(first).toMatchObject({
        total: 2,
        items: [
          {
            id: "event-1",
            contentHash: "hash-2",
            customerId: "customer-1",
            timesReceived: 2,
            firstReceivedAtMs: baseMs + 50,
            lastReceivedAtMs: baseMs + 9_000,
            body: { position: 3 },
          },
        ],
      });
      expect(JSON.parse(first.items[0]?.event ?? "")).toMatchObject({ input_tokens: 2 });
      const rest = await store.conflicts({ ...query, after: first.next as number });
      expect(rest).toMatchObject({ next: undefined, items: [{ contentHash: "hash-3", customerId: null, body: null }] });
      const [story] = await store.eventStories({ tenant: "acme", id: "event-1" });
      expect(story?.conflicts.map(({ contentHash }) => contentHash)).toEqual(["hash-2", "hash-3"]);
      expect(await store.conflicts({ tenant: "globex", limit: 1 })).toMatchObject({ items: [], total: 0 });
    }),
  );
}

function proveQuarantine({ withStore }: Places): void {
  it(
    "holds an event in doubt back from the sums, once, and says so of it",
    withStore(async (store, harness) => {
      const held = sampleEvent({ doubts: [doubt] });
      expect(await store.append([held, held, sampleEvent({ id: "2", doubts: [] })])).toEqual([
        { kind: "quarantined" },
        { kind: "duplicate", conflict: false },
        { kind: "inserted" },
      ]);
      expect(await store.append([sampleEvent()])).toEqual([{ kind: "duplicate", conflict: false }]);
      expect(await store.append([sampleEvent({ contentHash: "hash-2" })])).toEqual([
        { kind: "duplicate", conflict: true },
      ]);
      expect(await store.usage({ tenant: "acme", ranges: [bucket], groupBy: [] })).toMatchObject([
        { sums: { calls: 1 } },
      ]);
      expect(await harness.storedEvents()).toHaveLength(1);
      expect(await store.quarantined({ tenant: "acme", limit: 5 })).toMatchObject({
        total: 1,
        next: undefined,
        items: [{ id: "event-1", reasons: [doubt], customerId: "customer-1", eventTimeMs: baseMs }],
      });
      const [story] = await store.eventStories({ tenant: "acme", id: "event-1" });
      expect(story).toMatchObject({ counted: undefined, quarantined: { reasons: [doubt] }, conflicts: [{}] });
    }),
  );
}
