/** A tenant's customers with what they used: the same sums as a usage query by customer, with when they were seen. */
import type { CustomerSummary } from "../ledger-reader.ts";
import type { TimeRange } from "../store.ts";
import { readSeenUsage, type SpanJoin } from "./read-usage.ts";
import type { Sql } from "./sql.ts";

export async function readCustomers(
  sql: Sql,
  { tenant, startMs, endMs }: { readonly tenant: string } & TimeRange,
  join: SpanJoin,
): Promise<readonly CustomerSummary[]> {
  const rows = await readSeenUsage(sql, { tenant, ranges: [{ startMs, endMs }], groupBy: ["customer_id"] }, join);
  return rows.map(({ group, sums, firstBucketMs, lastBucketMs }) => ({
    customerId: group.customer_id ?? null,
    firstSeenMs: firstBucketMs,
    lastSeenMs: lastBucketMs,
    sums,
  }));
}
