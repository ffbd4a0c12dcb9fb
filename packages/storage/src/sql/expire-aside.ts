/** Deletes what is kept beside events that are too old to be kept: second versions, what is in quarantine, bodies. */
import type { Row, Sql } from "./sql.ts";

const dayMs = 86_400_000;
/** Few enough to be done in some milliseconds. */
const chunk = 200;

/** @returns whether there is more to do */
export async function expireAside(sql: Sql): Promise<boolean> {
  return sql.transaction(async (transaction) => {
    const [row] = await transaction.all("SELECT oldest_day FROM retention WHERE name = 'events'", []);
    // The migration has entered it.
    const oldestDay = Number((row as Row)["oldest_day"]);
    if (oldestDay <= 1) return false;
    for (const [table, number] of numbered) {
      const rows = await transaction.all(
        `SELECT tenant, ${number} AS number FROM ${table} WHERE identity_day >= 1 AND identity_day < $1 LIMIT ${chunk}`,
        [oldestDay],
      );
      if (await deleteRows(transaction, { table, number }, rows)) return true;
    }
    return expireBodies(transaction, oldestDay * dayMs);
  });
}

const numbered = [
  ["event_conflicts", "conflict_id"],
  ["quarantined_events", "quarantine_id"],
] as const;

/** Bodies are in order of receipt. */
async function expireBodies(sql: Sql, beforeMs: number): Promise<boolean> {
  const first = `SELECT tenant, body_id AS number, received_at_ms FROM request_bodies ORDER BY body_id LIMIT ${chunk}`;
  const rows = (await sql.all(first, [])).filter((row) => Number(row["received_at_ms"]) < beforeMs);
  await deleteRows(sql, { table: "body_mentions", number: "body_id" }, rows);
  return deleteRows(sql, { table: "request_bodies", number: "body_id" }, rows);
}

async function deleteRows(
  sql: Sql,
  { table, number }: { readonly table: string; readonly number: string },
  rows: readonly Row[],
): Promise<boolean> {
  for (const row of rows) {
    const key = [String(row["tenant"]), Number(row["number"])];
    await sql.run(`DELETE FROM ${table} WHERE tenant = $1 AND ${number} = $2`, key);
  }
  return rows.length > 0;
}
