import { emptyEvent, limits, type UsageEvent } from "../src/index.ts";
import { inputKinds, lowerBounds, outputKinds, quantityKinds } from "../src/event.ts";
import fc from "fast-check";

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });

const printable = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .filter((text) => text.trim() !== "" && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text));
const text = orNull(printable);
const count = fc.integer({ min: 0, max: limits.tokens });
const quantity = fc.double({ min: 0, max: limits.quantity, noNaN: true }).map((value) => value + 0);

const some = (kinds: readonly string[], value: fc.Arbitrary<number>) =>
  fc.record(Object.fromEntries(kinds.map((kind) => [kind, value])), { requiredKeys: [] });

const key = printable.filter((name) => name !== "__proto__");
const scalar = fc.oneof(printable, fc.boolean(), fc.constant(null), fc.integer());
const metadata = fc.dictionary(
  key,
  fc.oneof(
    scalar,
    fc.array(scalar, { maxLength: 3 }),
    fc.dictionary(key, scalar, { maxKeys: 3, noNullPrototype: true }),
  ),
  { maxKeys: 8, noNullPrototype: true },
);

/** Unknown fields: top-level ones and one in a known section, none of a name this version knows. */
const extra = fc.oneof(
  fc.constant({}),
  fc.record({ request_duration_ms: scalar, latency: fc.record({ queue_ms: fc.integer() }) }),
  fc.record({ constructor: scalar, toString: scalar, latency: fc.record({ valueOf: fc.integer() }) }),
  fc.record({ usage: fc.record({ input: fc.record({ video: fc.integer() }) }), extra: scalar }),
);

/** Any event that `parseEvent` can return. */
export const anyEvent: fc.Arbitrary<UsageEvent> = fc.record({
  id: text,
  customer_id: text,
  attribution_error: text,
  provider: printable,
  operation: text,
  model: text,
  requested_model: text,
  service_tier: text,
  input_tokens: orNull(count),
  output_tokens: orNull(count),
  total_tokens: orNull(count),
  usage: fc.record(
    {
      source: fc.constantFrom("reported" as const, "estimated" as const, "none" as const),
      input: some(inputKinds, count),
      output: some(outputKinds, count),
      quantities: some(quantityKinds, quantity),
      raw: orNull(metadata),
      estimated_by: printable,
      lower_bound: fc.constantFrom(...lowerBounds),
      size: printable,
      quality: printable,
    },
    { requiredKeys: ["source", "input", "output", "quantities", "raw"] },
  ),
  timestamp: orNull(
    fc
      .date({
        min: new Date("2000-01-01T00:00:00.000Z"),
        max: new Date("2099-12-31T23:59:59.999Z"),
        noInvalidDate: true,
      })
      .map((date) => date.toISOString()),
  ),
  latency: fc.record({
    request_start_time: orNull(quantity),
    request_end_time: orNull(quantity),
    duration_ms: orNull(quantity),
    time_to_first_token_ms: orNull(quantity),
  }),
  error: fc.record({ occurred: fc.boolean(), type: text, code: text, message: text }),
  request: fc.record(
    {
      id: text,
      response_id: text,
      streaming: orNull(fc.boolean()),
      finish_reason: text,
      retry_count: orNull(count),
      success: orNull(fc.boolean()),
      region: printable,
    },
    { requiredKeys: ["id", "response_id", "streaming", "finish_reason", "retry_count", "success"] },
  ),
  trace: fc.record({ trace_id: text, span_id: text }),
  metadata,
  sdk: fc.record({ name: text, version: text, openai: text, runtime: text }),
  extra,
});

/** `emptyEvent` with the given fields. */
export function eventWith(fields: Partial<UsageEvent>): UsageEvent {
  return { ...emptyEvent, ...fields };
}
