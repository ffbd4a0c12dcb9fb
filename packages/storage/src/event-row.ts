/** Maps an event to the values of its rows and to what it adds to the roll-up. */
import { encodeEvent, totalTokens } from "@cmdrdata/protocol";

import { bucketStartMs, dimensionsOf, durationUsOf } from "./dimensions.ts";
import type { Dimension, EventCost, PricedEvent } from "./store.ts";
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

/** What the rows of an event are made of: worked out once for all of them. */
export interface EventFacts {
  readonly priced: PricedEvent;
  readonly dimensions: Readonly<Record<Dimension, string | null>>;
  readonly totalTokens: number | null;
  readonly durationUs: number | null;
  /** `null` where the event is unpriced. */
  readonly milliUsd: number | bigint | null;
  readonly restPicoUsd: number | null;
}

export function factsOf(priced: PricedEvent): EventFacts {
  const { event, cost } = priced;
  const money = cost.kind === "priced" ? splitMoney(cost.picoUsd) : undefined;
  return {
    priced,
    dimensions: dimensionsOf(event),
    totalTokens: totalTokens(event),
    durationUs: durationUsOf(event),
    milliUsd: money === undefined ? null : plainNumber(money.milliUsd),
    restPicoUsd: money === undefined ? null : Number(money.restPicoUsd),
  };
}

/** Engines and sums are faster with numbers. Up to here a sum over the events of any batch is exact. */
const mostPlain = 2n ** 32n;

function plainNumber(amount: bigint): number | bigint {
  return amount <= mostPlain ? Number(amount) : amount;
}

/** The primary key of an event's identity. */
export function identityOf(priced: PricedEvent): readonly [day: number, tenant: string, id: string] {
  return [Math.floor(priced.identityTimeMs / dayMs), priced.tenant, priced.id];
}

/** In the order of {@link identityColumns}. */
export function identityValues(priced: PricedEvent, sequence: number): Value[] {
  return [...identityOf(priced), priced.contentHash, sequence];
}

/** In the order of {@link eventColumns}, written out: lists that are spread into one another cost twice as much. */
export function eventValues(facts: EventFacts, sequence: number, bodyId: number | null): Value[] {
  const { priced, dimensions } = facts;
  const { event, cost } = priced;
  return [
    sequence,
    Math.floor(priced.identityTimeMs / dayMs),
    priced.tenant,
    priced.id,
    priced.eventTimeMs,
    priced.receivedAtMs,
    dimensions.customer_id,
    dimensions.model,
    dimensions.operation,
    dimensions.provider,
    dimensions.service_tier,
    dimensions.error_type,
    event.input_tokens,
    event.usage.input.cached ?? null,
    event.output_tokens,
    event.usage.output.reasoning ?? null,
    facts.totalTokens,
    facts.durationUs,
    facts.milliUsd,
    facts.restPicoUsd,
    cost.kind === "unpriced" ? cost.reason : null,
    cost.bookVersion,
    costLines(cost),
    priced.problems.length === 0 ? "[]" : JSON.stringify(priced.problems),
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
export function rollUpKey({ priced, dimensions }: EventFacts): Value[] {
  return [
    bucketStartMs(priced.eventTimeMs),
    priced.tenant,
    dimensions.customer_id ?? "",
    dimensions.model ?? "",
    dimensions.operation ?? "",
    dimensions.provider ?? "",
    dimensions.service_tier ?? "",
    dimensions.error_type ?? "",
  ];
}

/** What an event adds, in the order of {@link rollUpSums}; what is not known adds nothing. */
export function rollUpAdditions(facts: EventFacts): (number | bigint)[] {
  const { event, cost } = facts.priced;
  return [
    1,
    event.input_tokens ?? 0,
    event.usage.input.cached ?? 0,
    event.output_tokens ?? 0,
    event.usage.output.reasoning ?? 0,
    facts.totalTokens ?? 0,
    facts.milliUsd ?? 0,
    facts.restPicoUsd ?? 0,
    cost.kind === "unpriced" ? 1 : 0,
    facts.durationUs ?? 0,
    facts.durationUs === null ? 0 : 1,
  ];
}

/** As JSON.stringify would write it. JSON has no bigint: amounts are decimal texts. */
export function costLines(cost: EventCost): string {
  if (cost.kind === "unpriced") return "[]";
  const lines = cost.lines.map(
    ({ unit, quantity, picoUsdEach, picoUsd, source }) =>
      `{"unit":${JSON.stringify(unit)},"quantity":${quantity},"picoUsdEach":"${picoUsdEach}","picoUsd":"${picoUsd}","source":${JSON.stringify(source)}}`,
  );
  return `[${lines.join(",")}]`;
}
