/**
 * Looks whether a ledger on PostgreSQL is as it should be: its schema, and its sums against a recount of the events.
 *
 * Promise: it changes nothing, may run beside collectors, and sees one moment. How the server's files are is the affair of
 * PostgreSQL's own tools.
 */
import { findDifferences } from "../sql/find-differences.ts";
import type { Migration } from "../sql/migration.ts";
import type { Sql } from "../sql/sql.ts";
import { createPool } from "./connect.ts";
import { schemaVersion } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { createPostgresSql } from "./postgres-sql.ts";

export interface DatabaseInspection {
  readonly bytes: number;
  readonly schemaVersion: number;
  /** Of this release. */
  readonly knownVersion: number;
  readonly events: number;
  /** As of a ledger in a file. */
  readonly differences: number;
}

/** @throws CmdrdataError `CMDR_DATABASE_UNREACHABLE` */
export async function inspectDatabase(connectionString: string): Promise<DatabaseInspection> {
  // A recount takes as long as it takes.
  const pool = createPool({ connectionString, maxConnections: 1, statementTimeoutMs: 0, readOnly: true });
  try {
    return await createPostgresSql(pool).snapshot(inspect);
  } finally {
    await pool.end();
  }
}

async function inspect(sql: Sql): Promise<DatabaseInspection> {
  const first = async (query: string): Promise<number> => {
    const [row] = await sql.all(query, []);
    return Number(Object.values(row ?? {})[0]);
  };
  const version = await schemaVersion(sql);
  const knownVersion = (migrations.at(-1) as Migration).version;
  const bytes = await first("SELECT pg_database_size(current_database())");
  if (version !== knownVersion) return { bytes, schemaVersion: version, knownVersion, events: 0, differences: 0 };
  const isWhole = (await first("SELECT count(*) FROM retention WHERE oldest_day > 1")) === 0;
  return {
    bytes,
    schemaVersion: version,
    knownVersion,
    events: await first("SELECT count(*) FROM events WHERE NOT quarantined"),
    differences: await first(findDifferences({ isWhole, counted: "AND NOT quarantined" })),
  };
}
