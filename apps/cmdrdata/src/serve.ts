/**
 * `cmdrdata serve`: opens the ledger, starts the writer and reader threads, listens, and ends in order.
 *
 * Promise: on SIGTERM or SIGINT readiness goes off, requests under way are answered, what was accepted is committed, and
 * only then the process ends; a request that is still being sent after five seconds is cut off. When the writer thread dies, so does the process, with exit code 1.
 */
import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";

import {
  buildCollector,
  type Certificate,
  diskCheck,
  type Collector,
  createRerateRunner,
  type Keeper,
  openKeeper,
  openOtlp,
  openReader,
  openWriter,
  type Reader,
  type RerateRunner,
  storeCheck,
  systemClock,
  upgradeStoredBook,
  type Writer,
  writerCheck,
} from "@cmdrdata/collector";
import { CmdrdataError } from "@cmdrdata/protocol";
import { sqliteVersionProblem } from "@cmdrdata/storage/sqlite";
import type { UsageStore } from "@cmdrdata/storage";
import type { Logger } from "pino";

import { type CertificateFiles, readCertificate } from "./certificate.ts";
import { ensureFirstKey } from "./first-key.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { keepRetention } from "./retention.ts";
import type { ServeConfig } from "./serve-options.ts";
import { version } from "./version.ts";

/** How long requests under way may take once the process is asked to end; a container's stop kills after 10 seconds. */
const shutdownGraceMs = 5_000;

/** Bodies held in memory at once, over all requests. */
const maxBytesInFlight = 64 * 1024 * 1024;

export interface ServeDeps {
  readonly logger: Logger;
  /** Where OpenTelemetry's variables are looked for. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the first key may be shown: a terminal, or nowhere. */
  readonly showKey: ((text: string) => void) | undefined;
  /** Resolves when the process is asked to end. */
  readonly stop: Promise<string>;
  /** Calls back whenever the process is asked to read its certificate again (SIGHUP). */
  readonly onHangUp?: ((callback: () => void) => void) | undefined;
}

/** @returns the exit code */
export async function serve(config: ServeConfig, deps: ServeDeps): Promise<number> {
  refuseOldSqlite(sqliteVersionProblem());
  const ledger = await openLedger(config);
  try {
    return await serveLedger(ledger, config, deps);
  } finally {
    await ledger.close();
  }
}

/** @throws CmdrdataError `CMDR_NODE_TOO_OLD` when there is a problem */
export function refuseOldSqlite(problem: string | undefined): void {
  if (problem !== undefined) throw new CmdrdataError("CMDR_NODE_TOO_OLD", problem);
}

async function serveLedger(ledger: Ledger, config: ServeConfig, deps: ServeDeps): Promise<number> {
  const { location } = ledger;
  const parts: { close(): Promise<void> }[] = [];
  try {
    await announceFirstKey(ledger, config, deps);
    const { store } = ledger;
    const runner = createRerateRunner({
      store,
      clock: systemClock,
      logger: deps.logger,
      yieldTurn: (waits) => (waits ? pause() : setImmediate()),
    });
    parts.unshift({ close: () => runner.stop() });
    await keepBook(store, runner, deps.logger);
    const death = Promise.withResolvers<Error>();
    const writer = await openWriter({ location, maxBytesInFlight, onDeath: death.resolve });
    parts.unshift(writer);
    const reader = openReader({ location, onDeath: death.resolve });
    parts.unshift(reader);
    parts.unshift(keepRetention(ledger.dropOlder, { days: config.retentionDays, clock: systemClock, ...deps }));
    const keeper = await openKeeper({ location, retentionDays: config.retentionDays, onDeath: death.resolve });
    parts.unshift(keeper);
    const tls = config.tls && readCertificate(config.tls);
    const collector = assemble({ ledger, writer, reader, keeper, runner }, { logger: deps.logger, config, tls });
    if (config.tls !== undefined) renewOnHangUp(config.tls, collector, deps);
    const env = deps.env ?? {};
    const { numbers } = collector;
    const otlp = await openOtlp({ numbers, version, env, logger: deps.logger, now: systemClock.now });
    if (otlp !== undefined) parts.unshift(otlp);
    const url = await listen(collector, config);
    deps.logger.info({ url, ...ledger.place }, "ready");
    const end = await Promise.race([deps.stop, death.promise]);
    const exitCode = sayHowItEnds(end, deps.logger);
    collector.drain();
    await collector.close(shutdownGraceMs);
    return exitCode;
  } finally {
    for (const part of parts) await part.close();
  }
}

