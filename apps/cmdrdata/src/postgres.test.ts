/** `cmdrdata serve` and `cmdrdata distribute` with a DATABASE_URL. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createDatabaseOn, dropDatabaseOn } from "@cmdrdata/testkit";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";

import { type ProgramIo, runProgram } from "./program.ts";

let folder: string;
let url: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cmdrdata-serve-"));
  url = await createDatabaseOn(inject("postgres"), `test_${randomUUID().replaceAll("-", "")}`);
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await dropDatabaseOn(inject("postgres"), url);
});

const key = `tk-${"k".repeat(30)}`;

/** Runs a command in this process; `ready` resolves with the URL that `serve` logs. */
function run(args: readonly string[], env: Record<string, string> = {}) {
  const stopped = Promise.withResolvers<string>();
  const ready = Promise.withResolvers<string>();
  const written = { out: "", err: "" };
  const io: ProgramIo = {
    env: { CMDRDATA_DATA: join(folder, "data"), CMDRDATA_PORT: "0", ...env },
    fetch,
    out: {
      write: (text) => {
        written.out += text;
        const line = /^\{.*"url":"([^"]+)".*"msg":"ready"\}$/m.exec(text);
        if (line !== null) ready.resolve(line[1] as string);
      },
    },
    err: { write: (text) => void (written.err += text) },
    terminal: false,
    nextSignal: () => stopped.promise,
  };
  const exit = runProgram(args, io);
  return { ready: ready.promise, exit, written, stop: () => (stopped.resolve("SIGTERM"), exit) };
}

const password = (): string => new URL(url).password;

