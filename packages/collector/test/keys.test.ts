import { keyId } from "@cmdrdata/storage";
import { afterEach, describe, expect, it } from "vitest";

import { keys, startCollector } from "./running-collector.ts";

type Running = Awaited<ReturnType<typeof startCollector>>;
let running: Running | undefined;
afterEach(async () => running?.close());

async function start(...args: Parameters<typeof startCollector>): Promise<Running> {
  return (running = await startCollector(...args));
}

interface Made {
  readonly id: string;
  readonly key: string;
  readonly tenant: string;
  readonly ends_at: string | null;
}
const json = async (response: Promise<Response>): Promise<{ status: number; body: Made & Record<string, never> }> => {
  const answered = await response;
  return { status: answered.status, body: (await answered.json()) as Made & Record<string, never> };
};
const made = async (collector: Running, body: object = { scopes: ["ingest", "read"] }): Promise<Made> =>
  (await json(collector.ask("POST", "/api/v1/keys", { body }))).body;
const idOf = async (collector: Running, index: number, tenant = "default"): Promise<string> => {
  const listed = (await (await collector.ask("GET", `/api/v1/keys?tenant=${tenant}`)).json()) as { keys: Made[] };
  return listed.keys[index]?.id ?? "";
};

describe("POST /api/v1/keys", () => {
  it("makes a key that works at once, and shows its text in that one answer only", async () => {
    const collector = await start();
    const answer = await json(collector.ask("POST", "/api/v1/keys", { body: { name: "web", scopes: ["ingest"] } }));
    expect(answer).toMatchObject({
      status: 201,
      body: {
        tenant: "default",
        name: "web",
        scopes: ["ingest"],
        created_at: "2026-11-23T10:07:00.000Z",
        ends_at: null,
      },
    });
    expect(answer.body.key).toMatch(/^tk-[\w-]{43}$/);
    expect((await collector.post({ id: "a" }, { authorization: `Bearer ${answer.body.key}` })).status).toBe(200);
    const listed = await (await collector.ask("GET", "/api/v1/keys")).text();
    expect(listed).toContain(answer.body.id);
    expect(listed).not.toContain("tk-");
    expect(collector.log.join("")).not.toContain(answer.body.key);
  });

  it("says all that is wrong with a body at once", async () => {
    const collector = await start();
    const body = { scopes: ["everything"], name: "x".repeat(101), colour: "red", requests_per_minute: 0 };
    const answer = await json(collector.ask("POST", "/api/v1/keys", { body }));
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "CMDR_QUERY_INVALID" } } });
    for (const name of ["scopes", "name", "additional", "requests_per_minute"]) {
      expect(JSON.stringify(answer.body)).toContain(name);
    }
    const headers = { authorization: `Bearer ${keys.all}`, "content-type": "application/json" };
    const broken = await fetch(`${collector.url}/api/v1/keys`, { method: "POST", headers, body: "{" });
    expect(await broken.json()).toMatchObject({ error: { code: "CMDR_BODY_NOT_JSON" } });
  });

  it("wants the scope admin", async () => {
    const collector = await start();
    const options = { key: keys.ingestOnly, body: { scopes: ["read"] } };
    expect((await collector.ask("POST", "/api/v1/keys", options)).status).toBe(403);
  });

  it("makes keys for a tenant that exists, when an admin of the default tenant asks", async () => {
    const collector = await start();
    const body = { scopes: ["read"], tenant: "nobody" };
    expect((await collector.ask("POST", "/api/v1/keys", { body })).status).toBe(404);
    expect((await collector.ask("POST", "/api/v1/tenants", { body: { tenant: "nobody" } })).status).toBe(201);
    expect((await collector.ask("POST", "/api/v1/tenants", { body: { tenant: "nobody" } })).status).toBe(200);
    expect(await made(collector, body)).toMatchObject({ tenant: "nobody" });
    expect(await (await collector.ask("GET", "/api/v1/tenants")).json()).toMatchObject({
      tenants: [{ tenant: "default" }, { tenant: "nobody" }, { tenant: "other" }],
    });
  });
});

describe("DELETE /api/v1/keys/{id}", () => {
  it("refuses a revoked key from the next request on", async () => {
    const collector = await start();
    const { id, key } = await made(collector);
    expect((await collector.usage("", key)).status).toBe(200);
    expect(await json(collector.ask("DELETE", `/api/v1/keys/${id}`))).toMatchObject({
      status: 200,
      body: { id, ends_at: "2026-11-23T10:07:00.000Z" },
    });
    expect((await collector.usage("", key)).status).toBe(401);
  });

  it("revokes neither the key that asks nor one that is not there", async () => {
    const collector = await start();
    const own = await idOf(collector, 0);
    const other = await idOf(collector, 1);
    const answers = await Promise.all(
      [own, other, "0123456789abcdef"].map((id) => json(collector.ask("DELETE", `/api/v1/keys/${id}`))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400, 404]));
    expect((await collector.usage()).status).toBe(200);
  });
});

describe("POST /api/v1/keys/{id}/rotate", () => {
  it("makes a second key, and lets the first one go on for as long as was asked for", async () => {
    const collector = await start();
    const old = await made(collector, { scopes: ["read"], name: "report", events_per_minute: 5 });
    const rotated = await json(
      collector.ask("POST", `/api/v1/keys/${old.id}/rotate`, { body: { keep_old_seconds: 60 } }),
    );
    expect(rotated).toMatchObject({
      status: 201,
      body: {
        name: "report",
        scopes: ["read"],
        events_per_minute: 5,
        replaces: { id: old.id, ends_at: "2026-11-23T10:08:00.000Z" },
      },
    });
    collector.pass(59_999);
    expect((await collector.usage("", old.key)).status).toBe(200);
    collector.pass(1);
    expect((await collector.usage("", old.key)).status).toBe(401);
    expect((await collector.usage("", rotated.body.key)).status).toBe(200);
    expect((await collector.ask("POST", `/api/v1/keys/${old.id}/rotate`, { body: {} })).status).toBe(404);
  });
});

describe("last_used_at", () => {
  it("is written once a minute, and when the collector closes", async () => {
    const collector = await start();
    const { id, key } = await made(collector);
    await collector.usage("", key);
    const used = async (): Promise<unknown> =>
      (await collector.store.listKeys("default")).find((stored) => keyId(stored) === id)?.lastUsedAtMs;
    expect(await used()).toBeNull();
    collector.pass(60_000);
    await collector.usage("", key);
    expect(await used()).toBe(Date.parse("2026-11-23T10:08:00.000Z"));
    collector.pass(1_000);
    await collector.usage("", key);
    await collector.server.close();
    expect(collector.log.join("")).not.toContain("could not note");
    expect(await used()).toBe(Date.parse("2026-11-23T10:08:01.000Z"));
  });
});
