import { type PriceBook, priceBook } from "@cmdrdata/pricing";
import { afterEach, describe, expect, it } from "vitest";

import { createPriceFeed } from "../src/price-feed.ts";
import { upgradeStoredBook } from "../src/prices/keep-book.ts";
import { keys, startCollector } from "./running-collector.ts";

type Running = Awaited<ReturnType<typeof startCollector>>;
let running: Running | undefined;
afterEach(async () => running?.close());

async function start(...args: Parameters<typeof startCollector>): Promise<Running> {
  return (running = await startCollector(...args));
}

/** 1,000 tokens in and 100 out of a model: of gpt-4o $0.0035. */
const call = (id: string, fields: object = {}): object => ({
  id,
  customer_id: "acme",
  operation: "chat.completions",
  model: "gpt-4o",
  input_tokens: 1_000,
  output_tokens: 100,
  timestamp: "2026-11-23T10:00:00.000Z",
  ...fields,
});
const costOf = async (collector: Running): Promise<unknown> => {
  const { total } = (await (await collector.usage()).json()) as { readonly total: Readonly<Record<string, unknown>> };
  return [total["cost_usd"], total["unpriced_calls"]];
};
const json = async <T>(response: Promise<Response>): Promise<T & { readonly status: number }> => {
  const answered = await response;
  return { ...((await answered.json()) as T), status: answered.status };
};
interface Shown {
  readonly id: string;
  readonly version: string;
  readonly changes: readonly { readonly id: string; readonly waits: boolean }[];
  readonly prices: readonly Readonly<Record<string, unknown>>[];
  readonly terms: readonly Readonly<Record<string, unknown>>[];
  readonly books: readonly Readonly<Record<string, unknown>>[];
  readonly error: { readonly code: string; readonly message: string };
}
const post = (collector: Running, path: string, body: object, key = keys.all) =>
  json<Shown>(collector.ask("POST", path, { body, key }));

/** The seed with the input of gpt-4o at another price. */
function seedWith(picoUsdPerUnit: number): PriceBook {
  return {
    ...priceBook,
    version: "seed+2",
    models: priceBook.models.map((model) =>
      model.id === "gpt-4o"
        ? { ...model, rows: model.rows.map((row) => (row.unit === "input_tokens" && row.serviceTier === "default" ? { ...row, picoUsdPerUnit } : row)) } // prettier-ignore
        : model,
    ),
  };
}

