/** Maps an event to the values of its rows and to what it adds to the roll-up. */
import { encodeEvent, totalTokens } from "@cmdrdata/protocol";

import { bucketStartMs, dimensionsOf, durationUsOf } from "./dimensions.ts";
import type { EventCost, PricedEvent } from "./store.ts";
import { splitMoney } from "./money.ts";

type Value = string | number | bigint | null;

const dayMs = 86_400_000;

/** The columns of an event's identity: its key, then what a duplicate is compared by, then where the event is. */
export const identityColumns: readonly string[] = ["identity_day", "tenant", "event_id", "content_hash", "sequence"];

export const eventColumns: readonly string[] = [
  "sequence",
  "identity_day",
  "tenant",
  "event_id",
  "event_time_ms",
  "received_at_ms",
  "customer_id",
  "model",
  "operation",
  "provider",
  "service_tier",
  "error_type",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_tokens",
  "total_tokens",
  "duration_us",
  "cost_milli_usd",
  "cost_rest_pico_usd",
  "unpriced_reason",
  "book_version",
  "cost_lines",
  "problems",
  "event",
  "body_id",
  "body_position",
];

/** The columns of a roll-up row: its key, then its sums. */
export const rollUpKeys: readonly string[] = [
  "bucket_start_ms",
  "tenant",
  "customer_id",
  "model",
  "operation",
  "provider",
  "service_tier",
  "error_type",
];
/** The columns of every roll-up that are added up. */
export const rollUpSums: readonly string[] = [
  "calls",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_tokens",
  "total_tokens",
  "cost_milli_usd",
  "cost_rest_pico_usd",
  "unpriced_calls",
  "duration_us",
  "timed_calls",
];

/** The primary key of an event's identity. */
export function identityOf(priced: PricedEvent): readonly [day: number, tenant: string, id: string] {
  return [Math.floor(priced.identityTimeMs / dayMs), priced.tenant, priced.id];
}

/** In the order of {@link identityColumns}. */
export function identityValues(priced: PricedEvent, sequence: number): Value[] {
  return [...identityOf(priced), priced.contentHash, sequence];
}

/** In the order of {@link eventColumns}. */
export function eventValues(priced: PricedEvent, sequence: number, bodyId: number | null): Value[] {
  const { event, cost } = priced;
  return [
    sequence,
    ...identityOf(priced),
    priced.eventTimeMs,
    priced.receivedAtMs,
    ...Object.values(dimensionsOf(event)),
    ...tokensOf(priced),
    durationUsOf(event),
    ...moneyOf(cost, null),
    cost.kind === "unpriced" ? cost.reason : null,
    cost.bookVersion,
    costLines(cost),
    JSON.stringify(priced.problems),
    encodedEvent(priced),
    bodyId,
    bodyId === null ? null : (priced.origin?.position ?? null),
  ];
}

/** The event as JSON. */
export function encodedEvent({ encoded, event }: PricedEvent): string {
  return encoded ?? encodeEvent(event);
}

/** In the order of {@link rollUpKeys}. */
export function rollUpKey(priced: PricedEvent): Value[] {
  return [
    bucketStartMs(priced.eventTimeMs),
    priced.tenant,
    ...Object.values(dimensionsOf(priced.event)).map((value) => value ?? ""),
  ];
}

/** What an event adds, in the order of {@link rollUpSums}; what is not known adds nothing. */
export function rollUpAdditions(priced: PricedEvent): (number | bigint)[] {
  const durationUs = durationUsOf(priced.event);
  return [
    1,
    ...tokensOf(priced).map((count) => count ?? 0),
    ...(moneyOf(priced.cost, 0) as (number | bigint)[]),
    priced.cost.kind === "unpriced" ? 1 : 0,
    durationUs ?? 0,
    durationUs === null ? 0 : 1,
  ];
}

function tokensOf({ event }: PricedEvent): readonly (number | null)[] {
  return [
    event.input_tokens,
    event.usage.input.cached ?? null,
    event.output_tokens,
    event.usage.output.reasoning ?? null,
    totalTokens(event),
  ];
}

function moneyOf(cost: EventCost, unpriced: Value): readonly Value[] {
  if (cost.kind === "unpriced") return [unpriced, unpriced];
  const { milliUsd, restPicoUsd } = splitMoney(cost.picoUsd);
  return [milliUsd, restPicoUsd];
}

/** JSON has no bigint: amounts are decimal texts. */
export function costLines(cost: EventCost): string {
  if (cost.kind === "unpriced") return "[]";
  const lines = cost.lines.map((line) => ({
    ...line,
    picoUsdEach: line.picoUsdEach.toString(),
    picoUsd: line.picoUsd.toString(),
  }));
  return JSON.stringify(lines);
}
