/** An operator's commands on a real ledger. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { emptyEvent } from "@cmdrdata/protocol";
import type { PricedEvent } from "@cmdrdata/storage";
import { inspectLedger, openSqliteStore } from "@cmdrdata/storage/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openDataFolder } from "./data-folder.ts";
import { runProgram } from "./program.ts";

let folder: string;
let data: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cmdrdata-maintenance-"));
  data = join(folder, "data");
  await fill(["a", "b"]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nowMs = Date.parse("2026-11-23T10:07:00.000Z");
const priced = (id: string): PricedEvent => ({
  tenant: "default",
  id,
  identityTimeMs: nowMs,
  eventTimeMs: nowMs,
  receivedAtMs: nowMs,
  event: { ...emptyEvent, id, customer_id: "acme", model: "gpt-4o", input_tokens: 7 },
  contentHash: id,
  problems: [],
  cost: { kind: "priced", picoUsd: 1_000_000_001n, bookVersion: "1", lines: [] },
});

async function fill(ids: readonly string[]): Promise<void> {
  const { databasePath, close } = openDataFolder(data);
  const store = openSqliteStore({ path: databasePath, now: () => nowMs });
  await store.append(ids.map(priced));
  await store.close();
  close();
}

const run = (...args: string[]) => runIn({}, ...args, "--data", data);

async function runIn(env: Record<string, string>, ...args: string[]) {
  const said = { out: "", err: "" };
  const sink = (name: "out" | "err") => ({ write: (text: string) => void (said[name] += text) });
  const code = await runProgram(args, {
    env,
    fetch: () => Promise.reject(new Error("asks nobody")),
    out: sink("out"),
    err: sink("err"),
    terminal: false,
    nextSignal: () => new Promise(() => {}),
  });
  return { code, ...said };
}

const sql = (path: string, text: string): void => {
  const database = new DatabaseSync(path);
  database.exec(text);
  database.close();
};
const ledger = (): string => join(data, "cmdrdata.db");

describe("backup and restore", () => {
  it("copies a ledger that is open, and puts it back, keeping what was there", async () => {
    const to = join(folder, "copy.db");
    const open = openSqliteStore({ path: ledger(), now: () => nowMs });
    expect(await run("backup", "--to", to)).toMatchObject({ code: 0, out: expect.stringContaining("2 events") });
    await open.append([priced("c")]);
    await open.close();
    const restored = await run("restore", "--from", to);
    expect(restored).toMatchObject({ code: 0, out: expect.stringMatching(/2 events.*before-restore-/) });
    expect(inspectLedger(ledger()).events).toBe(2);
    const [kept = ""] = readdirSync(data).filter((name) => /before-restore-\d+$/.test(name));
    expect(inspectLedger(join(data, kept)).events).toBe(3);
    // It is whole: the collector goes on with it.
    await fill(["a", "d"]);
    expect(inspectLedger(ledger())).toMatchObject({ events: 3, damages: [], differences: 0 });
  });

  it("refuses to write over a file, to restore what is no backup, and to work under a collector", async () => {
    const to = join(folder, "copy.db");
    writeFileSync(to, "mine");
    expect((await run("backup", "--to", to)).err).toContain("does not exist yet");
    expect((await run("restore", "--from", to)).err).toContain("CMDR_LEDGER_UNREADABLE");
    expect((await run("restore", "--from", join(folder, "none.db"))).err).toContain("which does not exist");
    const empty = join(folder, "empty.db");
    sql(empty, "CREATE TABLE mine (id INTEGER)");
    expect((await run("restore", "--from", empty)).err).toContain("CMDR_LEDGER_UNREADABLE");
    rmSync(to);
    await run("backup", "--to", to);
    sql(to, "INSERT INTO schema_migrations VALUES (99, 'later', 0)");
    expect((await run("restore", "--from", to)).err).toContain("CMDR_SCHEMA_TOO_NEW");
    rmSync(to);
    await run("backup", "--to", to);
    const held = openDataFolder(data);
    expect((await run("restore", "--from", to)).err).toContain("CMDR_DATA_FOLDER_IN_USE");
    expect((await run("vacuum")).err).toContain("CMDR_DATA_FOLDER_IN_USE");
    held.close();
    expect(readdirSync(folder).filter((name) => name.includes("unfinished"))).toEqual([]);
  });

  it("restores into a folder that has no ledger yet", async () => {
    const to = join(folder, "copy.db");
    await run("backup", "--to", to);
    const other = join(folder, "other");
    expect(await runIn({}, "restore", "--from", to, "--data", other)).toMatchObject({
      code: 0,
      out: expect.not.stringContaining("before-restore"),
    });
    expect(inspectLedger(join(other, "cmdrdata.db")).events).toBe(2);
  });
});

describe("doctor", () => {
  it("finds a sound ledger sound, also one that is open", async () => {
    const held = openDataFolder(data);
    const { code, out } = await run("doctor");
    held.close();
    expect([code, out]).toEqual([0, expect.stringMatching(/^ok {5}ledger: 2 events.*\nok {5}schema: .*\nok {5}file: sound\nok {5}sums: equal/)]); // prettier-ignore
  });

  it("finds sums that are not those of the events, a key that others can read, and a later schema", async () => {
    sql(ledger(), "UPDATE usage_15m SET cost_rest_pico_usd = cost_rest_pico_usd + 1");
    writeFileSync(join(data, "first-key"), "tk-x");
    chmodSync(join(data, "first-key"), 0o644);
    sql(ledger(), "INSERT INTO schema_migrations VALUES (99, 'later', 0)");
    const { code, out } = await run("doctor");
    expect(code).toBe(1);
    expect(out).toMatch(/FAILED schema: version 99/);
    expect(out).toMatch(/FAILED first-key: others may read it/);
    sql(ledger(), "DELETE FROM schema_migrations WHERE version = 99");
    expect((await run("doctor")).out).toMatch(/FAILED sums: 1 groups differ/);
  });

  it("finds a damaged file damaged, of which no copy is made", async () => {
    sql(ledger(), "PRAGMA wal_checkpoint(TRUNCATE)");
    const bytes = readFileSync(ledger());
    // The head of every page but the first, which says what is in it.
    for (let page = 4_096; page < bytes.byteLength; page += 4_096) bytes.fill(0xff, page, page + 8);
    writeFileSync(ledger(), bytes);
    writeFileSync(join(data, "first-key"), "tk-x", { mode: 0o600 });
    const { code, out, err } = await run("doctor");
    expect([code, out + err]).toEqual([1, expect.stringMatching(/FAILED file: |CMDR_LEDGER_UNREADABLE/)]);
    expect((await run("backup", "--to", join(folder, "copy.db"))).err).toContain("CMDR_LEDGER_UNREADABLE");
    expect(existsSync(join(folder, "copy.db"))).toBe(false);
  });

  it("finds the folder in the environment, and leaves PostgreSQL to its own tools", async () => {
    writeFileSync(join(data, "first-key"), "tk-x", { mode: 0o600 });
    const found = await runIn({ CMDRDATA_DATA: data }, "doctor");
    expect(found).toMatchObject({ code: 0, out: expect.stringContaining("ok     first-key: its owner's only") });
    const refused = await runIn({ DATABASE_URL: "postgres://u:secret@127.0.0.1/d" }, "vacuum");
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("pg_dump") });
    expect(refused.err).not.toContain("secret");
    const odd = await runIn({ DATABASE_URL: "mysql://u:secret@127.0.0.1/d" }, "doctor");
    expect(odd).toMatchObject({ code: 1, err: expect.stringMatching(/^cmdrdata: --database-url: .*another form/) });
    expect((await runIn({ CMDRDATA_DATA: data }, "backup", "--to", " ")).err).toContain("--to: expected a file");
    expect((await runIn({}, "doctor")).err).toContain("cmdrdata-data");
  });

  it("says what there is none of", async () => {
    rmSync(ledger());
    expect((await run("doctor")).err).toContain("there is no ledger");
    expect((await run("vacuum")).err).toContain("there is no ledger");
    expect((await run("backup", "--to", join(folder, "x"))).err).toContain("there is no ledger");
  });
});

it("vacuum gives back room", async () => {
  sql(ledger(), "CREATE TABLE filler (text TEXT); INSERT INTO filler VALUES (zeroblob(4000000)); DROP TABLE filler");
  expect(await run("vacuum")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/: [3-9]\.\d MiB before, 0\.\d MiB now/),
  });
  expect(inspectLedger(ledger())).toMatchObject({ events: 2, damages: [], differences: 0 });
});

it("a ledger is copied before its schema is brought up to date", async () => {
  const { schemaVersion } = inspectLedger(ledger());
  const before = schemaVersion - 1;
  sql(ledger(), `DELETE FROM schema_migrations WHERE version = ${schemaVersion}`);
  // What the last version made is there already, so that it fails: the ledger as it was is beside it all the same.
  expect(() => openSqliteStore({ path: ledger(), now: () => nowMs })).toThrow();
  const copy = `${ledger()}.schema-${before}.backup`;
  expect(existsSync(copy)).toBe(true);
  expect(inspectLedger(copy)).toMatchObject({ events: 2, schemaVersion: before });
});
