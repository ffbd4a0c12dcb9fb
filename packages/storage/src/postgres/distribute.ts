/**
 * Spreads the ledger over the nodes of Citus (distributed PostgreSQL).
 *
 * Promise: a tenant's events and sums are on one shard, so that each stays one transaction there; what is looked up before the
 * tenant is known is on every node. A table that is distributed already is left as it is: repeated, it does the rest.
 */
import { CmdrdataError } from "@cmdrdata/protocol";

import type { Sql } from "../sql/sql.ts";

/** Distributed by tenant, all on the same shards as the first. Partitions follow their table. */
const byTenant = [
  "events",
  "usage_15m",
  "usage_15m_metadata",
  "usage_day",
  "usage_day_built",
  "event_conflicts",
  "quarantined_events",
  "request_bodies",
  "body_mentions",
  "metadata_dimensions",
  "reporting_zones",
  "erasures",
  "tenant_prices",
  "rerates",
  "rerate_lines",
];

/** Small, and the same on every node. */
const onEveryNode = [
  "api_keys",
  "retention",
  "schema_migrations",
  "tenants",
  "price_books",
  "price_state",
  "rate_windows",
];

/** @returns the statements, which were run unless it is a dry run */
export async function distribute(sql: Sql, { dryRun }: { readonly dryRun: boolean }): Promise<readonly string[]> {
  const statements = statementByTable();
  if (dryRun) return [...statements.values()];
  await requireCitus(sql);
  const known = new Set(await distributedTables(sql));
  const done: string[] = [];
  for (const [table, statement] of statements) {
    if (known.has(table)) continue;
    await sql.all(statement, []);
    done.push(statement);
  }
  return done;
}

/** In the order in which they are run: what is on every node first. */
function statementByTable(): ReadonlyMap<string, string> {
  const [first] = byTenant;
  return new Map([
    ...onEveryNode.map((table) => [table, `SELECT create_reference_table('${table}')`] as const),
    ...byTenant.map((table) => {
      const together = table === first ? "" : `, colocate_with => '${first}'`;
      return [table, `SELECT create_distributed_table('${table}', 'tenant'${together})`] as const;
    }),
  ]);
}

async function distributedTables(sql: Sql): Promise<readonly string[]> {
  const rows = await sql.all("SELECT logicalrelid::regclass::text AS name FROM pg_dist_partition", []);
  return rows.map((row) => String(row["name"]));
}

async function requireCitus(sql: Sql): Promise<void> {
  const [there] = await sql.all("SELECT count(*) AS extensions FROM pg_extension WHERE extname = 'citus'", []);
  if (Number(there?.["extensions"]) === 1) return;
  const message =
    "expected the extension citus in the database, got none: on its coordinator run CREATE EXTENSION citus, and add the workers";
  throw new CmdrdataError("CMDR_CITUS_MISSING", message);
}
