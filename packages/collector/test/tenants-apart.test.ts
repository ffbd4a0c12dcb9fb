/** S4 over every route there is: one tenant's keys neither read, nor change, nor learn of another's. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { keys, startCollector } from "./running-collector.ts";

let collector: Awaited<ReturnType<typeof startCollector>>;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.close());

/** A word of the tenant `default` that nobody else may see. */
const secret = "secret-customer";

interface Attempt {
  readonly path: string;
  readonly body?: unknown;
  /** What the other tenant is answered. */
  readonly status: number;
  /** The answer says again what the request names. */
  readonly echoes?: boolean;
}

/** How the other tenant tries each route. `{key}` is the id of a key of the tenant `default`. A new route fails without a row here. */
const attempts: Readonly<Record<string, "open" | readonly Attempt[]>> = {
  "GET /livez": "open",
  "GET /readyz": "open",
  "GET /healthz": "open",
  "GET /metrics": "open",
  "POST /api/events": [{ path: "/api/events", body: { id: "mine", metadata: { tenant: "default" } }, status: 200 }],
  "GET /api/v1/usage": [
    { path: "/api/v1/usage?group_by=customer_id", status: 200 },
    { path: "/api/v1/usage?tenant=default", status: 400 },
  ],
  "POST /api/v1/tenants": [{ path: "/api/v1/tenants", body: { tenant: "mine" }, status: 403 }],
  "GET /api/v1/tenants": [{ path: "/api/v1/tenants", status: 403 }],
  "POST /api/v1/keys": [
    { path: "/api/v1/keys", body: { scopes: ["read"], tenant: "default" }, status: 403 },
    { path: "/api/v1/keys", body: { scopes: ["read"], tenant: "nobody" }, status: 403 },
    { path: "/api/v1/keys", body: { scopes: ["read"], tenant: "other" }, status: 201 },
  ],
  "GET /api/v1/keys": [
    { path: "/api/v1/keys", status: 200 },
    { path: "/api/v1/keys?tenant=default", status: 403 },
  ],
  "POST /api/v1/keys/:id/rotate": [
    { path: "/api/v1/keys/{key}/rotate", body: {}, status: 404 },
    { path: "/api/v1/keys/{key}/rotate?tenant=default", body: {}, status: 403 },
  ],
  "DELETE /api/v1/keys/:id": [
    { path: "/api/v1/keys/{key}", status: 404 },
    { path: "/api/v1/keys/{key}?tenant=default", status: 403 },
  ],
  "GET /api/v1/prices": [
    { path: "/api/v1/prices?model=none", status: 200 },
    { path: "/api/v1/prices?tenant=default", status: 403 },
  ],
  "GET /api/v1/prices/books": [{ path: "/api/v1/prices/books", status: 200 }],
  "GET /api/v1/prices/diff": [{ path: "/api/v1/prices/diff", status: 200 }],
  "POST /api/v1/prices/approve": [{ path: "/api/v1/prices/approve", body: { changes: "all" }, status: 403 }],
  "POST /api/v1/prices/import": [
    {
      path: "/api/v1/prices/import",
      body: { source: { url: "https://x.example" }, models: [{ model: "m", prices: [{ unit: "images", usd: "1" }] }] },
      status: 403,
    },
  ],
  "GET /api/v1/prices/terms": [
    { path: "/api/v1/prices/terms", status: 200 },
    { path: "/api/v1/prices/terms?tenant=default", status: 403 },
  ],
  "POST /api/v1/prices/terms": [
    { path: "/api/v1/prices/terms?tenant=default", body: { model: "*", factor: "2/1" }, status: 403 },
    { path: "/api/v1/prices/terms", body: { model: "*", factor: "2/1" }, status: 201 },
  ],
  "DELETE /api/v1/prices/terms/:id": [
    { path: "/api/v1/prices/terms/{term}", status: 404 },
    { path: "/api/v1/prices/terms/{term}?tenant=default", status: 403 },
  ],
  "GET /api/v1/openapi.json": "open",
  "GET /api/v1/events": [{ path: "/api/v1/events", status: 200 }],
  "GET /api/v1/events/:id": [{ path: "/api/v1/events/a", status: 404 }],
  "GET /api/v1/customers": [{ path: "/api/v1/customers", status: 200 }],
  "DELETE /api/v1/customers/:id": [{ path: `/api/v1/customers/${secret}`, status: 200, echoes: true }],
  "GET /api/v1/erasures/:receipt": [{ path: "/api/v1/erasures/{receipt}", status: 404 }],
  "GET /api/v1/conflicts": [{ path: "/api/v1/conflicts", status: 200 }],
  "GET /api/v1/quarantine": [{ path: "/api/v1/quarantine", status: 200 }],
  "POST /api/v1/quarantine/reprocess": [{ path: "/api/v1/quarantine/reprocess", body: {}, status: 200 }],
  "GET /api/v1/export": [{ path: "/api/v1/export?what=events&format=csv", status: 200 }],
  "GET /api/v1/dimensions": [{ path: "/api/v1/dimensions", status: 200 }],
  "POST /api/v1/dimensions": [{ path: "/api/v1/dimensions", body: { key: "mine" }, status: 200 }],
  "DELETE /api/v1/dimensions/:key": [{ path: "/api/v1/dimensions/team", status: 404 }],
  "GET /api/v1/reporting-zone": [{ path: "/api/v1/reporting-zone", status: 200 }],
  "PUT /api/v1/reporting-zone": [{ path: "/api/v1/reporting-zone", body: { time_zone: "Asia/Tokyo" }, status: 200 }],
  "GET /api/v1/unpriced": [{ path: "/api/v1/unpriced", status: 200 }],
  "POST /api/v1/rerates": [
    { path: "/api/v1/rerates", body: { from: "2026-01-01", to: "2027-01-01", preview: true }, status: 200 },
    {
      path: "/api/v1/rerates",
      body: { from: "2026-01-01", to: "2027-01-01", preview: false, tenant: "default" },
      status: 403,
    },
  ],
  "GET /api/v1/rerates": [
    { path: "/api/v1/rerates", status: 200 },
    { path: "/api/v1/rerates?tenant=default", status: 403 },
  ],
  "GET /api/v1/rerates/:id": [
    { path: "/api/v1/rerates/{job}", status: 404 },
    { path: "/api/v1/rerates/{job}?tenant=default", status: 403 },
  ],
};

