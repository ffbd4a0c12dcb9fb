import { afterEach, describe, expect, it } from "vitest";

import { upgradeStoredBook } from "../src/prices/keep-book.ts";
import { keys, startCollector } from "./running-collector.ts";

type Running = Awaited<ReturnType<typeof startCollector>>;
let running: Running | undefined;
afterEach(async () => running?.close());

const start = async (): Promise<Running> => (running = await startCollector());

const call = (id: string, fields: object = {}) => ({
  id,
  customer_id: "acme",
  model: "gpt-4o",
  input_tokens: 1_000,
  output_tokens: 100,
  timestamp: "2026-11-23T10:00:00.000Z",
  ...fields,
});

const json = async <T>(response: Promise<Response>): Promise<T> => (await (await response).json()) as T;
const total = async ({ usage }: Running, query = "") =>
  (await json<{ total: Record<string, unknown> }>(usage(query))).total;

describe("the quarantine", () => {
  it("holds an event back whose time is none or far to come, lists it, and counts it once when it is released", async () => {
    const collector = await start();
    const { post, get, send } = collector;
    const reply = await json(
      post([call("a", { timestamp: "yesterday" }), call("b", { timestamp: "2027-11-23T10:00:00Z" })]),
    );
    expect(reply).toMatchObject({
      accepted: 2,
      flagged: [
        { id: "a", field: "timestamp" },
        { id: "b", code: "CMDR_EVENT_FUTURE" },
      ],
    });
    expect(await total(collector, "?to=2030-01-01")).toMatchObject({ calls: 0 });
    expect(await json(get("/api/v1/quarantine"))).toMatchObject({
      total: 2,
      quarantined: [
        { id: "a", reasons: [{ code: "CMDR_FIELD_RANGE" }] },
        { id: "b", reasons: [{ code: "CMDR_EVENT_FUTURE" }] },
      ],
    });
    expect(await json(get("/api/v1/events/a"))).toMatchObject({ events: [{ state: "quarantined", event: null }] });
    const reprocess = (body: object) => send("POST", "/api/v1/quarantine/reprocess", body);
    // The keeper goes by the real clock, to which both times are as doubtful.
    expect(await json(reprocess({ numbers: [1] }))).toEqual({ released: 0, held: 1, gone: 0 });
    const answers = await Promise.all([reprocess({ time: "received" }), reprocess({ time: "received" })]);
    const counts = (await Promise.all(answers.map((answer) => answer.json()))) as { released: number }[];
    expect(counts.reduce((sum, { released }) => sum + released, 0)).toBe(2);
    expect(await total(collector)).toMatchObject({ calls: 2, cost_usd: "0.007" });
    expect(await json(post(call("a", { timestamp: "yesterday" })))).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await json(get("/api/v1/events/b"))).toMatchObject({
      events: [
        {
          state: "counted",
          event: { timestamp: "2027-11-23T10:00:00.000Z" },
          summary: { timestamp: "2026-11-23T10:07:00.000Z", flags: ["CMDR_EVENT_FUTURE"] },
        },
      ],
    });
  });

  it("prices what it releases by the prices that the ledger has by then", async () => {
    const collector = await start();
    await upgradeStoredBook(collector.store, { nowMs: 1 });
    await collector.post(call("a", { model: "my-model", timestamp: "yesterday" }));
    const prices = [
      { unit: "input_tokens", usd: "1", per: 1_000_000 },
      { unit: "output_tokens", usd: "2", per: 1_000_000 },
    ];
    const source = { url: "https://prices.example.com" };
    const models = [{ model: "my-model", prices }];
    expect((await collector.send("POST", "/api/v1/prices/import", { source, models })).status).toBe(201);
    const released = json(collector.send("POST", "/api/v1/quarantine/reprocess", { time: "received" }));
    expect(await released).toMatchObject({ released: 1 });
    expect(await total(collector)).toMatchObject({ calls: 1, cost_usd: "0.0012", unpriced_calls: 0 });
  });

  it("counts at the event's own time where an administrator says so", async () => {
    const collector = await start();
    await collector.post(call("b", { timestamp: "2027-11-23T10:00:00Z" }));
    expect(await json(collector.send("POST", "/api/v1/quarantine/reprocess", { time: "as_sent" }))).toMatchObject({
      released: 1,
    });
    expect(await total(collector, "?from=2027-11-23&to=2027-11-24")).toMatchObject({ calls: 1 });
  });

  it("says what is wrong with a wish, and asks for an administrator", async () => {
    const { send } = await start();
    expect((await send("POST", "/api/v1/quarantine/reprocess", { time: "never" })).status).toBe(400);
    expect((await send("POST", "/api/v1/quarantine/reprocess", "{")).status).toBe(400);
    expect((await send("POST", "/api/v1/quarantine/reprocess", {}, keys.otherTenant)).status).toBe(403);
  });
});

