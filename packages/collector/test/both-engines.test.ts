/**
 * The API on each engine: the same requests get the same answers from a ledger in a file and from one on PostgreSQL. A
 * collector for each, of which every test has customers of its own.
 */
import { randomUUID } from "node:crypto";

import { createDatabaseOn, dropDatabaseOn } from "@cmdrdata/testkit";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { keys, startCollector } from "./running-collector.ts";

const call = (customer_id: string, id: string, fields: object = {}) => ({
  id: `${customer_id} ${id}`,
  customer_id,
  operation: "chat.completions",
  model: "gpt-4o",
  input_tokens: 1_000,
  output_tokens: 100,
  timestamp: "2026-11-23T10:00:00.000Z",
  ...fields,
});

type Answer = Promise<Response>;
const json = async <T = unknown>(answer: Answer): Promise<T> => (await (await answer).json()) as T;
const statusOf = async (answer: Answer): Promise<number> => (await answer).status;

describe.each(["sqlite", "postgres"] as const)("on %s", (engine) => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let databaseUrl: string | undefined;
  beforeAll(async () => {
    if (engine === "postgres") {
      databaseUrl = await createDatabaseOn(inject("postgres"), `test_${randomUUID().replaceAll("-", "")}`);
    }
    collector = await startCollector(databaseUrl === undefined ? {} : { databaseUrl });
  }, 120_000);
  afterAll(async () => {
    await collector.close();
    if (databaseUrl !== undefined) await dropDatabaseOn(inject("postgres"), databaseUrl);
  });

  it("ingest counts an id once, tells other content, rejects what is no event and sets aside what is in doubt", async () => {
    const first = await json(
      collector.post([call("in", "a"), call("in", "b"), 7, call("in", "c", { timestamp: "2027-11-23T10:00:00Z" })]),
    );
    expect(first).toMatchObject({ accepted: 3, duplicates: 0, rejected: [{ index: 2 }], flagged: [{ index: 3 }] });
    const again = await json(collector.post([call("in", "a"), call("in", "b", { output_tokens: 9 })]));
    expect(again).toMatchObject({ accepted: 0, duplicates: 2, conflicts: 1 });
    expect(await json(collector.usage("?customer_id=in"))).toMatchObject({ total: { calls: 2, output_tokens: 200 } });
    expect(await json(collector.get("/api/v1/conflicts"))).toMatchObject({ total: 1, conflicts: [{ id: "in b" }] });
    expect(await json(collector.get("/api/v1/quarantine"))).toMatchObject({ quarantined: [{ id: "in c" }] });
    expect(await json(collector.send("POST", "/api/v1/quarantine/reprocess", { time: "as_sent" }))).toMatchObject({
      released: 1,
    });
    expect(await statusOf(collector.post([call("in", "d")], { authorization: "Bearer tk-none" }))).toBe(401);
  });

  it("usage is exact by group, interval and zone, with the largest groups told apart, and a tenant's own", async () => {
    const models = ["gpt-4o", "gpt-4o", "gpt-4o-mini", "no-such-model"];
    await collector.post(
      models.map((model, index) => call("use", `${index}`, { model, timestamp: `2026-11-2${index}T20:00:00Z` })),
    );
    const days = await json(
      collector.usage("?customer_id=use&group_by=model&interval=day&tz=Asia/Kathmandu&from=2026-11-20&to=2026-11-24"),
    );
    expect(days).toMatchObject({
      rows: [
        { model: "gpt-4o", start: "2026-11-21T00:00:00+05:45", calls: 1, cost_usd: "0.0035" },
        { model: "gpt-4o", start: "2026-11-22T00:00:00+05:45", calls: 1 },
        { model: "gpt-4o-mini", start: "2026-11-23T00:00:00+05:45", calls: 1, cost_usd: "0.00021" },
        { model: "no-such-model", start: "2026-11-24T00:00:00+05:45", calls: 1, unpriced_calls: 1 },
      ],
      total: { calls: 4, input_tokens: 4_000, cost_usd: "0.00721", unpriced_calls: 1 },
    });
    const top = await json(collector.usage("?customer_id=use&group_by=model&top=1&to=2026-11-24"));
    expect(top).toMatchObject({
      rows: [
        { model: "gpt-4o", calls: 2, other: false },
        { calls: 2, other: true },
      ],
    });
    expect(await json(collector.usage("", keys.otherTenant))).toMatchObject({ total: { calls: 0 } });
    expect(await statusOf(collector.usage("?group_by=size"))).toBe(400);
  });

  it("events come in pages, the newest first, each with its story, to their tenant only", async () => {
    await collector.post([0, 1, 1, 2].map((minute, index) => call("page", `${index}`, { timestamp: at(minute) })));
    type Page = { readonly events: readonly { readonly id: string }[]; readonly next: string | null };
    const first = await json<Page>(collector.get("/api/v1/events?customer_id=page&limit=2"));
    await collector.post(call("page", "late", { timestamp: at(3) }));
    const second = await json<Page>(collector.get(`/api/v1/events?customer_id=page&limit=2&after=${first.next}`));
    const ids = [first, second].map(({ events }) => events.map(({ id }) => id));
    expect(ids).toEqual([
      ["page 3", "page 2"],
      ["page 1", "page 0"],
    ]);
    expect(second.next).toBeNull();
    const path = `/api/v1/events/${encodeURIComponent("page 1")}`;
    expect(await json(collector.get(path))).toMatchObject({
      events: [
        {
          state: "counted",
          cost: { usd: "0.0035" },
          bucket: { customer_id: "page", start: "2026-11-23T09:00:00.000Z" },
        },
      ],
    });
    expect(await statusOf(collector.get(path, keys.otherTenant))).toBe(404);
  });

  it("the export has every event once, in each format", async () => {
    const sent = Array.from({ length: 1_500 }, (_, index) => call("out", String(index).padStart(4, "0")));
    for (const from of [0, 500, 1_000]) await collector.post(sent.slice(from, from + 500));
    const exported = (format: string) => collector.get(`/api/v1/export?customer_id=out&format=${format}`);
    const wanted = sent.map(({ id }) => id);
    const lines = (await (await exported("ndjson")).text()).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id).toSorted()).toEqual(wanted);
    expect((await (await exported("csv")).text()).trimEnd().split("\n")).toHaveLength(1 + wanted.length);
    const rows = await parquetReadObjects({ file: await (await exported("parquet")).arrayBuffer() });
    expect(rows.map((row) => String(row["id"])).toSorted()).toEqual(wanted);
  });

  it("an erasure keeps the totals under a tombstone and the name nowhere, and counts no event anew", async () => {
    const jane = (id: string) => call("jane@example.com", "", { id });
    await collector.post([jane("erased 0"), jane("erased 1")]);
    const receipt = await json<{ receipt: string; customer_id: string }>(
      collector.send("DELETE", `/api/v1/customers/${encodeURIComponent("jane@example.com")}`),
    );
    expect(receipt).toMatchObject({ events: 2, completed_at: expect.any(String) });
    expect(await json(collector.get(`/api/v1/erasures/${receipt.receipt}`))).toEqual(receipt);
    expect(await json(collector.usage(`?customer_id=${receipt.customer_id}`))).toMatchObject({ total: { calls: 2 } });
    for (const path of ["/api/v1/customers", "/api/v1/events?limit=1000", "/api/v1/events/erased%200"]) {
      expect(await (await collector.get(path)).text()).not.toContain("jane");
    }
    expect(await json(collector.post(jane("erased 0")))).toMatchObject({
      accepted: 0,
      duplicates: 1,
    });
  });

  it("keys are made for a tenant, rotated with an overlap, and revoked", async () => {
    expect(await statusOf(collector.ask("POST", "/api/v1/tenants", { body: { tenant: "globex" } }))).toBe(201);
    expect(await statusOf(collector.ask("POST", "/api/v1/tenants", { body: { tenant: "globex" } }))).toBe(200);
    type Made = { readonly key: string; readonly id: string };
    const body = { tenant: "globex", scopes: ["ingest", "read"], name: "web" };
    const made = await json<Made>(collector.ask("POST", "/api/v1/keys", { body }));
    // Listed by age.
    collector.pass(1);
    const rotate = `/api/v1/keys/${made.id}/rotate?tenant=globex`;
    const next = await json<Made>(collector.ask("POST", rotate, { body: { keep_old_seconds: 60 } }));
    for (const { key } of [made, next]) {
      const authorization = `Bearer ${key}`;
      expect(await statusOf(collector.post(call("key", key.slice(-8)), { authorization }))).toBe(200);
      expect(await statusOf(collector.get("/api/v1/keys", key))).toBe(403);
    }
    expect(await json(collector.usage("", next.key))).toMatchObject({ total: { calls: 2 } });
    expect(await json(collector.usage("?customer_id=key"))).toMatchObject({ total: { calls: 0 } });
    expect(await statusOf(collector.ask("DELETE", `/api/v1/keys/${next.id}?tenant=globex`))).toBe(200);
    expect(await statusOf(collector.usage("", next.key))).toBe(401);
    const { keys: listed } = await json<{ keys: readonly object[] }>(collector.get("/api/v1/keys?tenant=globex"));
    expect(listed).toMatchObject([
      { id: made.id, name: "web", ends_at: expect.any(String) },
      { id: next.id, name: "web", ends_at: expect.any(String) },
    ]);
  });
});

const at = (minute: number): string => `2026-11-23T09:0${minute}:00Z`;
