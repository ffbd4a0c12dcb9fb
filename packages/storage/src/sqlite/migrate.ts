/**
 * Brings the schema to the version this release needs.
 *
 * Promise: migrations run forward, in order, each in one transaction that starts with its row in the ledger; two
 * processes that start together run each once; a schema newer than this release is refused, untouched.
 */
import type { DatabaseSync } from "node:sqlite";

import { type Migration, refuseNewer, refuseOther } from "../sql/migration.ts";
import { migrations } from "./migrations/index.ts";
import { inTransaction } from "./transaction.ts";

const ledger = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at_ms INTEGER NOT NULL
) STRICT`;

/**
 * @param steps - all migrations, oldest first
 * @throws CmdrdataError `CMDR_SCHEMA_TOO_NEW`
 */
export function migrate(database: DatabaseSync, now: () => number, steps: readonly Migration[] = migrations): void {
  database.exec(ledger);
  refuseNewer(schemaVersion(database), steps);
  for (const step of steps) {
    inTransaction(database, "IMMEDIATE", () => {
      // Read under the lock: another process may have done this step meanwhile.
      if (schemaVersion(database) >= step.version) return;
      const enter = database.prepare("INSERT INTO schema_migrations (version, name, applied_at_ms) VALUES (?, ?, ?)");
      enter.run(step.version, step.name, Math.floor(now()));
      database.exec(step.sql);
    });
  }
}

/** @throws CmdrdataError `CMDR_SCHEMA_TOO_NEW`, or `CMDR_NOT_READY` when the writer has not migrated yet */
export function checkSchema(database: DatabaseSync): void {
  refuseOther(schemaVersionOf(database), migrations);
}

function hasLedger(database: DatabaseSync): boolean {
  const query = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'";
  return database.prepare(query).get() !== undefined;
}

/** 0 for a file without a ledger. */
export function schemaVersionOf(database: DatabaseSync): number {
  return hasLedger(database) ? schemaVersion(database) : 0;
}

function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare("SELECT max(version) AS version FROM schema_migrations").get()?.["version"] ?? 0);
}
