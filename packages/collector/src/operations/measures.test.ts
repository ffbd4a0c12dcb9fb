import { expect, it } from "vitest";

import { createMeasures } from "./measures.ts";

const idle = { bytesInFlight: 0, maxBytesInFlight: 1, requestsInFlight: 0, oldestWaitMs: 0, fullSinceMs: undefined };

it("counts a reply, and components by their status", async () => {
  const measures = createMeasures({ load: () => idle }, "1.2.3");
  measures.stored({ accepted: 2, duplicates: 1, conflicts: 0, rejected: [], flagged: [] }, 10, 0.5);
  const failing = { status: "failing", problem: "gone", latency_ms: 1, readings: {} } as const;
  const { text, contentType } = await measures.read({ store: failing }, false);
  expect(contentType).toContain("text/plain");
  expect(text).toContain('cmdrdata_events_total{outcome="duplicate"} 1');
  expect(text).toContain('cmdrdata_events_total{outcome="conflict"} 0');
  expect(text).toContain('cmdrdata_component_status{component="store",status="failing"} 1');
  expect(text).toContain('cmdrdata_build_info{version="1.2.3"} 1');
});