describe("an erasure", () => {
  it("gives a receipt, keeps the totals under a tombstone, and the customer's name nowhere", async () => {
    const collector = await start();
    const { post, get, send } = collector;
    const name = "jane/doe@example.com";
    await post([call("a", { customer_id: name, metadata: { team: "jane's" } }), call("b")]);
    expect(
      (await send("DELETE", `/api/v1/customers/${encodeURIComponent(name)}`, undefined, keys.otherTenant)).status,
    ).toBe(403);
    const receipt = await json<{ receipt: string; customer_id: string }>(
      send("DELETE", `/api/v1/customers/${encodeURIComponent(name)}`),
    );
    expect(receipt).toMatchObject({
      events: 1,
      bodies: 1,
      completed_at: expect.any(String),
      customer_id: `erased:${receipt.receipt}`,
    });
    expect(await json(get(`/api/v1/erasures/${receipt.receipt}`))).toEqual(receipt);
    expect((await get("/api/v1/erasures/none")).status).toBe(404);
    const customers = await json<{ customers: object[] }>(get("/api/v1/customers"));
    expect(customers.customers).toMatchObject([
      { customer_id: "acme" },
      { customer_id: receipt.customer_id, erased: true, calls: 1 },
    ]);
    const everything = await Promise.all(
      ["/api/v1/events", "/api/v1/events/a", "/api/v1/usage?group_by=customer_id"].map(async (path) =>
        (await get(path)).text(),
      ),
    );
    expect(everything.join("")).not.toContain("jane");
    expect(await json(post(call("a", { customer_id: name })))).toMatchObject({ accepted: 0, duplicates: 1 });
  });
});

describe("metadata keys", () => {
  it("group usage once they are declared and older events are in", async () => {
    const { post, get, send, usage } = await start();
    await post([call("a", { metadata: { team: "red" } }), call("b")]);
    expect(await json(send("POST", "/api/v1/dimensions", { key: "team" }))).toMatchObject({
      dimensions: [{ key: "team" }],
    });
    await expect.poll(async () => (await usage("?group_by=metadata.team")).status).toBe(200);
    await post(call("c", { metadata: { team: "blue" } }));
    const report = await json<{ rows: Record<string, unknown>[]; total: object }>(usage("?group_by=metadata.team"));
    expect(report.rows.map((row) => [row["metadata.team"], row["calls"]])).toEqual([
      [null, 1],
      ["blue", 1],
      ["red", 1],
    ]);
    expect(report.total).toMatchObject({ calls: 3 });
    const csv = await (await usage("?group_by=model&metadata.team=red&format=csv")).text();
    expect(csv.split("\n")[1]).toMatch(/^gpt-4o,1,/);
    expect(await json(get("/api/v1/dimensions"))).toMatchObject({ dimensions: [{ ready: true, progress: 1 }] });
    expect(await json(send("DELETE", "/api/v1/dimensions/team"))).toEqual({ dimensions: [] });
    expect((await send("DELETE", "/api/v1/dimensions/team")).status).toBe(404);
    expect((await usage("?group_by=metadata.team")).status).toBe(400);
    expect((await send("POST", "/api/v1/dimensions", {})).status).toBe(400);
  });
});

describe("the reporting zone", () => {
  it("is UTC until another one is chosen", async () => {
    const { get, send } = await start();
    expect(await json(get("/api/v1/reporting-zone"))).toEqual({ time_zone: "UTC" });
    expect((await send("PUT", "/api/v1/reporting-zone", { time_zone: "Mars/Base" })).status).toBe(400);
    expect(await json(send("PUT", "/api/v1/reporting-zone", { time_zone: "Asia/Kathmandu" }))).toEqual({
      time_zone: "Asia/Kathmandu",
    });
    expect(await json(get("/api/v1/reporting-zone"))).toEqual({ time_zone: "Asia/Kathmandu" });
  });
});
