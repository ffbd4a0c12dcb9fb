/**
 * The UsageStore on PostgreSQL.
 *
 * Promise: S1 to S6 as in ../store.ts, for any number of stores on one database, in any number of processes on any number of
 * machines: all are equal, and each sees what any has answered. While the server is away, calls reject with a retryable
 * `CMDR_DATABASE_UNREACHABLE`; when it is back, they go on.
 */
import { type EngineWays, keepLedger } from "../sql/keep-ledger.ts";
import { expireAside } from "../sql/expire-aside.ts";
import { readBody } from "../sql/read-body.ts";
import { readCustomers } from "../sql/read-customers.ts";
import { readEventStories } from "../sql/read-event-story.ts";
import { readEvents } from "../sql/read-events.ts";
import { createKeyStore, type KeyWays } from "../sql/api-keys.ts";
import { createPriceStore } from "../sql/prices.ts";
import { createRerateStore, type RerateWays } from "../sql/rerates.ts";
import { createRateStore, type RateStore } from "../sql/rate-windows.ts";
import { readUsage } from "../sql/read-usage.ts";
import { readConflicts, readQuarantined } from "../sql/set-aside.ts";
import type { UsageStore } from "../store.ts";
import { lockFor } from "./advisory-locks.ts";
import { createBodyNumbers } from "./append-bodies.ts";
import { appendEvents } from "./append-events.ts";
import { checkServer, createPool, refuseStandby } from "./connect.ts";
import { distribute } from "./distribute.ts";
import { checkSchema, migrate } from "./migrate.ts";
import { releaseEvents } from "./release-events.ts";
import { createPartitions } from "./partitions.ts";
import { createPostgresSql } from "./postgres-sql.ts";
import { dropOlder, type Retention } from "./retention.ts";

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly connectionString: string;
  /** Wall clock, epoch ms: dates the migrations. */
  readonly now: () => number;
  /** The most connections it holds; 4 by default. */
  readonly maxConnections?: number;
  /** The longest a statement may take on the server, in ms; 30 seconds by default. */
  readonly statementTimeoutMs?: number;
  /** Reads only: nothing is made or migrated, and no server is needed until the first call. */
  readonly readOnly?: boolean;
}

/** What only this engine can. */
export interface PostgresStore extends UsageStore {
  /** Drops the events of whole months before the horizon; sums stay. From then on such events are `expired`. */
  dropOlder(horizonMs: number): Promise<Retention>;
  /** Spreads the ledger over the nodes of Citus; says by which statements. */
  distribute(wishes: { readonly dryRun: boolean }): Promise<readonly string[]>;
}
/** Whoever appends holds a weaker lock on `events` until it is done, and is held up by this one. */
const engine: EngineWays & RerateWays & KeyWays = {
  lockFirstKey: (transaction) => lockFor(transaction, "firstKey"),
  holdStill: async (transaction) => void (await transaction.run("LOCK TABLE events IN ROW EXCLUSIVE MODE", [])),
  quiesce: async (transaction) => void (await transaction.run("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE", [])),
  lastSequence: "SELECT last_value AS sequence FROM event_sequence",
  counted: "AND NOT quarantined",
  heldRows: "quarantined",
};

/**
 * Opens the store, and brings the schema up to date.
 *
 * @throws CmdrdataError `CMDR_DATABASE_UNREACHABLE`, `CMDR_DATABASE_UNSUITABLE` or `CMDR_SCHEMA_TOO_NEW`
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore & RateStore> {
  const { connectionString, now, maxConnections = 4, statementTimeoutMs = 30_000, readOnly = false } = options;
  if (!readOnly) await prepareDatabase(connectionString, now);
  const pool = createPool({ connectionString, maxConnections, statementTimeoutMs, readOnly });
  const sql = createPostgresSql(pool);
  const partitions = createPartitions(sql);
  const bodyNumbers = createBodyNumbers(sql);
  return {
    append: (batch) => appendEvents({ pool, partitions, sql, bodyNumbers }, batch),
    usage: (query) => readUsage(sql, query, "hash"),
    events: (query) => readEvents(sql, query, "AND NOT quarantined"),
    eventStories: (query) => readEventStories(sql, query, "events"),
    body: (query) => readBody(sql, query),
    customers: (query) => readCustomers(sql, query, "hash"),
    conflicts: (query) => readConflicts(sql, query),
    quarantined: (query) => readQuarantined(sql, query),
    release: (tenant, batch) => releaseEvents(sql, { tenant, batch }),
    // Here events are dropped by the month, which enters what is too old too.
    keepFrom: async () => {},
    expireSome: () => expireAside(sql),
    ...keepLedger(sql, engine),
    ...createKeyStore(sql, engine),
    ...createPriceStore(sql),
    ...createRerateStore(sql, engine),
    ...createRateStore(sql),
    check: async () => {
      await checkSchema(sql);
      if (!readOnly) await refuseStandby(sql);
    },
    dropOlder: (horizonMs) => dropOlder(sql, horizonMs),
    distribute: (wishes) => distribute(sql, wishes),
    close: async () => {
      if (!pool.ended) await pool.end();
    },
  };
}

/** On a connection of its own, which may take its time: a migration, or the wait for another process's. */
async function prepareDatabase(connectionString: string, now: () => number): Promise<void> {
  const pool = createPool({ connectionString, maxConnections: 1, statementTimeoutMs: 0, readOnly: false });
  try {
    await checkServer(pool, connectionString);
    await migrate(createPostgresSql(pool), now);
  } finally {
    await pool.end();
  }
}
