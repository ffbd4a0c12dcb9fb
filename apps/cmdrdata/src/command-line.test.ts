import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openDataFolder } from "./data-folder.ts";
import { ensureFirstKey } from "./first-key.ts";
import { type ProgramIo, runProgram } from "./program.ts";
import { resolveServeOptions, serveOptionTable } from "./serve-options.ts";
import { usageCommand } from "./usage-command.ts";
import { usageTable } from "./usage-table.ts";
import { openSqliteStore } from "@cmdrdata/storage/sqlite";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cmdrdata-app-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = `tk-${"k".repeat(30)}`;
const coded = (code: string) => expect.objectContaining({ code }) as Error;
const docs = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");

describe("resolveServeOptions", () => {
  it("takes flags before the environment before the default", () => {
    const env = { CMDRDATA_PORT: "9000", CMDRDATA_HOST: "0.0.0.0", CMDRDATA_BOOTSTRAP_KEY: key };
    expect(resolveServeOptions({ port: "0" }, env)).toEqual({
      data: "./cmdrdata-data",
      databaseUrl: undefined,
      retentionDays: undefined,
      host: "0.0.0.0",
      port: 0,
      logLevel: "info",
      bootstrapKey: key,
      tls: undefined,
      trustProxy: false,
      authFailuresPerMinute: 30,
      metricsTenants: 0,
    });
  });

  it("takes a certificate with its key, proxies by address or network, and a limit", () => {
    const given = {
      tlsCert: "c.pem",
      tlsKey: "k.pem",
      trustProxy: "10.0.0.0/8, ::1",
      authFailures: "5",
      metricsTenants: "20",
    };
    expect(resolveServeOptions(given, {})).toMatchObject({
      tls: { cert: "c.pem", key: "k.pem" },
      trustProxy: ["10.0.0.0/8", "::1"],
      authFailuresPerMinute: 5,
      metricsTenants: 20,
    });
    const wrong = {
      tlsCert: "c.pem",
      trustProxy: "proxy, 10.0.0.0/33, 1.2.3.4/8/8",
      authFailures: "0",
      metricsTenants: "-1",
    };
    expect(() => resolveServeOptions(wrong, {})).toThrow(
      /--tls-key: expected both.*"proxy".*"10.0.0.0\/33".*"1.2.3.4\/8\/8".*--auth-failures: .*--metrics-tenants: /,
    );
  });

  it("says all that is wrong at once, and never shows a key", () => {
    const given = { data: " ", host: "", port: "eighty", logLevel: "loud" };
    const resolve = () => resolveServeOptions(given, { CMDRDATA_BOOTSTRAP_KEY: "sk-secret" });
    expect(resolve).toThrow(coded("CMDR_OPTIONS_INVALID"));
    expect(resolve).toThrow(/--port: .*"eighty".*--log-level: .*--data: .*--host: .*CMDRDATA_BOOTSTRAP_KEY: /);
    expect(resolve).not.toThrow(/sk-secret/);
    expect(() => resolveServeOptions({ port: "70000" }, {})).toThrow("65535");
  });

  it("takes the database from DATABASE_URL, and never shows what it cannot read of it", () => {
    const url = "postgres://me:secret@db.example/ledger";
    const env = { DATABASE_URL: url, CMDRDATA_RETENTION_DAYS: "90" };
    expect(resolveServeOptions({}, env)).toMatchObject({ databaseUrl: url, retentionDays: 90 });
    expect(resolveServeOptions({}, { DATABASE_URL: "" })).toMatchObject({ databaseUrl: undefined });
    for (const wrong of ["mysql://me:secret@db.example/ledger", "postgres://me:secret@:port/x", "me:secret@db"]) {
      const resolve = () => resolveServeOptions({ databaseUrl: wrong }, {});
      expect(resolve).toThrow(/--database-url: expected postgres:\/\/user:password@host:port\/database/);
      expect(resolve).not.toThrow(/secret/);
    }
    expect(() => resolveServeOptions({ retentionDays: "many" }, {})).toThrow(/--retention-days: .*"many"/);
    expect(resolveServeOptions({ retentionDays: "30" }, {})).toMatchObject({ retentionDays: 30 });
  });

  it("is what docs/configuration.md says", () => {
    for (const { flag, env, default: value } of Object.values(serveOptionTable)) {
      expect(docs("configuration.md")).toContain(`| \`${flag}\` | \`${env}\` | ${value && `\`${value}\``} |`);
    }
  });
});

describe("openDataFolder", () => {
  it("is open once at a time, and can be opened again after it was closed", () => {
    const first = openDataFolder(folder);
    expect(() => openDataFolder(folder)).toThrow(coded("CMDR_DATA_FOLDER_IN_USE"));
    first.close();
    openDataFolder(folder).close();
  });

  it("makes the folder for its owner only", () => {
    openDataFolder(join(folder, "a", "b")).close();
    expect(statSync(join(folder, "a", "b")).mode & 0o777).toBe(0o700);
  });

  it("says in one line that a folder cannot be written", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => openDataFolder(join(folder, "file"))).toThrow(coded("CMDR_DATA_FOLDER_UNWRITABLE"));
    expect(() => openDataFolder("/proc/nowhere")).toThrow(coded("CMDR_DATA_FOLDER_UNWRITABLE"));
    writeFileSync(join(folder, "lock.db"), "this is no database ".repeat(100));
    expect(() => openDataFolder(folder)).toThrow(coded("CMDR_DATA_FOLDER_UNWRITABLE"));
  });
});

describe("ensureFirstKey", () => {
  const make = () => {
    const store = openSqliteStore({ path: join(folder, "x.db"), now: () => 1 });
    return { store, deps: { store, firstKeyPath: join(folder, "first-key"), nowMs: 1 } };
  };

  it("makes one key on the first run, readable by its owner only, and none later", async () => {
    const { store, deps } = make();
    const made = await ensureFirstKey(undefined, deps);
    expect(made).toEqual({ kind: "made", key: readFileSync(deps.firstKeyPath, "utf8").trim() });
    expect(readFileSync(deps.firstKeyPath, "utf8")).toMatch(/^tk-[\w-]{43}\n$/);
    expect(statSync(deps.firstKeyPath).mode & 0o777).toBe(0o600);
    expect(await ensureFirstKey(undefined, deps)).toEqual({ kind: "present" });
    await store.close();
  });

  it("writes the key anew where a file is already, so that nobody else can read it", async () => {
    const { store, deps } = make();
    writeFileSync(deps.firstKeyPath, "left over", { mode: 0o644 });
    expect(await ensureFirstKey(undefined, deps)).toMatchObject({ kind: "made" });
    expect(statSync(deps.firstKeyPath).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it("says that the key cannot be written, and makes none", async () => {
    const { store, deps } = make();
    mkdirSync(deps.firstKeyPath);
    await expect(ensureFirstKey(undefined, deps)).rejects.toThrow(coded("CMDR_DATA_FOLDER_UNWRITABLE"));
    expect(await store.listKeys("default")).toEqual([]);
    await store.close();
  });

  it("adds the bootstrap key once, at every start", async () => {
    const { store, deps } = make();
    expect(await ensureFirstKey(key, deps)).toEqual({ kind: "bootstrap", added: true });
    expect(await ensureFirstKey(key, deps)).toEqual({ kind: "bootstrap", added: false });
    expect(await store.listKeys("default")).toHaveLength(1);
    await store.close();
  });
});

const report = {
  from: "2026-11-01T00:00:00.000Z",
  to: "2026-11-02T00:00:00.000Z",
  tz: "UTC",
  interval: null,
  group_by: ["customer_id", "model"] as const,
};
const sums = { calls: 2, errors: 0, unattributed: 0, input_tokens: 1_234, cached_input_tokens: 0, output_tokens: 5, reasoning_tokens: 0, total_tokens: 1_239, cost_usd: "0.0035", unpriced_calls: 0, duration_ms_avg: 812.4 }; // prettier-ignore

describe("usageTable", () => {
  const cellsOf = (table: string) => table.split("\n").map((line) => line.split("│").slice(1, -1).map((cell) => cell.trim())); // prettier-ignore

  it("shows costs in dollars with their points in line, unpriced calls as such, and unattributed ones last", () => {
    const rows = [
      { customer_id: null, model: null, ...sums, unpriced_calls: 2, cost_usd: "0", duration_ms_avg: null },
      { customer_id: "acme", model: "gpt-4o", ...sums },
      { customer_id: "zeta", model: "o3", ...sums, cost_usd: "1234", errors: 1 },
    ];
    const total = { ...sums, calls: 6, errors: 1, unpriced_calls: 2, cost_usd: "1234.0035" };
    expect(cellsOf(usageTable({ ...report, rows, total })).filter((cells) => cells.length > 0)).toEqual([
      ["customer", "model", "calls", "errors", "input", "output", "cost", "unpriced", "latency"],
      ["acme", "gpt-4o", "2", "0", "1,234", "5", "$0.0035", "0", "812 ms"],
      ["zeta", "o3", "2", "1", "1,234", "5", "$1234.0000", "0", "812 ms"],
      ["unattributed", "(none)", "2", "0", "1,234", "5", "unpriced", "2", "-"],
      ["", "", "", "", "", "", "", "", ""],
      ["total", "", "6", "1", "1,234", "5", "$1234.0035", "2", "812 ms"],
    ]);
  });

  it("shows cached and reasoning tokens where there are any, and the start of each interval", () => {
    const detailed = { ...sums, cached_input_tokens: 1_000, reasoning_tokens: 3 };
    const rows = [{ start: "2026-11-01T00:00:00Z", ...detailed }];
    const table = cellsOf(usageTable({ ...report, group_by: [], interval: "day", rows, total: detailed }));
    expect(table).toContainEqual(["start", "calls", "input", "cached", "output", "reasoning", "cost", "latency"]);
    expect(table).toContainEqual(["2026-11-01T00:00:00Z", "2", "1,234", "1,000", "5", "3", "$0.0035", "812 ms"]);
  });

  it("shows a total alone without a grouping, also when there is nothing", () => {
    const none = { ...sums, calls: 0, cost_usd: "0", duration_ms_avg: null };
    expect(cellsOf(usageTable({ ...report, group_by: [], rows: [], total: none }))).toContainEqual([
      "0",
      "1,234",
      "5",
      "$0.00",
      "-",
    ]);
  });
});

describe("usageCommand", () => {
  const env = { CMDRDATA_API_KEY: key };
  const answering = (status: number, body: string) => {
    const asked: { url: string; authorization: string | null }[] = [];
    const fetch = async (input: unknown, init?: RequestInit) => {
      asked.push({ url: String(input), authorization: new Headers(init?.headers).get("authorization") });
      return new Response(body, { status });
    };
    return { asked, fetch: fetch as typeof globalThis.fetch };
  };

  it("asks with the environment's key, and prints what was asked for", async () => {
    const { asked, fetch } = answering(200, JSON.stringify({ ...report, rows: [], total: sums }));
    expect(await usageCommand({ tz: "Asia/Kolkata", interval: "day" }, { env, fetch })).toContain("total");
    expect(asked).toEqual([
      {
        url: "http://127.0.0.1:8787/api/v1/usage?group_by=customer_id%2Cmodel&interval=day&tz=Asia%2FKolkata",
        authorization: `Bearer ${key}`,
      },
    ]);
    expect(
      await usageCommand({ format: "csv", url: "https://x.example/" }, { env, fetch: answering(200, "a,b").fetch }),
    ).toBe("a,b");
  });

  it("takes the first key from the data folder", async () => {
    writeFileSync(join(folder, "first-key"), `${key}\n`);
    const { asked, fetch } = answering(200, "{}");
    await usageCommand({ data: folder, format: "json" }, { env: {}, fetch });
    expect(asked[0]?.authorization).toBe(`Bearer ${key}`);
  });

  it.each([
    ["no key", { data: "/nowhere" }, {}, "CMDR_KEY_MISSING"],
    ["a malformed key", {}, { CMDRDATA_API_KEY: "sk-1" }, "CMDR_KEY_INVALID"],
    ["a wrong format", { format: "xml" }, env, "CMDR_OPTIONS_INVALID"],
    ["a wrong url", { url: "collector" }, env, "CMDR_OPTIONS_INVALID"],
    ["a url of another protocol", { url: "ftp://x.example" }, env, "CMDR_OPTIONS_INVALID"],
    ["an empty key and no file", { data: "/nowhere" }, { CMDRDATA_API_KEY: "" }, "CMDR_KEY_MISSING"],
  ])("says that it was given %s", async (_name, flags, given, code) => {
    await expect(usageCommand(flags, { env: given, fetch: answering(200, "").fetch })).rejects.toThrow(coded(code));
  });

  it("takes empty variables for absent ones", async () => {
    const { asked, fetch } = answering(200, "{}");
    const empty = { ...env, CMDRDATA_URL: "", CMDRDATA_DATA: "" };
    await usageCommand({ format: "json" }, { env: empty, fetch });
    expect(asked[0]?.url).toContain("http://127.0.0.1:8787/");
  });

  it("never shows a password that is in the url", async () => {
    const given = usageCommand({ url: "http://me:secret@127.0.0.1" }, { env, fetch: answering(200, "").fetch });
    await expect(given).rejects.toThrow(coded("CMDR_OPTIONS_INVALID"));
    await expect(given).rejects.not.toThrow(/secret/);
  });

  it("says that the key's file cannot be read", async () => {
    mkdirSync(join(folder, "first-key"));
    const given = usageCommand({ data: folder }, { env: {}, fetch: answering(200, "").fetch });
    await expect(given).rejects.toThrow(coded("CMDR_KEY_MISSING"));
  });

  it.each(["<html>", "", "{}", "[]", "null", '{"rows":[],"group_by":[]}'])(
    "says in one line that %j is no report",
    async (body) => {
      const given = usageCommand({}, { env, fetch: answering(200, body).fetch });
      await expect(given).rejects.toThrow(coded("CMDR_REPLY_UNREADABLE"));
    },
  );

  it.each([
    [401, '{"error":{"code":"CMDR_KEY_INVALID","message":"unknown"}}', "CMDR_KEY_INVALID"],
    [503, '{"error":{"code":"CMDR_NOT_READY","message":"starting"}}', "CMDR_NOT_READY"],
    [500, '{"error":{"code":"OTHER","message":{}}}', "CMDR_REPLY_UNREADABLE"],
    [502, "null", "CMDR_REPLY_UNREADABLE"],
  ])("ends with the code that a %i came with: %s", async (status, body, code) => {
    await expect(usageCommand({}, { env, fetch: answering(status, body).fetch })).rejects.toThrow(coded(code));
  });

  it("says that an answer broke off", async () => {
    const broken = async () => ({ ok: true, text: () => Promise.reject(new TypeError("terminated")) }) as never;
    await expect(usageCommand({}, { env, fetch: broken })).rejects.toThrow(coded("CMDR_SERVER_UNREACHABLE"));
  });

  it("says what the collector answered, and that none answers", async () => {
    const refused = answering(400, '{"error":{"code":"CMDR_QUERY_INVALID","message":"tz: expected a zone"}}');
    await expect(usageCommand({}, { env, fetch: refused.fetch })).rejects.toThrow("400: tz: expected a zone");
    await expect(usageCommand({}, { env, fetch: answering(502, "<html>").fetch })).rejects.toThrow('502: "<html>"');
    await expect(usageCommand({}, { env, fetch: answering(500, "{}").fetch })).rejects.toThrow('500: "{}"');
    const down = (async () => { throw new TypeError("fetch failed"); }) as typeof fetch; // prettier-ignore
    await expect(usageCommand({}, { env, fetch: down })).rejects.toThrow(coded("CMDR_SERVER_UNREACHABLE"));
  });
});

describe("runProgram", () => {
  const run = async (args: readonly string[], overrides: Partial<ProgramIo> = {}) => {
    const written = { out: "", err: "" };
    const code = await runProgram(args, {
      env: { CMDRDATA_DATA: folder, CMDRDATA_PORT: "0" },
      fetch: async () => new Response("{}"),
      out: { write: (text) => void (written.out += text) },
      err: { write: (text) => void (written.err += text) },
      terminal: false,
      nextSignal: async () => "SIGTERM",
      ...overrides,
    });
    return { code, ...written };
  };

  it("is of the version its package says", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(await run(["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  it("shows help on stdout, and on stderr what it does not know", async () => {
    expect((await run(["--help"])).out).toContain("run the collector");
    expect(await run(["serve", "--colour"])).toMatchObject({
      code: 1,
      out: "",
      err: "cmdrdata: unknown option '--colour' (CMDR_OPTIONS_INVALID)\n",
    });
    expect((await run(["serve", "--prot", "1"])).err).toMatch(/^cmdrdata: .*--port.*\(CMDR_OPTIONS_INVALID\)\n$/);
  });

  it("serves until a signal, and shows the first key to a person only", async () => {
    const first = await run(["serve"], { terminal: true });
    expect(first).toMatchObject({ code: 0, err: expect.stringMatching(/tk-[\w-]{43}/) as string });
    expect(first.out).toContain('"msg":"ready"');
    expect(first.out).not.toContain("tk-");
    rmSync(folder, { recursive: true });
    expect(await run(["serve", "--log-level", "silent"])).toEqual({ code: 0, out: "", err: "" });
  });

  it("prints a report", async () => {
    const reporting = { env: { CMDRDATA_API_KEY: key } };
    expect(await run(["usage", "--format", "json"], reporting)).toEqual({ code: 0, out: "{}\n", err: "" });
    expect(
      await run(["usage", "--format", "csv"], { ...reporting, fetch: async () => new Response("a,b\n") }),
    ).toMatchObject({ out: "a,b\n" });
  });

  it("says what went wrong in one line with its code, and shows where a fault of ours is", async () => {
    expect(await run(["serve", "--port", "x"])).toEqual({
      code: 1,
      out: "",
      err: 'cmdrdata: --port: expected a number from 0 to 65535, got "x" (CMDR_OPTIONS_INVALID)\n',
    });
    const fault = { nextSignal: () => { throw new RangeError("a bug"); } }; // prettier-ignore
    expect((await run(["serve"], fault)).err).toMatch(/^cmdrdata: RangeError: a bug\n +at /);
    const odd = { nextSignal: () => { throw "a text"; } }; // prettier-ignore
    expect((await run(["serve"], odd)).err).toBe("cmdrdata: a text\n");
  });
});
