/** Events for the contract suite: one made by hand, and arbitrary ones that share their dimensions often. */
import { emptyEvent, type UsageEvent } from "@cmdrdata/protocol";
import * as fc from "fast-check";

import { bucketMs, type EventCost, type PricedEvent } from "../store.ts";

/** 2026-11-23T10:00:00Z, on a bucket boundary. */
export const baseMs = 1_795_428_000_000;

/** What differs from a plain priced call; `event` is laid over a plain event. */
export interface Sample {
  readonly tenant?: string;
  readonly id?: string;
  readonly eventTimeMs?: number;
  readonly identityTimeMs?: number;
  readonly receivedAtMs?: number;
  readonly contentHash?: string;
  readonly doubts?: PricedEvent["doubts"];
  readonly origin?: PricedEvent["origin"];
  readonly cost?: EventCost;
  readonly event?: Partial<UsageEvent>;
}

export function priced(picoUsd: bigint): EventCost {
  const line = { unit: "input_tokens", quantity: 1, picoUsdEach: picoUsd, picoUsd, source: "contract" };
  return { kind: "priced", picoUsd, bookVersion: "contract", lines: [line] };
}

export const unpriced: EventCost = { kind: "unpriced", reason: "model_unknown", bookVersion: "contract" };

/** A call of 15 tokens in and 25 out, which cost 1,000 pico-dollars. */
export function sampleEvent(sample: Sample = {}): PricedEvent {
  const { event, ...rest } = sample;
  return {
    tenant: "acme",
    id: "event-1",
    identityTimeMs: baseMs,
    eventTimeMs: baseMs,
    receivedAtMs: baseMs + 50,
    contentHash: "hash-1",
    problems: [],
    cost: priced(1_000n),
    ...rest,
    event: { ...plainEvent, ...event },
  };
}

const plainEvent: UsageEvent = {
  ...emptyEvent,
  customer_id: "customer-1",
  operation: "chat.completions",
  model: "gpt-4o",
  input_tokens: 15,
  output_tokens: 25,
  total_tokens: 40,
  usage: { ...emptyEvent.usage, source: "reported", input: { cached: 5 }, output: { reasoning: 7 } },
  latency: { ...emptyEvent.latency, duration_ms: 812.5 },
};

const oneOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const count = fc.option(fc.oneof(fc.nat(2_000), fc.integer({ min: 0, max: 1_000_000_000_000 })));

const error = oneOf(
  emptyEvent.error,
  { ...emptyEvent.error, occurred: true },
  { ...emptyEvent.error, occurred: true, type: "rate_limit" },
  { ...emptyEvent.error, type: "not counted" },
);

const details = (name: string): fc.Arbitrary<Readonly<Record<string, number>>> =>
  count.map((value) => (value === null ? {} : { [name]: value }));

const event: fc.Arbitrary<Partial<UsageEvent>> = fc
  .record({
    customer_id: oneOf(null, "a", "A", "acme/team:7@example.com", "zoë 🙂"),
    provider: oneOf("openai", "azure"),
    operation: oneOf(null, "chat.completions", "embeddings"),
    model: oneOf(null, "gpt-4o", "ft:gpt-4o:org::id"),
    requested_model: oneOf(null, "gpt-4o"),
    service_tier: oneOf(null, "default", "flex"),
    input_tokens: count,
    output_tokens: count,
    total_tokens: count,
    error,
    metadata: oneOf({}, { team: "blue" }, { team: "red", feature: "chat" }, { team: 7 }, { team: null }),
    input: details("cached"),
    output: details("reasoning"),
    duration_ms: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true })),
  })
  .map(({ input, output, duration_ms, ...fields }) => ({
    ...fields,
    usage: { ...emptyEvent.usage, input, output },
    latency: { ...emptyEvent.latency, duration_ms },
  }));

const cost: fc.Arbitrary<EventCost> = fc.oneof(
  fc.bigInt({ min: 0n, max: 5_000_000_000n }).map(priced),
  fc.bigInt({ min: 0n, max: 10n ** 21n }).map(priced),
  fc.constant(unpriced),
);

/** A value that a dimension of {@link anySample} may have, and one that none has. */
export const anyValue: fc.Arbitrary<string | null> = oneOf(
  null,
  "a",
  "A",
  "zoë 🙂",
  "gpt-4o",
  "openai",
  "flex",
  "chat.completions",
  "rate_limit",
  "nothing",
);

/** The buckets that {@link anySample} falls in, from {@link baseMs}. */
export const sampleBuckets = 12;

/** Any event of one day, with an id that comes twice now and then. */
export const anySample: fc.Arbitrary<Sample> = fc.record({
  id: fc.nat(200).map((number) => `event-${number}`),
  eventTimeMs: fc.nat(sampleBuckets * bucketMs - 1).map((offset) => baseMs + offset),
  contentHash: oneOf("hash-1", "hash-2"),
  event,
  cost,
});
