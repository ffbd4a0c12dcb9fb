/** Opens the ledger where it is: the one place of the collector that knows which engines there are. */
import type { UsageStore } from "@cmdrdata/storage";
import { openPostgresStore } from "@cmdrdata/storage/postgres";
import { openSqliteStore } from "@cmdrdata/storage/sqlite";

/** Where the ledger is; plain data, which can be handed to a thread. */
export type StoreLocation =
  | { readonly engine: "sqlite"; readonly path: string }
  | { readonly engine: "postgres"; readonly connectionString: string };

interface OpenStoreWishes {
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  readonly readOnly?: boolean;
  /** Of a server; a file has one. */
  readonly maxConnections?: number;
}

export async function openStore(location: StoreLocation, wishes: OpenStoreWishes): Promise<UsageStore> {
  if (location.engine === "sqlite") return openSqliteStore({ path: location.path, ...wishes });
  return openPostgresStore({ connectionString: location.connectionString, ...wishes });
}