describe("a tenant's terms", () => {
  it("hold for the next event, for that tenant alone, and no more when they are removed", async () => {
    const collector = await start();
    const own = { model: "gpt-4o", unit: "input_tokens", usd: "1.00", per: 1_000_000 };
    const term = await post(collector, "/api/v1/prices/terms?tenant=other", own);
    expect(term).toMatchObject({ status: 201, tenant: "other", picoUsdPerUnit: 1_000_000 });
    await collector.post(call("a"), { authorization: `Bearer ${keys.otherTenant}` });
    await collector.post(call("a"));
    expect(await costOf(collector)).toEqual(["0.0035", 0]);
    const theirs = await (await collector.usage("", keys.otherTenant)).json();
    expect(theirs).toMatchObject({ total: { cost_usd: "0.002" } });
    expect((await collector.ask("DELETE", `/api/v1/prices/terms/${term.id}?tenant=other`)).status).toBe(200);
    expect((await collector.ask("DELETE", `/api/v1/prices/terms/${term.id}?tenant=other`)).status).toBe(404);
    await collector.post(call("b"), { authorization: `Bearer ${keys.otherTenant}` });
    expect(await (await collector.usage("", keys.otherTenant)).json()).toMatchObject({ total: { cost_usd: "0.0055" } });
    expect((await json<Shown>(collector.ask("GET", "/api/v1/prices?tenant=other&model=gpt-4o"))).terms).toMatchObject([
      { id: term.id, removed_at: "2026-11-23T10:07:00.000Z" },
    ]);
  });

  it("are listed by themselves, removed ones too, each as it was given", async () => {
    const collector = await start();
    const list = (query: string, key = keys.all) => json<Shown>(collector.ask("GET", `/api/v1/prices/terms${query}`, { key })); // prettier-ignore
    expect(await list("")).toEqual({ status: 200, terms: [] });
    const { status: _made, ...price } = await post(collector, "/api/v1/prices/terms?tenant=other", { model: "gpt-4o", unit: "input_tokens", usd: "1.00", per: 1_000_000 }); // prettier-ignore
    const { status: _too, ...factor } = await post(collector, "/api/v1/prices/terms?tenant=other", { model: "*", factor: "11/10" }); // prettier-ignore
    await collector.ask("DELETE", `/api/v1/prices/terms/${factor.id}?tenant=other`);
    const terms = [price, { ...factor, removed_at: "2026-11-23T10:07:00.000Z" }];
    for (const listed of [await list("?tenant=other"), await list("", keys.otherAdmin)]) {
      expect(new Set(listed.terms)).toEqual(new Set(terms));
    }
    expect(await list("")).toEqual({ status: 200, terms: [] });
    expect(await list("?tenant=default", keys.otherAdmin)).toMatchObject({ status: 403 });
    expect(await list("?tenants=other")).toMatchObject({ status: 400 });
  });

  it("mark up by an exact fraction", async () => {
    const collector = await start();
    await post(collector, "/api/v1/prices/terms", { model: "*", factor: "11/10", effective_from: "2026-11-01" });
    await collector.post(call("a"));
    expect(await costOf(collector)).toEqual(["0.00385", 0]);
  });

  it.each([
    ["a price that is no whole number of pico-dollars", { model: "m", unit: "images", usd: "1", per: 3 }],
    ["a fraction without a denominator", { model: "m", factor: "1/0" }],
    [
      "an end before its start",
      { model: "m", factor: "1/1", effective_from: "2026-02-01", effective_to: "2026-01-01" },
    ],
    ["a day that is not there", { model: "m", factor: "1/1", effective_from: "2026-13-45" }],
    ["neither price nor factor", { model: "m" }],
  ])("are refused with %s", async (_what, body) => {
    expect(await post(await start(), "/api/v1/prices/terms", body)).toMatchObject({
      status: 400,
      error: { code: "CMDR_QUERY_INVALID" },
    });
  });
});