/** @returns the exit code: 0 when the process was asked to end, 1 when a thread it needs has died */
export function sayHowItEnds(end: string | Error, logger: Pick<Logger, "info" | "fatal">): number {
  if (typeof end === "string") {
    logger.info({ signal: end }, "shutting down");
    return 0;
  }
  logger.fatal({ err: end }, "a worker thread died; what was answered is stored, the rest will be sent again");
  return 1;
}

/** While a job waits for another. */
function pause(): Promise<void> {
  return new Promise((resolve) => void systemClock.schedule(200, resolve));
}

/** The book of this version is taken over, what may be; what had no price and has one now is filled in. */
async function keepBook(store: UsageStore, runner: RerateRunner, logger: Logger): Promise<void> {
  const { version: bookVersion, taken, held, changed } = await upgradeStoredBook(store, { nowMs: systemClock.now() });
  if (taken.length > 0)
    logger.info({ version: bookVersion, changes: taken.length }, "prices were taken over from this version's list");
  if (held.length > 0) {
    logger.warn({ changes: held.length }, 'prices wait for approval: see "cmdrdata prices diff" and "prices approve"');
  }
  await runner.resume();
  if (changed) await runner.fillIn(randomUUID);
}

interface Parts {
  readonly ledger: Ledger;
  readonly writer: Writer;
  readonly reader: Reader;
  readonly keeper: Keeper;
  readonly runner: RerateRunner;
}

interface Edge {
  readonly logger: Logger;
  readonly config: ServeConfig;
  readonly tls: Certificate | undefined;
}

function assemble({ ledger, writer, reader, keeper, runner }: Parts, { logger, config, tls }: Edge): Collector {
  return buildCollector({
    keys: ledger.keys,
    admin: ledger.store,
    runner,
    ledger: reader,
    keeper,
    writer,
    checks: [
      storeCheck(ledger.store, ledger.location.engine),
      writerCheck(writer),
      ...(ledger.folder === undefined ? [] : [diskCheck(ledger.folder)]),
    ],
    version,
    clock: systemClock,
    logger,
    counter: ledger.counter,
    authFailuresPerMinute: config.authFailuresPerMinute,
    metricsTenants: config.metricsTenants,
    trustProxy: config.trustProxy,
    tls,
  });
}

function renewOnHangUp(files: CertificateFiles, collector: Collector, { logger, onHangUp }: ServeDeps): void {
  onHangUp?.(() => {
    try {
      collector.renewCertificate(readCertificate(files));
      logger.info("the certificate was read again");
    } catch (error) {
      logger.error({ err: error }, "the certificate stays as it was");
    }
  });
}

async function listen({ server }: Collector, config: ServeConfig): Promise<string> {
  try {
    return await server.listen({
      host: config.host,
      port: config.port,
      listenTextResolver: (address) => `listening on ${address}`,
    });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    const place = `${config.host}:${config.port}`;
    if (reason === "EADDRINUSE") {
      throw new CmdrdataError(
        "CMDR_PORT_TAKEN",
        `${place} is in use: stop what listens there, or choose another --port`,
        { cause },
      );
    }
    const message = `cannot listen on ${place} (${reason}): choose another --host or --port`;
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", message, { cause });
  }
}

async function announceFirstKey({ store, firstKeyPath }: Ledger, config: ServeConfig, deps: ServeDeps): Promise<void> {
  const first = await ensureFirstKey(config.bootstrapKey, { store, firstKeyPath, nowMs: systemClock.now() });
  if (first.kind === "bootstrap" && first.added) deps.logger.info("the bootstrap key was added");
  if (first.kind !== "made") return;
  deps.logger.info({ path: firstKeyPath }, `a first key with all scopes is in ${firstKeyPath}`);
  deps.showKey?.(`Your first key (also in ${firstKeyPath}): ${first.key}\n`);
}