const routes = (): readonly string[] => [...collector.routes].filter((route) => !route.startsWith("HEAD ")).toSorted();

describe("every route", () => {
  it("has a row in the table of this test", () => {
    expect(routes()).toEqual(Object.keys(attempts).toSorted());
  });

  it("wants a key, but for the probes", async () => {
    for (const [route, tries] of Object.entries(attempts)) {
      const [method = "", url = ""] = route.split(" ");
      const answer = await fetch(`${collector.url}${url}`, { method });
      expect([route, answer.status]).toEqual([route, tries === "open" ? 200 : 401]);
    }
  });

  it("keeps a tenant's customers, keys and names from another's admin", async () => {
    await collector.post({ id: "a", customer_id: secret });
    await collector.ask("POST", "/api/v1/keys", { body: { scopes: ["read"], name: secret } });
    const made = async (path: string, body: object): Promise<string> =>
      ((await (await collector.ask("POST", path, { body })).json()) as { readonly id: string }).id;
    const term = await made("/api/v1/prices/terms", { model: secret, factor: "3/1" });
    const rerate = { from: "2026-01-01", to: "2027-01-01", preview: false, reason: secret };
    const job = await made("/api/v1/rerates", rerate);
    await collector.runner.idle();
    await collector.ask("POST", "/api/v1/dimensions", { body: { key: "team" } });
    const erased = await collector.ask("DELETE", "/api/v1/customers/somebody");
    const { receipt } = (await erased.json()) as { readonly receipt: string };
    const before = await collector.store.listKeys("default");
    const id = before.at(-1)?.hash.slice(0, 16) ?? "";
    for (const [route, tries] of Object.entries(attempts)) {
      if (tries === "open") continue;
      const [method = ""] = route.split(" ");
      for (const { path, body, status, echoes = false } of tries) {
        const answer = await collector.ask(
          method,
          path.replace("{key}", id).replace("{term}", term).replace("{job}", job).replace("{receipt}", receipt),
          { key: keys.otherAdmin, body },
        );
        const text = await answer.text();
        expect([route, path, answer.status]).toEqual([route, path, status]);
        if (!echoes) expect(text).not.toContain(secret);
        for (const hidden of [id, term, job]) expect(text).not.toContain(hidden);
      }
    }
    const untouched = (key: (typeof before)[number]): unknown => ({ ...key, lastUsedAtMs: null });
    expect((await collector.store.listKeys("default")).map(untouched)).toEqual(before.map(untouched));
    expect(await (await collector.usage("?group_by=customer_id")).json()).toMatchObject({
      rows: [{ customer_id: secret, calls: 1 }],
    });
    expect(await (await collector.ask("GET", "/api/v1/dimensions")).json()).toMatchObject({
      dimensions: [{ key: "team" }],
    });
  });
});