describe("the price book", () => {
  it("is listed with its sources, and follows no seed of its own accord", async () => {
    const collector = await start();
    const before = await json<Shown>(collector.ask("GET", "/api/v1/prices?model=whisper"));
    expect(before).toMatchObject({
      version: priceBook.version,
      prices: [{ unit: "audio_seconds", pico_usd: "100000000" }],
    });
    expect(await json<Shown>(collector.ask("GET", "/api/v1/prices/diff"))).toMatchObject({ changes: [] });
    const first = await upgradeStoredBook(collector.store, { nowMs: 1 });
    expect(first).toMatchObject({ version: priceBook.version, changed: true, taken: [], held: [] });
    expect(await upgradeStoredBook(collector.store, { nowMs: 2 })).toMatchObject({ changed: false });
  });

  it("takes an upgrade over from then on, and prices what happened before as before", async () => {
    const collector = await start();
    const nowMs = Date.parse("2026-11-23T10:03:00.000Z");
    await upgradeStoredBook(collector.store, { nowMs: 1 });
    const upgraded = await upgradeStoredBook(collector.store, { nowMs, seed: seedWith(2_000_000) });
    expect(upgraded).toMatchObject({ taken: [{ model: "gpt-4o", before: 2_500_000, after: 2_000_000 }], held: [] });
    await collector.post([call("a"), call("b", { timestamp: "2026-11-23T10:04:00Z" })]);
    expect(await costOf(collector)).toEqual(["0.0065", 0]);
    const { books } = await json<Shown>(collector.ask("GET", "/api/v1/prices/books"));
    expect(books.map(({ origin }) => origin)).toEqual(["upgrade", "seed"]);
  });

  it("lets a suspicious change wait for an operator's yes", async () => {
    const collector = await start();
    // What is stored is an older list, in which gpt-4o cost a tenth.
    await upgradeStoredBook(collector.store, { nowMs: 1, seed: seedWith(250_000) });
    expect(await upgradeStoredBook(collector.store, { nowMs: 2 })).toMatchObject({
      changed: false,
      held: [{ before: 250_000, after: 2_500_000 }],
    });
    const { changes } = await json<Shown>(collector.ask("GET", "/api/v1/prices/diff"));
    expect(changes).toMatchObject([
      { model: "gpt-4o", before_pico_usd: "250000", after_pico_usd: "2500000", waits: true },
    ]);
    expect(await post(collector, "/api/v1/prices/approve", { changes: ["0123456789ab"] })).toMatchObject({
      status: 404,
    });
    const ids = changes.map(({ id }) => id);
    expect(await post(collector, "/api/v1/prices/approve", { changes: ids })).toMatchObject({
      approved: ids,
      waiting: [],
    });
    expect(await json<Shown>(collector.ask("GET", "/api/v1/prices/diff"))).toMatchObject({ changes: [] });
    await collector.post([call("a"), call("b", { timestamp: "2026-11-23T10:08:00Z" })]);
    expect(await costOf(collector)).toEqual(["0.00475", 0]);
    expect(await post(collector, "/api/v1/prices/approve", { changes: "all" })).toMatchObject({ approved: [] });
  });

  it("takes prices that an operator gives, and fills in what had none", async () => {
    const collector = await start();
    await upgradeStoredBook(collector.store, { nowMs: 1 });
    await collector.post([call("a"), call("b", { model: "my-model" }), call("c", { model: "my-other" })]);
    expect(await costOf(collector)).toEqual(["0.0035", 2]);
    const imported = await post(collector, "/api/v1/prices/import", {
      source: { url: "https://prices.example.com" },
      models: [
        {
          model: "my-model",
          prices: [
            { unit: "input_tokens", usd: "1", per: 1_000_000 },
            { unit: "output_tokens", usd: "2", per: 1_000_000 },
          ],
        },
        { model: "gpt-4o", prices: [{ unit: "input_tokens", usd: "9", per: 1_000_000 }] },
      ],
    });
    expect(imported).toMatchObject({ status: 201, prices: [{ model: "my-model" }, {}, { model: "gpt-4o" }] });
    await collector.runner.idle();
    // Filled in: 1,000 + 200 millionths. What was priced stays, though its price is another now.
    expect(await costOf(collector)).toEqual(["0.0047", 1]);
    await collector.post(call("d"));
    expect(await costOf(collector)).toEqual(["0.0147", 1]);
  });

  it("is changed by one process at a time: the other makes its change anew", async () => {
    const { store } = await start();
    await Promise.all([upgradeStoredBook(store, { nowMs: 1 }), upgradeStoredBook(store, { nowMs: 1 })]);
    expect(await store.listBooks()).toHaveLength(1);
    const never = { currentBook: () => store.currentBook(), addBook: async () => "outdated" as const };
    const given = { nowMs: 2, seed: seedWith(2_000_000) };
    await expect(upgradeStoredBook(never, given)).rejects.toMatchObject({ code: "CMDR_OVERLOADED" });
  });
});

describe("GET /api/v1/unpriced", () => {
  it("lists what has no price, by model, reason and tier", async () => {
    const collector = await start();
    await collector.post([call("a", { model: "x" }), call("b", { model: "x" }), call("c", { service_tier: "scale" })]);
    expect(await json(collector.ask("GET", "/api/v1/unpriced"))).toMatchObject({
      rows: [
        { model: "x", reason: "model_unknown", service_tier: null, calls: 2, first_at: "2026-11-23T10:00:00.000Z" },
        { model: "gpt-4o", reason: "tier_unpriced", service_tier: "scale", calls: 1 },
      ],
      total: { calls: 3 },
    });
    const none = await json(collector.ask("GET", "/api/v1/unpriced?from=2026-01-01&to=2026-02-01"));
    expect(none).toMatchObject({ rows: [], total: { calls: 0 } });
    expect((await collector.ask("GET", "/api/v1/unpriced?from=2026-13-45")).status).toBe(400);
    expect((await collector.ask("GET", "/api/v1/unpriced", { key: keys.ingestOnly })).status).toBe(403);
  });
});

