/** A whole collector on a port of its own and a folder of its own, with the real threads and the real store. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";

import type { Scope } from "@cmdrdata/storage";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { expect } from "vitest";

import {
  buildCollector,
  type CollectorDeps,
  createMemoryCounter,
  createRerateRunner,
  diskCheck,
  hashApiKey,
  openKeeper,
  openReader,
  openWriter,
  type StoreLocation,
  storeCheck,
  systemClock,
  writerCheck,
} from "../src/index.ts";
import { openStore } from "../src/open-store.ts";
import type { WriterLoad } from "../src/writer-load.ts";

export const keys = {
  all: `tk-all-${"a".repeat(20)}`,
  ingestOnly: `tk-ingest-${"b".repeat(20)}`,
  otherTenant: `tk-other-${"c".repeat(20)}`,
  otherAdmin: `tk-other-admin-${"d".repeat(20)}`,
};

/** Of a writer that has nothing to do. */
export const idle: WriterLoad = {
  bytesInFlight: 0,
  maxBytesInFlight: 1,
  requestsInFlight: 0,
  oldestWaitMs: 0,
  fullSinceMs: undefined,
};

/** The time every collector in these tests believes it is, unless told otherwise. */
const startMs: number = Date.parse("2026-11-23T10:07:00.000Z");

export async function startCollector(
  overrides: Partial<CollectorDeps> & {
    readonly maxBytesInFlight?: number;
    readonly databaseUrl?: string;
    /** Of a collector that was stopped, whose ledger is served again; a new one by default. */
    readonly folder?: string;
    /** Of the file, as far as the writer is concerned. */
    readonly mostPages?: number;
  } = {},
) {
  const folder = overrides.folder ?? mkdtempSync(join(tmpdir(), "cmdrdata-collector-"));
  let nowMs = startMs;
  const location: StoreLocation =
    overrides.databaseUrl === undefined
      ? { engine: "sqlite", path: join(folder, "cmdrdata.db") }
      : { engine: "postgres", connectionString: overrides.databaseUrl };
  const store = await openStore(location, { now: () => nowMs });
  const add = (tenant: string, key: string, scopes: readonly Scope[]) =>
    store.addKey({ tenant, hash: hashApiKey(key), scopes, createdAtMs: nowMs });
  await add("default", keys.all, ["ingest", "read", "admin"]);
  await add("default", keys.ingestOnly, ["ingest"]);
  await add("other", keys.otherTenant, ["ingest", "read"]);
  await add("other", keys.otherAdmin, ["ingest", "read", "admin"]);
  const bounded = overrides.mostPages === undefined ? {} : { mostPages: overrides.mostPages };
  const writer = await openWriter({
    location: { ...location, ...bounded },
    maxBytesInFlight: overrides.maxBytesInFlight ?? 1e8,
    onDeath: () => {},
  });
  const reader = openReader({ location, onDeath: () => {} });
  const keeper = await openKeeper({ location, onDeath: () => {} });
  const log: string[] = [];
  const sink = new Writable({ write: (chunk, _encoding, done) => (log.push(String(chunk)), done()) });
  const clock = {
    now: () => nowMs,
    monotonicNow: () => nowMs - startMs + performance.now(),
    schedule: systemClock.schedule,
  };
  const logger = pino({ level: "debug" }, sink);
  const runner = createRerateRunner({ store, clock, logger, yieldTurn: () => new Promise(setImmediate) });
  const collector = buildCollector({
    keys: store,
    admin: store,
    runner,
    ledger: reader,
    keeper,
    writer,
    checks: [storeCheck(store, location.engine), writerCheck(writer), diskCheck(folder)],
    version: "1.2.3",
    clock: {
      now: () => nowMs,
      monotonicNow: () => nowMs - startMs + performance.now(),
      schedule: systemClock.schedule,
    },
    logger,
    counter: createMemoryCounter(),
    authFailuresPerMinute: 30,
    trustProxy: false,
    ...overrides,
  });
  expectAnswersAsDescribed(collector.server);
  const url = await collector.server.listen({ host: "127.0.0.1", port: 0 });
  const stop = async (): Promise<void> => {
    await collector.server.close();
    await runner.stop();
    await Promise.all([writer.close(), reader.close(), keeper.close(), store.close()]);
  };
  return {
    ...collector,
    folder,
    /** As `cmdrdata serve` ends it; `close` takes the rest away too. */
    closeServer: collector.close,
    url,
    store,
    runner,
    log,
    post: (body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${url}/api/events`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${keys.all}`, ...headers },
        body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      }),
    get: (path: string, key = keys.all) => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } }),
    send: (method: string, path: string, body?: unknown, key = keys.all) =>
      fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    usage: (query = "", key = keys.all) =>
      fetch(`${url}/api/v1/usage${query}`, { headers: { authorization: `Bearer ${key}` } }),
    /** Any other route, with a JSON body where one is given. */
    ask: (method: string, route: string, { key = keys.all, body }: { key?: string; body?: unknown } = {}) =>
      fetch(`${url}${route}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    /** Lets the collector believe that time has gone by. */
    pass: (ms: number) => void (nowMs += ms),
    /** Leaves the ledger where it is. */
    stop,
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Schemas of answers only describe: what a test is answered must be what they say. */
function expectAnswersAsDescribed(server: FastifyInstance): void {
  server.addHook("preSerialization", async (request, reply, payload) => {
    const { response = {} } = request.routeOptions.schema ?? {};
    const { [reply.statusCode]: schema, default: otherwise } = response as Readonly<Record<string, TSchema>>;
    const described = schema ?? otherwise;
    if (described !== undefined) {
      const [first] = Value.Errors(described, payload);
      expect(first, `${request.method} ${request.url}: ${JSON.stringify(payload)?.slice(0, 500)}`).toBeUndefined();
    }
    return payload;
  });
}
