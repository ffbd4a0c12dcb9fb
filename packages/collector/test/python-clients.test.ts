import { readFileSync } from "node:fs";

import { afterEach, describe, expect, it } from "vitest";

import { startCollector } from "./running-collector.ts";

let running: Awaited<ReturnType<typeof startCollector>> | undefined;
afterEach(async () => running?.close());

const fixture = (name: string) => readFileSync(new URL(`__fixtures__/python/${name}.json`, import.meta.url), "utf8");

/** The collector's clock stands at 10:07 UTC. */
describe("the original Python clients", () => {
  it.each(["cmdrdata-openai", "cmdrdata"])(
    "%s: each event counts once, at its own time, whatever is retried",
    async (name) => {
      const { post, get, usage } = (running = await startCollector());
      const body = fixture(name);
      const headers = { "user-agent": "cmdrdata", accept: "*/*", "accept-encoding": "gzip, deflate" };
      const first = await post(body, headers);
      expect([first.status, await first.json()]).toMatchObject([
        200,
        { accepted: 1, duplicates: 0, rejected: [], flagged: [] },
      ]);
      const again = await post(body, headers);
      expect([again.status, await again.json()]).toMatchObject([200, { accepted: 0, duplicates: 1, conflicts: 0 }]);
      expect(await (await usage()).json()).toMatchObject({
        total: { calls: 1, total_tokens: 40, cost_usd: "0.0002875" },
      });
      const { events } = (await (await get("/api/v1/events")).json()) as {
        events: { id: string; timestamp: string }[];
      };
      expect(events).toMatchObject([
        { customer_id: "customer-123", timestamp: /^2026-11-23T10:00:00/.exec(events[0]?.timestamp ?? "")?.input },
      ]);
      const story = await (await get(`/api/v1/events/${encodeURIComponent(events[0]?.id ?? "")}`)).json();
      expect(story).toMatchObject({ events: [{ received: JSON.parse(body) as object }] });
    },
  );

  it("are counted, and flagged, where a host in another zone took its local time for UTC", async () => {
    const { post, get } = (running = await startCollector());
    const event = JSON.parse(fixture("cmdrdata-openai")) as { timestamp: number };
    const skewed = { ...event, timestamp: event.timestamp + 5.5 * 3_600 + 400 };
    expect(await (await post(skewed)).json()).toMatchObject({
      accepted: 1,
      flagged: [{ code: "CMDR_CLOCK_SKEWED", field: "timestamp" }],
    });
    const page = await (await get("/api/v1/events?flag=CMDR_CLOCK_SKEWED&to=2026-11-24")).json();
    expect(page).toMatchObject({
      events: [{ received_at: "2026-11-23T10:07:00.000Z", timestamp: "2026-11-23T15:36:40.000Z" }],
    });
  });
});
