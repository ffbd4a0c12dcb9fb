import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";

import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runProgram } from "./program.ts";
import { serve } from "./serve.ts";
import { resolveServeOptions } from "./serve-options.ts";

const key = `tk-${"k".repeat(30)}`;
const folder = mkdtempSync(join(tmpdir(), "cmdrdata-commands-"));
const stopped = Promise.withResolvers<string>();
let url = "";
let exit: Promise<number> | undefined;

/** One collector for all of them, with two events of now. */
beforeAll(async () => {
  const ready = Promise.withResolvers<string>();
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      const line = JSON.parse(String(chunk)) as { msg: string; url?: string };
      if (line.msg === "ready") ready.resolve(line.url ?? "");
      done();
    },
  });
  const config = resolveServeOptions({ data: folder, port: "0" }, { CMDRDATA_BOOTSTRAP_KEY: key });
  exit = serve(config, { logger: pino(sink), showKey: undefined, stop: stopped.promise });
  url = await ready.promise;
  const event = { model: "gpt-4o", input_tokens: 1, output_tokens: 1, timestamp: new Date().toISOString() };
  const events = [
    { ...event, id: "a", customer_id: "acme" },
    { ...event, id: "b" },
  ];
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  await fetch(`${url}/api/events`, { method: "POST", headers, body: JSON.stringify(events) });
}, 60_000);

afterAll(async () => {
  stopped.resolve("SIGTERM");
  await exit;
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const code = await runProgram(args, {
    env: { CMDRDATA_API_KEY: key, CMDRDATA_URL: url },
    fetch,
    out: { write: (text) => void (written.out += text) },
    err: { write: (text) => void (written.err += text) },
    terminal: false,
    nextSignal: () => new Promise(() => {}),
  });
  return { code, ...written };
}

describe("cmdrdata events", () => {
  it("lists events as a table with the next page, or as JSON", async () => {
    const table = await run("events", "list", "--limit", "1");
    expect(table.out).toMatch(/timestamp.*customer_id[^]*\bb\b/);
    expect(table.out).toContain("More: --after ");
    const json = await run("events", "list", "--customer", "acme", "--model", "gpt-4o", "--json");
    expect(JSON.parse(json.out)).toMatchObject({ events: [{ id: "a" }], next: null });
    expect((await run("events", "list", "--flag", "CMDR_EVENT_LATE", "--json")).out).toContain('"events": []');
  });

  it("shows everything about one, and ends with the collector's code where there is none", async () => {
    expect(JSON.parse((await run("events", "show", "a")).out)).toMatchObject({ events: [{ state: "counted" }] });
    const none = await run("events", "show", "nothing");
    expect([none.code, none.err]).toEqual([1, expect.stringContaining("(CMDR_NOT_FOUND)")]);
  });
});

describe("cmdrdata export", () => {
  it("prints text, writes files, and never Parquet to a terminal", async () => {
    expect((await run("export", "--format", "ndjson", "--customer", "acme")).out).toContain('"id":"a"');
    const file = join(folder, "events.parquet");
    expect((await run("export", "--format", "parquet", "--output", file)).code).toBe(0);
    expect(readFileSync(file).subarray(0, 4).toString()).toBe("PAR1");
    expect((await run("export", "--format", "parquet")).err).toContain("--output");
    expect((await run("export", "--what", "usage", "--group-by", "model", "--model", "gpt-4o")).out).toMatch(
      /^model,calls/,
    );
    const nowhere = await run("export", "--output", join(folder, "no", "such", "folder"));
    expect(nowhere.err).toContain("CMDR_OPTIONS_INVALID");
  });
});

describe("cmdrdata customers", () => {
  it("lists them, and erases one only with --yes", async () => {
    expect((await run("customers", "list")).out).toMatch(/acme/);
    expect(JSON.parse((await run("customers", "list", "--json", "--limit", "1")).out)).toMatchObject({
      customers: [{ customer_id: null }],
    });
    expect((await run("customers", "erase", "acme")).err).toContain("--yes");
    expect(JSON.parse((await run("customers", "erase", "acme", "--yes")).out)).toMatchObject({ events: 1 });
    expect((await run("customers", "list")).out).toMatch(/erased:/);
  });

  it("shows the largest of them, and the rest as one row", async () => {
    const { out } = await run("usage", "--group-by", "customer_id", "--top", "1", "--order", "calls");
    expect(out).toContain("(other)");
  });
});

describe("an answer that is no collector's", () => {
  it("is said to be none", async () => {
    const written = { err: "" };
    const code = await runProgram(["events", "list"], {
      env: { CMDRDATA_API_KEY: key },
      fetch: async () => new Response("<html>"),
      out: { write: () => {} },
      err: { write: (text) => void (written.err += text) },
      terminal: false,
      nextSignal: () => new Promise(() => {}),
    });
    expect([code, written.err]).toEqual([1, expect.stringContaining("CMDR_REPLY_UNREADABLE")]);
  });
});
