/**
 * The UsageStore on Node's own SQLite.
 *
 * Promise: S1 to S6 as in ../store.ts. It works on the thread that calls it, and one call is done before the next begins. One process writes; any number of read-only stores may read the same
 * file meanwhile, and see what `append` has answered.
 */
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

import { type EngineWays, keepLedger } from "../sql/keep-ledger.ts";
import { expireAside } from "../sql/expire-aside.ts";
import { readBody } from "../sql/read-body.ts";
import { readCustomers } from "../sql/read-customers.ts";
import { readEventStories } from "../sql/read-event-story.ts";
import { readEvents } from "../sql/read-events.ts";
import { createKeyStore, type KeyWays } from "../sql/api-keys.ts";
import { createPriceStore } from "../sql/prices.ts";
import { createRerateStore, type RerateWays } from "../sql/rerates.ts";
import { readUsage } from "../sql/read-usage.ts";
import { readConflicts, readQuarantined } from "../sql/set-aside.ts";
import type { UsageStore } from "../store.ts";
import { appendEvents, releaseEvents } from "./append-events.ts";
import { expireEvents, keepFrom } from "./expire-events.ts";
import { checkSchema, migrate, schemaVersionOf } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { createPrepare } from "./prepared.ts";
import { createExclusive, createSqliteSql } from "./sqlite-sql.ts";

/** Where the store is and what it needs from outside. */
export interface SqliteStoreOptions {
  /** Path of the database file; made if absent. */
  readonly path: string;
  /** Wall clock, epoch ms: dates the migrations. */
  readonly now: () => number;
  /** Opens for reading only: nothing is made or migrated, the file must be there. */
  readonly readOnly?: boolean;
  /** The most pages of 4 KiB that the file may have; a bound of this store only, which makes its disk full for a test. */
  readonly mostPages?: number | undefined;
}

/** A transaction that writes has the file's write lock from its beginning: nothing is appended meanwhile. */
const engine: EngineWays & RerateWays & KeyWays = {
  lockFirstKey: async () => {},
  holdStill: async () => {},
  quiesce: async () => {},
  lastSequence: "SELECT max(sequence) AS sequence FROM events",
  counted: "",
  heldRows: undefined,
};

/** How long to wait for another connection's lock. */
const busyTimeoutMs = 5_000;

/**
 * FULL: a commit is on the disk before it is answered (S1). Pages go from the log to the file after 32 MiB of them: by
 * SQLite's own 4 MiB that would be at every second large commit, and twice for pages that many events share. The log is cut
 * back after a burst; the cache is 64 MiB. What is erased is overwritten.
 */
const writerSettings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 8000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -65536;
  PRAGMA secure_delete = ON;
`;
/** SQLite opens a file it may not write for reading, and says so only at the first write: too late for an event. */
const proveWritable = "UPDATE schema_migrations SET version = version WHERE FALSE";
const readerSettings = "PRAGMA cache_size = -65536;";

/**
 * Opens the store; the writer brings the schema up to date.
 *
 * @throws CmdrdataError `CMDR_SCHEMA_TOO_NEW` when a newer release has written the file; SQLite's own error when the file
 *   cannot be opened or written, or is no database
 */
export function openSqliteStore(options: SqliteStoreOptions): UsageStore {
  const database = openDatabase(options);
  const prepare = createPrepare(database);
  const exclusive = createExclusive();
  const sql = createSqliteSql(database, { prepare, exclusive, readOnly: options.readOnly ?? false });
  return {
    append: (batch) => exclusive(() => appendEvents(database, prepare, batch)),
    usage: (query) => readUsage(sql, query, "seek"),
    events: (query) => readEvents(sql, query),
    eventStories: (query) => readEventStories(sql, query, "event_ids"),
    body: (query) => readBody(sql, query),
    customers: (query) => readCustomers(sql, query, "seek"),
    conflicts: (query) => readConflicts(sql, query),
    quarantined: (query) => readQuarantined(sql, query),
    release: (tenant, batch) => exclusive(() => releaseEvents(database, prepare, { tenant, batch })),
    keepFrom: (day) => exclusive(() => keepFrom(prepare, day)),
    expireSome: async () => (await exclusive(() => expireEvents(database, prepare))) || expireAside(sql),
    ...keepLedger(sql, engine),
    ...createKeyStore(sql, engine),
    ...createPriceStore(sql),
    ...createRerateStore(sql, engine),
    check: async () => checkSchema(database),
    close: async () => {
      if (database.isOpen) database.close();
    },
  };
}

function openDatabase({ path, now, readOnly = false, mostPages }: SqliteStoreOptions): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs });
  try {
    database.exec(readOnly ? readerSettings : writerSettings);
    if (!readOnly) {
      keepBeforeMigrating(database, path);
      migrate(database, now);
      database.exec(proveWritable);
      if (mostPages !== undefined) database.exec(`PRAGMA max_page_count = ${mostPages}`);
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A migration that was a mistake can be gone back from: the file as it was lies beside it. */
function keepBeforeMigrating(database: DatabaseSync, path: string): void {
  const version = schemaVersionOf(database);
  if (version === 0 || version >= migrations.length) return;
  const copy = `${path}.schema-${version}.backup`;
  // Of an attempt that came to nothing: what is there now is the ledger still.
  rmSync(copy, { force: true });
  database.prepare("VACUUM INTO ?").run(copy);
}
