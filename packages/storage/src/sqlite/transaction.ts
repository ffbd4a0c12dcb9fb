/** Runs work in one transaction: all of it is committed, or nothing of it is left. */
import type { DatabaseSync } from "node:sqlite";

/**
 * @param kind - `IMMEDIATE` takes the write lock at the start, `DEFERRED` gives one snapshot to several reads
 * @throws what the work throws, after the roll-back
 */
export function inTransaction<T>(database: DatabaseSync, kind: "IMMEDIATE" | "DEFERRED", work: () => T): T {
  database.exec(`BEGIN ${kind}`);
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk, for one, makes SQLite roll back by itself.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
