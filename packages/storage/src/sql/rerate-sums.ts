/** Reads events to price anew, and sums what they cost before and after, by customer and month. */
import type { RerateLine, RerateScope } from "../rerate-store.ts";
import type { Row, Sql } from "./sql.ts";

/** One customer's month as it is summed. */
interface Line {
  eventsChanged: number;
  unpricedBefore: number;
  unpricedAfter: number;
  picoUsdBefore: bigint;
  picoUsdAfter: bigint;
}

export interface RerateSums {
  eventsSeen: number;
  eventsChanged: number;
  /** By month and customer; no customer is ''. */
  readonly lines: Map<string, Map<string, Line>>;
}

/** What one event costs; `null` is unpriced. */
export interface BeforeAfter {
  readonly timeMs: number;
  readonly customerId: string;
  readonly before: bigint | null;
  readonly after: bigint | null;
  readonly changed: boolean;
}

export function newSums(): RerateSums {
  return { eventsSeen: 0, eventsChanged: 0, lines: new Map() };
}

export function addToSums(sums: RerateSums, { timeMs, customerId, before, after, changed }: BeforeAfter): void {
  const line = lineOf(sums, new Date(timeMs).toISOString().slice(0, 7), customerId);
  sums.eventsSeen += 1;
  if (changed) {
    sums.eventsChanged += 1;
    line.eventsChanged += 1;
  }
  if (before === null) line.unpricedBefore += 1;
  if (after === null) line.unpricedAfter += 1;
  line.picoUsdBefore += before ?? 0n;
  line.picoUsdAfter += after ?? 0n;
}

export function toLines({ lines }: RerateSums): readonly RerateLine[] {
  const sorted = <T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
    [...map].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return sorted(lines).flatMap(([month, customers]) =>
    sorted(customers).map(([customer, line]) => ({ customerId: customer === "" ? null : customer, month, ...line })),
  );
}

/** By the time of the call, then in order of arrival; from behind `timeMs` and `sequence` on. */
export async function selectChunk(
  sql: Sql,
  { tenant, endMs, onlyUnpriced }: RerateScope,
  from: { readonly timeMs: number; readonly sequence: number; readonly most: number; readonly counted: string },
): Promise<readonly Row[]> {
  const text = `SELECT sequence, event_time_ms, customer_id, model, operation, provider, service_tier, error_type,
      cost_milli_usd, cost_rest_pico_usd, unpriced_reason, event
    FROM events
    WHERE tenant = $1 AND (event_time_ms, sequence) > ($2, $3) AND event_time_ms < $4
      ${onlyUnpriced ? "AND unpriced_reason IS NOT NULL" : ""} ${from.counted}
    ORDER BY event_time_ms, sequence LIMIT $5`;
  return sql.all(text, [tenant, from.timeMs, from.sequence, endMs, from.most]);
}

function lineOf({ lines }: RerateSums, month: string, customerId: string): Line {
  const customers = lines.get(month) ?? new Map<string, Line>();
  lines.set(month, customers);
  const line = customers.get(customerId) ?? {
    eventsChanged: 0,
    unpricedBefore: 0,
    unpricedAfter: 0,
    picoUsdBefore: 0n,
    picoUsdAfter: 0n,
  };
  customers.set(customerId, line);
  return line;
}
