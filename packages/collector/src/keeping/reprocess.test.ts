import { emptyEvent, encodeEvent } from "@cmdrdata/protocol";
import type { PricedEvent, Quarantined, ReleaseOutcome } from "@cmdrdata/storage";
import { expect, it } from "vitest";

import { reprocess } from "./reprocess.ts";

const nowMs = Date.parse("2026-11-23T10:00:00.000Z");
const future = "2027-01-01T00:00:00.000Z";
const reason = { code: "CMDR_EVENT_FUTURE", field: "timestamp", message: "in the future" } as const;

function quarantined(number: number, timestamp: string | null): Quarantined {
  return {
    number,
    id: `e${number}`,
    identityDay: 20_000,
    contentHash: "hash",
    customerId: "acme",
    eventTimeMs: timestamp === null ? nowMs : Date.parse(timestamp),
    receivedAtMs: nowMs - 1_000,
    reasons: [reason],
    problems: number === 1 ? [reason] : [],
    body: number === 1 ? { bodyId: 7, position: 2 } : null,
    event: encodeEvent({ ...emptyEvent, id: `e${number}`, customer_id: "acme", model: "gpt-4o", timestamp }),
  };
}

function ledger(items: readonly Quarantined[], outcome: ReleaseOutcome) {
  const released: PricedEvent[] = [];
  const asked: unknown[] = [];
  const store = {
    quarantined: async (query: object) => (asked.push(query), { items, next: 9, total: items.length }),
    release: async (_tenant: string, batch: readonly { readonly number: number; readonly priced: PricedEvent }[]) => {
      released.push(...batch.map(({ priced }) => priced));
      return batch.map(() => outcome);
    },
  };
  // Says for whom it was asked.
  const price = (_event: object, _atMs: number, tenant?: string) =>
    ({ kind: "unpriced", reason: "model_unknown", bookVersion: `of ${tenant}` }) as const;
  return { released, asked, deps: { store, pricer: { price }, nowMs } };
}

it("counts an event at the time of its receipt where that is wished, and keeps why it was held", async () => {
  const { released, deps } = ledger([quarantined(1, future), quarantined(2, null)], "released");
  const answer = await reprocess({ tenant: "t", time: "received" }, deps);
  expect(answer).toEqual({ released: 2, held: 0, gone: 0, next: 9 });
  expect(released.map(({ eventTimeMs, doubts }) => [eventTimeMs, doubts])).toEqual([
    [nowMs - 1_000, []],
    [nowMs - 1_000, []],
  ]);
  expect(released[0]).toMatchObject({ id: "e1", problems: [reason], origin: { body: 7, position: 2 } });
  expect(released[1]).toMatchObject({ id: "e2", problems: [reason], origin: undefined });
});

it("prices what it releases by the tenant's own terms", async () => {
  const { released, deps } = ledger([quarantined(1, future)], "released");
  await reprocess({ tenant: "t", time: "received" }, deps);
  expect(released[0]?.cost.bookVersion).toBe("of t");
});

it("holds what is still in doubt by its own time, and takes it as it was sent where that is wished", async () => {
  const { released, deps } = ledger([quarantined(1, future)], "held");
  expect(await reprocess({ tenant: "t" }, deps)).toMatchObject({ released: 0, held: 1 });
  expect(released[0]?.doubts).toHaveLength(1);
  await reprocess({ tenant: "t", time: "as_sent" }, deps);
  expect(released[1]).toMatchObject({ eventTimeMs: Date.parse(future), doubts: [] });
});

it("asks for a page, decides about the wished numbers only, and touches nothing for none", async () => {
  const { released, asked, deps } = ledger([quarantined(1, future), quarantined(2, future)], "gone");
  expect(await reprocess({ tenant: "t", numbers: [2], after: 4 }, deps)).toMatchObject({ gone: 1 });
  expect(released.map(({ id }) => id)).toEqual(["e2"]);
  expect(asked).toEqual([{ tenant: "t", limit: 200, after: 4 }]);
  expect(await reprocess({ tenant: "t", numbers: [5] }, deps)).toEqual({ released: 0, held: 0, gone: 0, next: 9 });
});
