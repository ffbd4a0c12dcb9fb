/** The ledger that a collector serves: a file in the data folder, or a PostgreSQL database that it shares with others. */
import { join, resolve } from "node:path";

import {
  createMemoryCounter,
  createSharedCounter,
  type RateCounter,
  rememberKeys,
  type StoreLocation,
  systemClock,
} from "@cmdrdata/collector";
import { CmdrdataError } from "@cmdrdata/protocol";
import { describeDatabase, type UsageStore } from "@cmdrdata/storage";
import type { PostgresStore } from "@cmdrdata/storage/postgres";
import { openSqliteStore } from "@cmdrdata/storage/sqlite";

import { openDataFolder } from "./data-folder.ts";
import type { ServeConfig } from "./serve-options.ts";

export interface Ledger {
  readonly store: UsageStore;
  /** What threads open it by. */
  readonly location: StoreLocation;
  /** How requests look up their key. */
  readonly keys: Pick<UsageStore, "findKey">;
  /** Where limits are counted: for this process, or for all replicas. */
  readonly counter: RateCounter;
  /** Only where events can be dropped by the month. */
  readonly dropOlder: PostgresStore["dropOlder"] | undefined;
  readonly firstKeyPath: string;
  /** Whose disk is to be watched; `undefined` where that is another machine's affair. */
  readonly folder: string | undefined;
  /** For the log; without secrets. */
  readonly place: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Keys, probes and retention; ingest and reports have their own. */
const connectionsOfOurOwn = 2;

/**
 * @throws CmdrdataError `CMDR_DATABASE_UNREACHABLE`, `CMDR_DATABASE_UNSUITABLE`, `CMDR_DATA_FOLDER_IN_USE`,
 *   `CMDR_DATA_FOLDER_UNWRITABLE`, `CMDR_LEDGER_UNREADABLE` or `CMDR_SCHEMA_TOO_NEW`
 */
export async function openLedger({ data, databaseUrl }: Pick<ServeConfig, "data" | "databaseUrl">): Promise<Ledger> {
  return databaseUrl === undefined ? openFolder(data) : openDatabase(data, databaseUrl);
}

function openFolder(data: string): Ledger {
  const folder = openDataFolder(data);
  try {
    const store = openFile(folder.databasePath);
    return {
      store,
      location: { engine: "sqlite", path: folder.databasePath },
      keys: store,
      counter: createMemoryCounter(),
      dropOlder: undefined,
      firstKeyPath: folder.firstKeyPath,
      folder: folder.path,
      place: { data: folder.path },
      close: async () => {
        await store.close();
        folder.close();
      },
    };
  } catch (error) {
    folder.close();
    throw error;
  }
}

async function openDatabase(data: string, connectionString: string): Promise<Ledger> {
  // The driver is of no use to whoever has a file.
  const { openPostgresStore } = await import("@cmdrdata/storage/postgres");
  const store = await openPostgresStore({
    connectionString,
    now: systemClock.now,
    maxConnections: connectionsOfOurOwn,
  });
  return {
    store,
    location: { engine: "postgres", connectionString },
    // Each look-up is a way to the server and back.
    keys: rememberKeys(store, systemClock),
    counter: createSharedCounter(store),
    dropOlder: store.dropOlder,
    firstKeyPath: join(resolve(data), "first-key"),
    folder: undefined,
    place: { database: describeDatabase(connectionString) },
    close: () => store.close(),
  };
}

function openFile(path: string): UsageStore {
  try {
    return openSqliteStore({ path, now: systemClock.now });
  } catch (cause) {
    throw CmdrdataError.is(cause) ? cause : ledgerError(path, cause);
  }
}

/** What SQLite says of a file, as something that can be done. */
export function ledgerError(path: string, cause: unknown): CmdrdataError {
  const text = String(cause);
  if (text.includes("readonly")) {
    const message = `cannot write the ledger ${path} (${text}): give this user the right to, or choose another --data`;
    return new CmdrdataError("CMDR_DATA_FOLDER_UNWRITABLE", message, { cause });
  }
  const message = `cannot open the ledger ${path} (${text}): restore it from a backup, or choose another --data`;
  return new CmdrdataError("CMDR_LEDGER_UNREADABLE", message, { cause });
}
