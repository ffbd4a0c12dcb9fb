import { fakeClock } from "@cmdrdata/testkit";
import { describe, expect, it } from "vitest";

import { keepInOrder, type Maintained, workOnce } from "./maintenance.ts";
import { nextDayToBuild } from "./next-day.ts";

const hour = 3_600_000;
const nowMs = Date.parse("2026-11-23T10:07:00.000Z");
const iso = (epochMs: number | undefined): string => new Date(epochMs ?? Number.NaN).toISOString();

describe("nextDayToBuild", () => {
  const ask = (timeZone: string, first: string, built: readonly string[] = [], atMs = nowMs) =>
    nextDayToBuild({
      firstBucketMs: Date.parse(first),
      nowMs: atMs,
      timeZone,
      built: built.map((start) => ({ startMs: Date.parse(start), endMs: 0 })),
    });

  it("is the newest day that is over for an hour, then the one before", () => {
    const day = ask("UTC", "2026-11-20T12:00:00Z");
    expect([iso(day?.startMs), iso(day?.endMs)]).toEqual(["2026-11-22T00:00:00.000Z", "2026-11-23T00:00:00.000Z"]);
    expect(iso(ask("UTC", "2026-11-20T12:00:00Z", ["2026-11-22"])?.startMs)).toBe("2026-11-21T00:00:00.000Z");
    expect(iso(ask("UTC", "2026-11-20T12:00:00Z", ["2026-11-22", "2026-11-21"])?.startMs)).toBe(
      "2026-11-20T00:00:00.000Z",
    );
    expect(ask("UTC", "2026-11-20T12:00:00Z", ["2026-11-22", "2026-11-21", "2026-11-20"])).toBeUndefined();
    expect(ask("UTC", "2026-11-23T09:30:00Z")).toBeUndefined();
    expect(ask("UTC", "2026-11-22", [], Date.parse("2026-11-23T00:59:00Z"))).toBeUndefined();
  });

  it.each([
    ["Asia/Kolkata", "2026-11-21T18:30:00.000Z", 24],
    ["Asia/Kathmandu", "2026-11-21T18:15:00.000Z", 24],
  ])("is a day of %s", (zone, start, hours) => {
    const day = ask(zone, "2026-11-01");
    expect([iso(day?.startMs), ((day?.endMs ?? 0) - (day?.startMs ?? 0)) / hour]).toEqual([start, hours]);
  });

  it("is as long as its day is", () => {
    const day = ask("America/New_York", "2026-10-01", ["2026-11-02T05:00:00Z"], Date.parse("2026-11-03T08:00:00Z"));
    expect([iso(day?.startMs), ((day?.endMs ?? 0) - (day?.startMs ?? 0)) / hour]).toEqual([
      "2026-11-01T04:00:00.000Z",
      25,
    ]);
  });
});

function makeStore(overrides: Partial<Maintained> = {}): { store: Maintained; done: string[] } {
  const done: string[] = [];
  const store: Maintained = {
    eraseSome: async () => false,
    backfillSome: async () => false,
    tenantsSince: async () => [{ tenant: "acme", firstBucketMs: nowMs - 50 * hour }],
    reportingZone: async () => "UTC",
    builtDays: async () => done.map((start) => ({ startMs: Date.parse(start), endMs: 0 })),
    keepFrom: async () => {},
    expireSome: async () => false,
    buildDay: async (_tenant, { startMs }) => void done.push(iso(startMs)),
    ...overrides,
  };
  return { store, done };
}

describe("workOnce", () => {
  it("does one thing at a time: erasures, then metadata keys, then days", async () => {
    const order: string[] = [];
    let erasures = 1;
    let backfills = 1;
    const { store, done } = makeStore({
      eraseSome: async () => erasures-- > 0 && order.push("erase") > 0,
      backfillSome: async () => backfills-- > 0 && order.push("backfill") > 0,
    });
    const worked = [];
    for (let turn = 0; turn < 5; turn += 1) worked.push(await workOnce(store, { nowMs, retentionDays: undefined }));
    expect([order, worked]).toEqual([
      ["erase", "backfill"],
      [true, true, true, true, false],
    ]);
    expect(done).toEqual(["2026-11-22T00:00:00.000Z", "2026-11-21T00:00:00.000Z"]);
  });
});

describe("workOnce with a retention", () => {
  it("enters what is not kept any longer, and deletes it", async () => {
    const kept: number[] = [];
    const { store } = makeStore({
      keepFrom: async (day) => void kept.push(day),
      expireSome: async () => kept.length < 2,
      tenantsSince: async () => [],
    });
    expect(await workOnce(store, { nowMs, retentionDays: 30 })).toBe(true);
    expect(await workOnce(store, { nowMs, retentionDays: 30 })).toBe(false);
    expect(kept).toEqual([Date.UTC(2026, 9, 24) / 86_400_000, Date.UTC(2026, 9, 24) / 86_400_000]);
  });
});

describe("keepInOrder", () => {
  it("works on while there is more, waits a minute, tries again after a failure, and ends", async () => {
    const clock = fakeClock(nowMs);
    let failures = 1;
    const { store, done } = makeStore({
      eraseSome: async () => {
        if (failures-- > 0) throw new Error("busy");
        return false;
      },
    });
    const maintenance = keepInOrder(store, { clock, retentionDays: undefined });
    await clock.advance(0);
    expect(done).toEqual([]);
    await clock.advance(60_000);
    await clock.advance(5);
    await clock.advance(5);
    expect(done).toHaveLength(2);
    maintenance.wake();
    await maintenance.close();
    maintenance.wake();
    await clock.advance(120_000);
    expect(done).toHaveLength(2);
  });
});
