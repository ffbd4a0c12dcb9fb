/** `cmdrdata distribute`: spreads a ledger on PostgreSQL over the nodes of Citus, or prints how. */
import { systemClock } from "@cmdrdata/collector";
import { CmdrdataError } from "@cmdrdata/protocol";

import { readDatabaseUrl } from "./serve-options.ts";

export interface DistributeFlags {
  readonly databaseUrl?: string;
  readonly dryRun?: boolean;
}

/**
 * @returns the statements, one a line
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`, `CMDR_CITUS_MISSING`, or what opening the database comes to
 */
export async function distributeCommand(
  flags: DistributeFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const problems: string[] = [];
  const connectionString = readDatabaseUrl(flags.databaseUrl ?? env["DATABASE_URL"] ?? "", problems);
  if (connectionString === undefined) {
    const message = problems[0] ?? "--database-url: expected the URL of the database, or DATABASE_URL, got neither";
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", message);
  }
  // Loaded here: no other command needs the driver.
  const { openPostgresStore } = await import("@cmdrdata/storage/postgres");
  const store = await openPostgresStore({ connectionString, now: systemClock.now, maxConnections: 1 });
  try {
    const statements = await store.distribute({ dryRun: flags.dryRun ?? false });
    return statements.map((statement) => `${statement};\n`).join("") || "everything is distributed already\n";
  } finally {
    await store.close();
  }
}