describe("POST /api/v1/rerates", () => {
  const month = { from: "2026-11-01", to: "2026-12-01" };

  it("shows what a new price would change, then does it, and keeps what it did", async () => {
    const collector = await start();
    await collector.post([call("a"), call("b", { customer_id: "zeta" })]);
    await post(collector, "/api/v1/prices/terms", { model: "gpt-4o", factor: "2/1" });
    const lines = [
      { customer_id: "acme", month: "2026-11", events_changed: 1, cost_usd_before: "0.0035", cost_usd_after: "0.007" },
      { customer_id: "zeta", month: "2026-11", events_changed: 1, unpriced_before: 0, unpriced_after: 0 },
    ];
    const total = { events_changed: 2, cost_usd_before: "0.007", cost_usd_after: "0.014" };
    const preview = await post(collector, "/api/v1/rerates", { ...month, preview: true });
    expect(preview).toMatchObject({ status: 200, events_seen: 2, events_changed: 2, lines, total });
    expect(await costOf(collector)).toEqual(["0.007", 0]);
    const { id, status } = await post(collector, "/api/v1/rerates", { ...month, preview: false, reason: "contract" });
    expect(status).toBe(202);
    await collector.runner.idle();
    expect(await costOf(collector)).toEqual(["0.014", 0]);
    const job = { state: "done", reason: "contract", events_seen: 2, events_changed: 2 };
    expect(await json(collector.ask("GET", `/api/v1/rerates/${id}`))).toMatchObject({ ...job, lines, total });
    expect(await json(collector.ask("GET", "/api/v1/rerates"))).toMatchObject({ rerates: [{ id, ...job }] });
  });

  it("refuses a stretch of time that is none, and a second job meanwhile", async () => {
    const busy = { start: async () => "busy" as const, fillIn: async () => {} };
    const collector = await start({ runner: busy });
    const backwards = { from: "2026-12-01", to: "2026-11-01", preview: true };
    expect(await post(collector, "/api/v1/rerates", backwards)).toMatchObject({ status: 400 });
    expect(await post(collector, "/api/v1/rerates", { ...month, preview: false })).toMatchObject({ status: 503 });
    expect((await collector.ask("GET", "/api/v1/rerates/none")).status).toBe(404);
  });

  it("goes on at the next start with what a process left running", async () => {
    const collector = await start();
    await collector.post(Array.from({ length: 450 }, (_, index) => call(`e${index}`)));
    await post(collector, "/api/v1/prices/terms", { model: "*", factor: "2/1" });
    const scope = { tenant: "default", startMs: 0, endMs: 1e14, onlyUnpriced: false };
    await collector.store.startRerate({ ...scope, id: "left", createdAtMs: 1, askedBy: "test", reason: "" });
    await collector.runner.resume();
    await collector.runner.idle();
    expect(await costOf(collector)).toEqual(["3.15", 0]);
    expect(await collector.store.runningRerates()).toEqual([]);
  });
});

describe("createPriceFeed", () => {
  it("reads prices again when they have changed, at most as often as it may", async () => {
    const { store } = await start();
    let [read, nowMs] = [0, 0];
    const counted = { ...store, terms: () => ((read += 1), store.terms()) };
    const feed = createPriceFeed({ store: counted, clock: { monotonicNow: () => nowMs }, everyMs: 1_000 });
    await feed.refresh();
    await store.addTerm({ tenant: "t", id: "1", createdAtMs: 1, term: JSON.stringify({ kind: "adjustment", provider: "openai", model: "*", effectiveFrom: null, effectiveTo: null, numerator: 2, denominator: 1 }) }); // prettier-ignore
    await feed.refresh();
    expect(read).toBe(1);
    nowMs = 1_000;
    await feed.refresh();
    nowMs = 2_000;
    await feed.refresh();
    expect(read).toBe(2);
  });
});