describe("cmdrdata serve with a database", () => {
  it("is one of several equal replicas: each reports what any has taken, and no folder is made", async () => {
    const env = { DATABASE_URL: url, CMDRDATA_BOOTSTRAP_KEY: key, CMDRDATA_RETENTION_DAYS: "30" };
    const replicas = [run(["serve"], env), run(["serve"], env)];
    const urls = await Promise.all(replicas.map(({ ready }) => ready));
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const now = new Date().toISOString();
    const body = JSON.stringify([{ id: "a", timestamp: now }, { id: "b", timestamp: "2020-01-01T00:00:00Z" }]); // prettier-ignore
    const replies = await Promise.all(
      urls.map(async (each) => (await fetch(`${each}/api/events`, { method: "POST", headers, body })).json()),
    );
    expect(replies.map((reply) => (reply as { accepted: number }).accepted).toSorted()).toEqual([0, 1]);
    expect(replies).toMatchObject(
      replies.map(() => ({ rejected: [{ index: 1, id: "b", code: "CMDR_EVENT_EXPIRED" }] })),
    );
    for (const each of urls) {
      const report = await (await fetch(`${each}/api/v1/usage`, { headers })).json();
      expect(report).toMatchObject({ total: { calls: 1 } });
    }
    expect(await Promise.all(replicas.map(({ stop }) => stop()))).toEqual([0, 0]);
    expect(existsSync(join(folder, "data"))).toBe(false);
    for (const { written } of replicas) {
      expect(written.out).toContain(new URL(url).pathname);
      expect(written.out + written.err).not.toContain(password());
    }
  });

  it("is looked at by doctor: the schema, and the sums against a recount; also beside a collector", async () => {
    const doctor = async (): Promise<readonly [number, string]> => {
      const { exit, written } = run(["doctor"], { DATABASE_URL: url });
      return [await exit, written.out];
    };
    expect(await doctor()).toEqual([1, "FAILED ledger: there is none in this database\n"]);
    const collector = run(["serve"], { DATABASE_URL: url, CMDRDATA_BOOTSTRAP_KEY: key });
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const far = "2099-01-01T00:00:00Z";
    const body = JSON.stringify([{ id: "a", model: "gpt-4o", input_tokens: 3, output_tokens: 1 }, { id: "b", model: "x" }, { id: "c", timestamp: far }]); // prettier-ignore
    await fetch(`${await collector.ready}/api/events`, { method: "POST", headers, body });
    const [code, out] = await doctor();
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^ok {5}ledger: 2 events.*\nok {5}schema: .*\nok {5}sums: equal/),
    ]);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("UPDATE usage_15m SET calls = calls + 1 WHERE model = 'x'");
    expect(await doctor()).toEqual([1, expect.stringContaining("FAILED sums: 1 groups differ from a recount")]);
    await client.query("UPDATE retention SET oldest_day = 2");
    expect((await doctor())[0]).toBe(0);
    await client.query("INSERT INTO schema_migrations (version, name, applied_at_ms) VALUES (99, 'future', 0)");
    expect(await doctor()).toEqual([1, expect.stringContaining("FAILED schema: version 99")]);
    await client.end();
    expect(await collector.stop()).toBe(0);
  });

  it("writes the first key to the folder, as with a file", async () => {
    const first = run(["serve", "--database-url", url]);
    await first.ready;
    expect(await first.stop()).toBe(0);
    expect(readFileSync(join(folder, "data", "first-key"), "utf8")).toMatch(/^tk-[\w-]{43}\n$/);
    expect(first.written.out).toContain(join(folder, "data", "first-key"));
    const second = run(["serve"], { DATABASE_URL: url });
    await second.ready;
    await second.stop();
    expect(second.written.out).not.toContain("first key");
  });

  it("makes one first key where two replicas start on an empty database at once", async () => {
    const names = ["one", "two"];
    const replicas = names.map((name) => run(["serve"], { DATABASE_URL: url, CMDRDATA_DATA: join(folder, name) }));
    const urls = await Promise.all(replicas.map(({ ready }) => ready));
    const files = names.map((name) => join(folder, name, "first-key")).filter((path) => existsSync(path));
    expect(files).toHaveLength(1);
    const authorization = `Bearer ${readFileSync(files[0] as string, "utf8").trim()}`;
    for (const each of urls) {
      const { keys } = (await (await fetch(`${each}/api/v1/keys`, { headers: { authorization } })).json()) as {
        readonly keys: readonly object[];
      };
      expect(keys).toHaveLength(1);
    }
    expect(await Promise.all(replicas.map(({ stop }) => stop()))).toEqual([0, 0]);
    expect(replicas.filter(({ written }) => written.out.includes("a first key with all scopes"))).toHaveLength(1);
  });

  it.each([
    ["a wrong password", () => Object.assign(new URL(url), { password: "hunter2" }).href, "CMDR_DATABASE_UNREACHABLE"],
    ["no server", () => "postgres://me:hunter2@127.0.0.1:1/ledger", "CMDR_DATABASE_UNREACHABLE"],
    ["another kind of database", () => "mysql://me:hunter2@127.0.0.1/ledger", "CMDR_OPTIONS_INVALID"],
  ])("ends with one line on %s, which has no password in it", async (_what, given, code) => {
    const running = run(["serve"], { DATABASE_URL: given() });
    expect(await running.exit).toBe(1);
    expect(running.written.err).toMatch(new RegExp(`^cmdrdata: .*\\(${code}\\)\n$`));
    expect(running.written.err + running.written.out).not.toContain("hunter2");
  });
});

describe("cmdrdata distribute", () => {
  it("prints the statements, says that Citus is missing, and asks for a database", async () => {
    const dry = run(["distribute", "--dry-run"], { DATABASE_URL: url });
    expect(await dry.exit).toBe(0);
    expect(dry.written.out).toContain("SELECT create_distributed_table('events', 'tenant');\n");
    const missing = run(["distribute", "--database-url", url]);
    expect(await missing.exit).toBe(1);
    expect(missing.written.err).toMatch(/^cmdrdata: expected the extension citus .*\(CMDR_CITUS_MISSING\)\n$/);
    const nowhere = run(["distribute"]);
    expect(await nowhere.exit).toBe(1);
    expect(nowhere.written.err).toMatch(/DATABASE_URL, got neither \(CMDR_OPTIONS_INVALID\)\n$/);
    const other = run(["distribute"], { DATABASE_URL: "sqlite:x" });
    expect(await other.exit).toBe(1);
  });
});
