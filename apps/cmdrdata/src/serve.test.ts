import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Writable } from "node:stream";

import { selfSigned } from "@cmdrdata/testkit";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ledgerError } from "./ledger.ts";
import { refuseOldSqlite, sayHowItEnds, serve } from "./serve.ts";
import { resolveServeOptions } from "./serve-options.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cmdrdata-serve-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = `tk-${"k".repeat(30)}`;

/** Starts a collector in this process; `ready` resolves with its URL, `stop` ends it and gives the exit code. */
function start(
  given: Parameters<typeof resolveServeOptions>[0] = {},
  env: Record<string, string> = {},
  onHangUp?: (callback: () => void) => void,
) {
  const stopped = Promise.withResolvers<string>();
  const ready = Promise.withResolvers<string>();
  const log: string[] = [];
  const shown: string[] = [];
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      const line = JSON.parse(String(chunk)) as { msg: string; url?: string };
      log.push(line.msg);
      if (line.msg === "ready") ready.resolve(line.url ?? "");
      done();
    },
  });
  const config = resolveServeOptions({ data: folder, port: "0", ...given }, env);
  const showKey = (text: string): void => void shown.push(text);
  const exit = serve(config, { logger: pino(sink), showKey, stop: stopped.promise, onHangUp });
  void exit.catch(ready.reject);
  void ready.promise.catch(() => {});
  return { ready: ready.promise, exit, log, shown, stop: () => (stopped.resolve("SIGTERM"), exit) };
}

describe("serve", () => {
  it("speaks TLS, and reads its certificate again when it is asked to, unless that cannot be used", async () => {
    const [cert, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const write = (pair: { readonly cert: string; readonly key: string }): void => {
      writeFileSync(cert, pair.cert);
      writeFileSync(keyFile, pair.key);
    };
    write(selfSigned());
    const hangUps: (() => void)[] = [];
    const given = { tlsCert: cert, tlsKey: keyFile };
    const { ready, log, stop } = start(given, {}, (callback) => void hangUps.push(callback));
    expect(await ready).toMatch(/^https:/);
    write(selfSigned());
    hangUps[0]?.();
    writeFileSync(keyFile, "none");
    hangUps[0]?.();
    expect(await stop()).toBe(0);
    expect(log).toContain("the certificate was read again");
    expect(log).toContain("the certificate stays as it was");
  });

  it("takes events, reports them, and on a signal ends with 0 and keeps what it took", async () => {
    const first = start({}, { CMDRDATA_BOOTSTRAP_KEY: key });
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const event = { id: "a", customer_id: "acme", timestamp: new Date().toISOString() };
    const posted = await fetch(`${await first.ready}/api/events`, {
      method: "POST",
      headers,
      body: JSON.stringify(event),
    });
    expect(posted.status).toBe(200);
    expect(await (await fetch(`${await first.ready}/readyz`)).json()).toEqual({
      status: "ready",
      checks: { disk: "ok", store: "ok", writer: "ok" },
    });
    expect(await first.stop()).toBe(0);
    const second = start({}, { CMDRDATA_BOOTSTRAP_KEY: key });
    expect(await (await fetch(`${await second.ready}/api/v1/usage`, { headers })).json()).toMatchObject({
      total: { calls: 1 },
    });
    expect(await second.stop()).toBe(0);
    expect(first.log).toContain("the bootstrap key was added");
    expect(second.log).not.toContain("the bootstrap key was added");
    expect(first.shown).toEqual([]);
  });

  it("makes a first key, shows it where it may, and never logs it", async () => {
    const running = start();
    await running.ready;
    await running.stop();
    expect(running.shown.join()).toMatch(/tk-[\w-]{43}/);
    expect(running.log.join()).not.toMatch(/tk-/);
    expect(running.log.join()).toContain(join(folder, "first-key"));
  });

  it("says that the port is taken, that the address is none of this machine, that the folder is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const port = String((other.address() as AddressInfo).port);
    await expect(start({ port }).exit).rejects.toMatchObject({ code: "CMDR_PORT_TAKEN" });
    other.close();
    await expect(start({ host: "192.0.2.1" }).exit).rejects.toMatchObject({ code: "CMDR_OPTIONS_INVALID" });
    const running = start();
    await running.ready;
    await expect(start().exit).rejects.toMatchObject({ code: "CMDR_DATA_FOLDER_IN_USE" });
    await running.stop();
  });

  it("ends with 1, and says so, when a thread it needs has died", () => {
    const lines: unknown[] = [];
    const logger = {
      info: (...words: unknown[]) => lines.push(words),
      fatal: (...words: unknown[]) => lines.push(words),
    };
    expect(sayHowItEnds(new Error("gone"), logger as never)).toBe(1);
    expect(lines).toEqual([[{ err: new Error("gone") }, expect.stringContaining("a worker thread died")]]);
  });

  it("does not start on a SQLite that is too old", () => {
    expect(() => refuseOldSqlite(undefined)).not.toThrow();
    expect(() => refuseOldSqlite("expected 3.51.3")).toThrow(
      expect.objectContaining({ code: "CMDR_NODE_TOO_OLD" }) as Error,
    );
  });

  it("does not start on a ledger of a newer version", async () => {
    const newer = new DatabaseSync(join(folder, "cmdrdata.db"));
    newer.exec("CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT, applied_at_ms INTEGER)");
    newer.exec("INSERT INTO schema_migrations VALUES (999, 'future', 0)");
    newer.close();
    await expect(start().exit).rejects.toMatchObject({ code: "CMDR_SCHEMA_TOO_NEW" });
  });

  it("tells a ledger it may not write from one it cannot read", () => {
    expect(ledgerError("x.db", new Error("attempt to write a readonly database")).code).toBe(
      "CMDR_DATA_FOLDER_UNWRITABLE",
    );
  });

  it("does not start on a ledger it cannot read", async () => {
    writeFileSync(join(folder, "cmdrdata.db"), "no database at all ".repeat(100));
    await expect(start().exit).rejects.toMatchObject({ code: "CMDR_LEDGER_UNREADABLE" });
  });
});
