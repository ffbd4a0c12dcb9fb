import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";

import { createDatabaseOn, dropDatabaseOn } from "@cmdrdata/testkit";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";

import { runProgram } from "./program.ts";
import { serve } from "./serve.ts";
import { resolveServeOptions } from "./serve-options.ts";

const key = `tk-${"k".repeat(30)}`;
let folder: string;
let url: string;
let stop: () => Promise<number>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cmdrdata-keys-"));
  const stopped = Promise.withResolvers<string>();
  const ready = Promise.withResolvers<string>();
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      const line = JSON.parse(String(chunk)) as { msg: string; url?: string };
      if (line.msg === "ready") ready.resolve(line.url ?? "");
      done();
    },
  });
  const config = resolveServeOptions({ data: folder, port: "0" }, { CMDRDATA_BOOTSTRAP_KEY: key });
  const exit = serve(config, { logger: pino(sink), showKey: undefined, stop: stopped.promise });
  stop = () => (stopped.resolve("SIGTERM"), exit);
  url = await ready.promise;
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const code = await runProgram(args, {
    env: { CMDRDATA_API_KEY: key, CMDRDATA_URL: url },
    fetch,
    out: { write: (text) => void (written.out += text) },
    err: { write: (text) => void (written.err += text) },
    terminal: false,
    nextSignal: async () => "SIGTERM",
  });
  return { code, ...written };
}

describe("cmdrdata keys and tenants, asked of a running collector", () => {
  it("makes a tenant and a key of it, prints the key alone, and lists both without it", async () => {
    expect(await run("tenants", "create", "acme")).toEqual({ code: 0, out: "acme: added\n", err: "" });
    expect((await run("tenants", "list")).out).toMatch(/acme.*\d{4}-/);
    const created = await run("keys", "create", "--tenant", "acme", "--scopes", "ingest, read", "--name", "web");
    expect(created.out).toMatch(/^tk-[\w-]{43}\n$/);
    expect(created.err).toMatch(/^Key [0-9a-f]{16} of acme, for ingest, read\./);
    const listed = await run("keys", "list", "--tenant", "acme");
    expect(listed.out).toMatch(/acme.*web.*ingest, read.*│ - +│ - +│/);
    expect(listed.out).not.toContain("tk-");
    expect(JSON.parse((await run("keys", "list", "--tenant", "acme", "--format", "json")).out)).toMatchObject([
      { tenant: "acme", requests_per_minute: null },
    ]);
  });

  it("rotates a key with an overlap, and revokes one", async () => {
    const { err } = await run("keys", "create", "--events-per-minute", "9");
    const id = /Key (\S+) of/.exec(err)?.[1] ?? "";
    const rotated = await run("keys", "rotate", id, "--keep-old", "3600");
    expect(rotated.out).toMatch(/^tk-[\w-]{43}\n$/);
    expect(rotated.err).toMatch(new RegExp(`The old key ${id} ends at \\d{4}-`));
    expect((await run("keys", "revoke", id)).out).toMatch(new RegExp(`^${id} of default ended at \\d{4}-`));
  });

  it("says what is wrong in one line", async () => {
    expect(await run("keys", "create", "--events-per-minute", "many")).toMatchObject({
      code: 1,
      err: 'cmdrdata: --events-per-minute: expected a whole number, got "many" (CMDR_OPTIONS_INVALID)\n',
    });
    expect((await run("keys", "list", "--format", "xml")).err).toContain("expected table or json");
    expect((await run("keys", "revoke", "nothing")).err).toContain("(CMDR_QUERY_INVALID)");
    expect((await run("keys", "create", "--tenant", "nobody")).err).toContain("(CMDR_NOT_FOUND)");
  });
});

describe("cmdrdata keys and tenants on a ledger that no collector has open", () => {
  async function runOn(dataDir: string, args: readonly string[], env: Record<string, string> = {}) {
    const written = { out: "", err: "" };
    const code = await runProgram([...args, "--data-dir", dataDir], {
      env,
      fetch: () => Promise.reject(new Error("expected no network")),
      out: { write: (text) => void (written.out += text) },
      err: { write: (text) => void (written.err += text) },
      terminal: false,
      nextSignal: async () => "SIGTERM",
    });
    return { code, ...written };
  }

  it("makes, lists, rotates and revokes, in a folder", async () => {
    const data = join(folder, "other");
    expect((await runOn(data, ["tenants", "create", "acme"])).out).toBe("acme: added\n");
    const made = await runOn(data, ["keys", "create", "--tenant", "acme", "--scopes", "read"]);
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^tk-[\w-]{43}\n$/)]);
    const id = /Key (\S+) of acme/.exec(made.err)?.[1] ?? "";
    expect((await runOn(data, ["keys", "rotate", id, "--tenant", "acme"])).err).toContain(`The old key ${id} ends at`);
    expect((await runOn(data, ["keys", "revoke", id, "--tenant", "acme"])).out).toContain(`${id} of acme ended at`);
    const listed = await runOn(data, ["keys", "list", "--tenant", "acme", "--format", "json"]);
    expect(JSON.parse(listed.out)).toMatchObject([
      { id, last_used_at: null },
      { scopes: ["read"], ends_at: null },
    ]);
    expect((await runOn(data, ["tenants", "list"])).out).toMatch(/acme/);
    expect((await runOn(data, ["keys", "create", "--tenant", "nobody"])).err).toContain("(CMDR_NOT_FOUND)");
  });

  it("makes a key on PostgreSQL, where DATABASE_URL says so", async () => {
    const databaseUrl = await createDatabaseOn(inject("postgres"), `test_${randomUUID().replaceAll("-", "")}`);
    try {
      const env = { DATABASE_URL: databaseUrl };
      const made = await runOn(join(folder, "none"), ["keys", "create", "--name", "web"], env);
      expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^tk-/)]);
      expect((await runOn(join(folder, "none"), ["keys", "list"], env)).out).toMatch(/default .*web .*ingest/);
      expect(existsSync(join(folder, "none"))).toBe(false);
    } finally {
      await dropDatabaseOn(inject("postgres"), databaseUrl);
    }
  });

  it("leaves a folder alone that a collector has open", async () => {
    const refused = await runOn(folder, ["keys", "list"]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("(CMDR_DATA_FOLDER_IN_USE)")]);
  });
});

