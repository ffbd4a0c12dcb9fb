/** Locks of the database's that keep two processes from the same work; each is let go of at the end of the transaction. */
import type { Sql } from "../sql/sql.ts";

/** Ours among those of other programs on the same database: "cmdr" in ASCII. */
const ours = 0x636d6472;

const numbers = { migration: 1, partitions: 2, firstKey: 3 } as const;

export async function lockFor(transaction: Sql, work: keyof typeof numbers): Promise<void> {
  await transaction.all("SELECT pg_advisory_xact_lock($1, $2)", [ours, numbers[work]]);
}
