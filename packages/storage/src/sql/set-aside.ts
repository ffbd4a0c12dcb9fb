/** What is kept beside the events: second versions of an id, and events held in quarantine. */
import type { Conflict, LedgerReader, NumberedQuery, Quarantined } from "../ledger-reader.ts";
import { bodyOf, pageOf, problemsOf, textOf } from "./read-events.ts";
import type { Row, Sql } from "./sql.ts";

export async function readConflicts(sql: Sql, query: NumberedQuery): ReturnType<LedgerReader["conflicts"]> {
  const { rows, total } = await readNumbered(sql, query, { table: "event_conflicts", number: "conflict_id" });
  return { ...pageOf(rows.map(conflictOf), query.limit, ({ number }) => number), total };
}

export async function readQuarantined(sql: Sql, query: NumberedQuery): ReturnType<LedgerReader["quarantined"]> {
  const { rows, total } = await readNumbered(sql, query, { table: "quarantined_events", number: "quarantine_id" });
  return { ...pageOf(rows.map(quarantinedOf), query.limit, ({ number }) => number), total };
}

async function readNumbered(
  sql: Sql,
  { tenant, after = 0, limit }: NumberedQuery,
  { table, number }: { readonly table: string; readonly number: string },
): Promise<{ readonly rows: readonly Row[]; readonly total: number }> {
  const page = `SELECT * FROM ${table} WHERE tenant = $1 AND ${number} > $2 ORDER BY ${number} LIMIT $3`;
  const rows = await sql.all(page, [tenant, after, limit + 1]);
  const [count] = await sql.all(`SELECT count(*) AS total FROM ${table} WHERE tenant = $1`, [tenant]);
  return { rows, total: Number(count?.["total"]) };
}

export function conflictOf(row: Row): Conflict {
  return {
    number: Number(row["conflict_id"]),
    id: String(row["event_id"]),
    contentHash: String(row["content_hash"]),
    customerId: textOf(row, "customer_id"),
    eventTimeMs: Number(row["event_time_ms"]),
    firstReceivedAtMs: Number(row["first_received_at_ms"]),
    lastReceivedAtMs: Number(row["last_received_at_ms"]),
    timesReceived: Number(row["times_received"]),
    body: bodyOf(row),
    event: String(row["event"]),
  };
}

export function quarantinedOf(row: Row): Quarantined {
  return {
    number: Number(row["quarantine_id"]),
    identityDay: Number(row["identity_day"]),
    id: String(row["event_id"]),
    contentHash: String(row["content_hash"]),
    customerId: textOf(row, "customer_id"),
    eventTimeMs: Number(row["event_time_ms"]),
    receivedAtMs: Number(row["received_at_ms"]),
    reasons: problemsOf(row, "reasons"),
    problems: problemsOf(row, "problems"),
    body: bodyOf(row),
    event: String(row["event"]),
  };
}