describe("cmdrdata prices, asked of a running collector", () => {
  const month = ["--from", "2026-11-01", "--to", "2026-12-01"];

  it("lists prices in dollars for a million, and finds nothing else in this version's own list", async () => {
    const listed = await run("prices", "list", "--model", "gpt-4.1-nano");
    expect(listed.out).toMatch(/gpt-4.1-nano .*cached_input_tokens .*default .*│ 0.025 /);
    expect(listed.err).toMatch(/^Book genai-prices-/);
    expect(JSON.parse((await run("prices", "diff", "--format", "json")).out)).toEqual([]);
    expect((await run("prices", "approve", "--all")).out).toMatch(/0 approved, 0 waiting/);
    expect((await run("prices", "approve")).err).toContain("(CMDR_OPTIONS_INVALID)");
  });

  it("imports prices, shows what pricing anew would change, and does it only when told to", async () => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const event = { id: "a", customer_id: "acme", model: "gpt-4o", input_tokens: 1_000, output_tokens: 0, timestamp: "2026-11-20T00:00:00Z" }; // prettier-ignore
    await fetch(`${url}/api/events`, { method: "POST", headers, body: JSON.stringify(event) });
    const file = join(folder, "prices.json");
    const prices = [{ unit: "input_tokens", usd: "3", per: 1_000_000 }];
    writeFileSync(
      file,
      JSON.stringify({ source: { url: "https://x.example" }, models: [{ model: "gpt-4o", prices }] }),
    );
    expect((await run("prices", "import", file)).out).toMatch(/1 prices imported/);
    expect((await run("prices", "import", join(folder, "none"))).err).toContain("(CMDR_OPTIONS_INVALID)");
    const preview = await run("prices", "rerate", ...month);
    expect(preview.out).toMatch(/acme .*2026-11 .*│ 0.0025 +│ 0.003 /);
    expect(preview.err).toContain("nothing was changed");
    expect((await run("prices", "rerate", ...month, "--yes", "--reason", "contract")).out).toMatch(/^[0-9a-f-]{36}\n$/);
    expect((await run("prices", "rerate")).err).toContain("(CMDR_OPTIONS_INVALID)");
    await expect.poll(async () => (await run("usage", "--format", "json")).out).toContain('"cost_usd":"0.003"');
  });

  it("adds, lists and removes a tenant's own terms", async () => {
    await run("tenants", "create", "acme");
    const price = [
      "--unit",
      "input_tokens",
      "--usd",
      "2.00",
      "--per",
      "1000000",
      "--tier",
      "batch",
      "--tenant",
      "acme",
    ];
    const added = await run("prices", "terms", "add", "gpt-4o*", ...price);
    expect([added.code, added.err]).toEqual([0, "A term of acme for gpt-4o*; it holds for the next events.\n"]);
    const mark = ["--factor", "11/10", "--effective-from", "2026-12-01", "--tenant", "acme"];
    expect((await run("prices", "terms", "add", "*", ...mark)).code).toBe(0);
    expect((await run("prices", "terms", "remove", added.out.trim(), "--tenant", "acme")).out).toMatch(/acme: removed/);
    const listed = await run("prices", "terms", "list", "--tenant", "acme");
    expect(listed.out).toMatch(/gpt-4o\* .*price .*input_tokens .*batch .*2000000 pico-USD .*│ \d{4}-/);
    expect(listed.out).toMatch(/│ \* .*adjustment .*11\/10 .*2026-12-01/);
    for (const wrong of [[], ["--factor", "2/1", ...price], ["--unit", "images", "--usd", "1", "--per", "few"]]) {
      expect((await run("prices", "terms", "add", "*", ...wrong)).err).toContain("(CMDR_OPTIONS_INVALID)");
    }
    expect((await run("prices", "terms", "add", "*", "--factor", "half")).err).toContain("(CMDR_QUERY_INVALID)");
  });

  it("lists calls without a price", async () => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const event = { id: "a", model: "nobody-knows", input_tokens: 1, output_tokens: 0, timestamp: "2026-11-20T00:00:00Z" }; // prettier-ignore
    await fetch(`${url}/api/events`, { method: "POST", headers, body: JSON.stringify(event) });
    const listed = await run("prices", "unpriced", ...month);
    expect(listed.out).toMatch(/nobody-knows .*model_unknown .*│ 1 .*2026-11-20/);
    expect(listed.err).toBe("1 calls without a price.\n");
  });
});
