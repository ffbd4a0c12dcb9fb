import { expect, it } from "vitest";

import { createMeasures } from "./measures.ts";

const idle = { bytesInFlight: 0, maxBytesInFlight: 1, requestsInFlight: 0, oldestWaitMs: 0, fullSinceMs: undefined };

const plain = { accepted: 2, duplicates: 0, conflicts: 0, rejected: [], flagged: [] };

it("counts a reply, and components by their status", async () => {
  const measures = createMeasures({ writer: { load: () => idle }, version: "1.2.3", mostTenants: 0 });
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
  const measures = createMeasures({ writer: { load: () => idle }, version: "1.2.3", mostTenants: 1 });
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
