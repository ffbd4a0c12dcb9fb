/** The question whether the roll-up is what the events add up to, for any engine. */

/** The columns that both have, as the roll-up adds them up. */
const sums = ["input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "total_tokens"];
const money = ["cost_milli_usd", "cost_rest_pico_usd"];
const totals = [...sums, ...money];

/**
 * Groups of 15 minutes, tenant, customer and model whose sums differ from a recount of their events.
 *
 * @param isWhole - no events have been dropped; else only groups with less than their events are counted
 * @param counted - `AND …` of events that are in the sums, where others are among them
 * @returns a query with one row, `differences`
 */
export function findDifferences({ isWhole, counted }: { readonly isWhole: boolean; readonly counted: string }): string {
  return `SELECT count(*) AS differences FROM (
    SELECT 1 AS one FROM (
      SELECT tenant, bucket_start_ms AS bucket, customer_id, model, calls, unpriced_calls AS unpriced, ${totals.join(", ")}
      FROM usage_15m
      UNION ALL
      SELECT tenant, event_time_ms - event_time_ms % 900000, coalesce(customer_id, ''), coalesce(model, ''), -1,
        CASE WHEN unpriced_reason IS NULL THEN 0 ELSE -1 END, ${totals.map((column) => `-coalesce(${column}, 0)`).join(", ")}
      FROM events WHERE TRUE ${counted}
    ) AS parts GROUP BY tenant, bucket, customer_id, model
    HAVING ${["calls", "unpriced", ...totals].map((column) => `sum(${column}) ${isWhole ? "<>" : "<"} 0`).join(" OR ")}
  ) AS wrong`;
}
