/**
 * How many events have no price now, by tenant and reason.
 *
 * Promise: it is read from an index that has such events only, whatever else the ledger has. Which tenants are named depends
 * on the ledger alone: whoever asks, at whatever time, is told the same ones.
 */
import type { UnpricedCount } from "../rerate-store.ts";
import type { Sql } from "./sql.ts";

const selectFirst = "SELECT tenant FROM tenants ORDER BY created_at_ms, tenant LIMIT $1";
const selectCounts = (counted: string): string =>
  `SELECT tenant, unpriced_reason, count(*) AS events FROM events
  WHERE unpriced_reason IS NOT NULL ${counted} GROUP BY tenant, unpriced_reason`;

/** @param counted - leaves out rows that are in no sum */
export async function countUnpriced(sql: Sql, mostTenants: number, counted: string): Promise<readonly UnpricedCount[]> {
  const first = mostTenants === 0 ? [] : await sql.all(selectFirst, [mostTenants]);
  const byTenant = new Map<string | null, Map<string, number>>(first.map((row) => [String(row["tenant"]), new Map()]));
  const others = new Map<string, number>();
  byTenant.set(null, others);
  for (const row of await sql.all(selectCounts(counted), [])) {
    const reason = String(row["unpriced_reason"]);
    const counts = byTenant.get(String(row["tenant"])) ?? others;
    counts.set(reason, (counts.get(reason) ?? 0) + Number(row["events"]));
  }
  return [...byTenant].map(([tenant, counts]) => ({ tenant, byReason: Object.fromEntries(counts) }));
}
