/**
 * Brings the schema to the version this release needs.
 *
 * Promise: migrations run forward, in order, each in one transaction that starts with its row in the ledger and holds a
 * lock of the database's: processes that start together, on any machine, run each once. A schema newer than this release is
 * refused, untouched.
 */
import { type Migration, refuseNewer, refuseOther } from "../sql/migration.ts";
import type { Sql } from "../sql/sql.ts";
import { lockFor } from "./advisory-locks.ts";
import { migrations } from "./migrations/index.ts";

const ledger = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at_ms BIGINT NOT NULL
)`;

/**
 * @param steps - all migrations, oldest first
 * @throws CmdrdataError `CMDR_SCHEMA_TOO_NEW`
 */
export async function migrate(sql: Sql, now: () => number, steps: readonly Migration[] = migrations): Promise<void> {
  const version = await schemaVersion(sql);
  refuseNewer(version, steps);
  for (const step of steps.filter((each) => each.version > version)) {
    await sql.transaction(async (transaction) => {
      await lockFor(transaction, "migration");
      await transaction.run(ledger, []);
      // Read under the lock: another process may have done this step meanwhile.
      if ((await schemaVersion(transaction)) >= step.version) return;
      const enter = "INSERT INTO schema_migrations (version, name, applied_at_ms) VALUES ($1, $2, $3)";
      await transaction.run(enter, [step.version, step.name, Math.floor(now())]);
      await transaction.run(step.sql, []);
    });
  }
}

/** @throws CmdrdataError `CMDR_SCHEMA_TOO_NEW`, or `CMDR_NOT_READY` when nobody has migrated yet */
export async function checkSchema(sql: Sql): Promise<void> {
  refuseOther(await schemaVersion(sql), migrations);
}

/** 0 where there is no ledger. */
export async function schemaVersion(sql: Sql): Promise<number> {
  const [there] = await sql.all("SELECT to_regclass('schema_migrations') AS ledger", []);
  if (there?.["ledger"] === null) return 0;
  const [row] = await sql.all("SELECT max(version) AS version FROM schema_migrations", []);
  return Number(row?.["version"] ?? 0);
}
