/**
 * Opens the ledger where it is: the one place of the collector that knows which engines there are. Each thread loads the one
 * that it uses.
 */
import type { UsageStore } from "@cmdrdata/storage";

/** Where the ledger is; plain data, which can be handed to a thread. */
export type StoreLocation =
  | { readonly engine: "sqlite"; readonly path: string; readonly mostPages?: number }
  | { readonly engine: "postgres"; readonly connectionString: string };

interface OpenStoreWishes {
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  readonly readOnly?: boolean;
  /** Of a server; a file has one. */
  readonly maxConnections?: number;
}

/** Loads the engine that is asked for, and not the other: every thread opens a store. */
export async function openStore(location: StoreLocation, wishes: OpenStoreWishes): Promise<UsageStore> {
  if (location.engine === "sqlite") {
    const { openSqliteStore } = await import("@cmdrdata/storage/sqlite");
    return openSqliteStore({ ...location, ...wishes });
  }
  const { openPostgresStore } = await import("@cmdrdata/storage/postgres");
  return openPostgresStore({ connectionString: location.connectionString, ...wishes });
}
