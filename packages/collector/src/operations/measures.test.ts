import { expect, it } from "vitest";

import { createMeasures } from "./measures.ts";

const idle = { bytesInFlight: 0, maxBytesInFlight: 1, requestsInFlight: 0, oldestWaitMs: 0, fullSinceMs: undefined };

const plain = { accepted: 2, duplicates: 0, conflicts: 0, rejected: [], flagged: [] };

const wishes = { writer: { load: () => idle }, version: "1.2.3", mostTenants: 0, unpriced: async () => undefined };

it("counts a reply, and components by their status", async () => {
  const measures = createMeasures(wishes);
  measures.stored({ tenant: "acme", reply: { ...plain, duplicates: 1 }, unpriced: {}, bytes: 10, seconds: 0.5 });
  const failing = { status: "failing", problem: "gone", latency_ms: 1, readings: {} } as const;
  const { text, contentType } = await measures.read({ store: failing }, false);
  expect(contentType).toContain("text/plain");
  expect(text).toContain('cmdrdata_events_total{outcome="duplicate"} 1');
  expect(text).toContain('cmdrdata_events_total{outcome="conflict"} 0');
  expect(text).toContain('cmdrdata_component_status{component="store",status="failing"} 1');
  expect(text).toContain('cmdrdata_build_info{version="1.2.3"} 1');
});

it("names no more tenants than it may, and adds up the others", async () => {
  const measures = createMeasures({ ...wishes, mostTenants: 1 });
  const store = (tenant: string, conflicts: number, unknown: number): void =>
    measures.stored({
      tenant,
      reply: { ...plain, duplicates: conflicts, conflicts },
      unpriced: { model_unknown: unknown },
      bytes: 1,
      seconds: 0,
    });
  store("acme", 0, 2);
  store("other", 1, 3);
  store("third", 2, 4);
  const { text } = await measures.read({}, true);
  const unpriced = [
    ...text.matchAll(/^cmdrdata_unpriced_events_total\{tenant="(.*?)",reason="model_unknown"\} (\d+)/gm),
  ];
  expect(unpriced.map(([, tenant, count]) => [tenant, count])).toEqual([
    ["(other)", "7"],
    ["acme", "2"],
  ]);
  expect(text).toContain('cmdrdata_conflicting_events_total{tenant="(other)"} 3');
  expect(text).toContain('cmdrdata_conflicting_events_total{tenant="acme"} 0');
  expect(text).toContain('cmdrdata_unpriced_events_total{tenant="acme",reason="unit_unpriced"} 0');
  expect(text).not.toContain("third");
});

it("says what has no price now as it was last read, 0 for a reason that is gone, and nothing before it is known", async () => {
  const readings = [
    undefined,
    [
      { tenant: "acme", byReason: { model_unknown: 2, usage_unknown: 1 } },
      { tenant: null, byReason: { tier_unpriced: 5 } },
    ],
    [{ tenant: null, byReason: {} }],
  ];
  const measures = createMeasures({ ...wishes, unpriced: async () => readings.shift() });
  const series = async (): Promise<Readonly<Record<string, string>>> => {
    const { text } = await measures.read({}, true);
    const lines = text.matchAll(/^cmdrdata_ledger_unpriced_events\{tenant="(.*?)",reason="(.*?)"\} (\d+)/gm);
    return Object.fromEntries([...lines].map(([, tenant, reason, events]) => [`${tenant} ${reason}`, events ?? ""]));
  };
  expect(await series()).toEqual({});
  const read = await series();
  expect(Object.keys(read)).toHaveLength(12);
  expect(read).toMatchObject({
    "acme model_unknown": "2",
    "acme usage_unknown": "1",
    "acme tier_unpriced": "0",
    "(other) tier_unpriced": "5",
    "(other) model_unknown": "0",
  });
  const then = await series();
  expect([Object.keys(then).length, new Set(Object.values(then))]).toEqual([6, new Set(["0"])]);
});
