/**
 * Writes an event for the wire.
 *
 * Promise: `parseEvent(JSON.parse(encodeEvent(e))).event` equals `e` for every event `parseEvent` can return. What reads
 * back as its default (`null`, `{}`, no error) is not written.
 */
import type { Latency, RequestInfo, SdkInfo, UsageEvent } from "./event.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/**
 * Written out field by field, as one literal: built up in loops it costs three times as much, in the program of whoever
 * sends. A field without a value is `undefined`, which JSON leaves out.
 *
 * @returns the event as one line of JSON: the same value that {@link toWire} makes
 */
export function encodeEvent(event: UsageEvent): string {
  // Unknown fields go back to where they came from, into the sections too: rare, and not worth a second literal.
  if (!isEmpty(event.extra)) return JSON.stringify(toWire(event));
  const { usage, error, trace } = event;
  return JSON.stringify({
    id: given(event.id),
    customer_id: given(event.customer_id),
    attribution_error: given(event.attribution_error),
    provider: event.provider,
    operation: given(event.operation),
    model: given(event.model),
    requested_model: given(event.requested_model),
    service_tier: given(event.service_tier),
    input_tokens: given(event.input_tokens),
    output_tokens: given(event.output_tokens),
    total_tokens: given(event.total_tokens),
    timestamp: given(event.timestamp),
    usage: {
      source: usage.source,
      input: filled(usage.input),
      output: filled(usage.output),
      quantities: filled(usage.quantities),
      raw: given(usage.raw),
      estimated_by: usage.estimated_by,
      lower_bound: usage.lower_bound,
    },
    latency: latencyOf(event.latency),
    request: requestOf(event.request),
    trace: trace.trace_id === null && trace.span_id === null ? undefined : known(trace),
    sdk: sdkOf(event.sdk),
    error: saysSomething(error) ? known(error) : undefined,
    metadata: filled(event.metadata),
  } satisfies { readonly [Name in keyof Omit<UsageEvent, "extra">]: unknown });
}

function latencyOf(latency: Latency): object | undefined {
  return filled({
    request_start_time: given(latency.request_start_time),
    request_end_time: given(latency.request_end_time),
    duration_ms: given(latency.duration_ms),
    time_to_first_token_ms: given(latency.time_to_first_token_ms),
  } satisfies { readonly [Name in keyof Latency]: unknown });
}

function requestOf(request: RequestInfo): object | undefined {
  return filled({
    id: given(request.id),
    response_id: given(request.response_id),
    streaming: given(request.streaming),
    finish_reason: given(request.finish_reason),
    retry_count: given(request.retry_count),
    success: given(request.success),
  } satisfies { readonly [Name in keyof RequestInfo]: unknown });
}

function sdkOf(sdk: SdkInfo): object | undefined {
  return filled({
    name: given(sdk.name),
    version: given(sdk.version),
    openai: given(sdk.openai),
    runtime: given(sdk.runtime),
  } satisfies { readonly [Name in keyof SdkInfo]: unknown });
}

function given<Value>(value: Value | null): Value | undefined {
  return value === null ? undefined : value;
}

/** The section, if any of its fields has a value. */
function filled(values: object): object | undefined {
  for (const name in values) if ((values as Readonly<Record<string, unknown>>)[name] !== undefined) return values;
  return undefined;
}

function isEmpty(values: object): boolean {
  return filled(values) === undefined;
}

/**
 * The event's content in one canonical form: the same for two events with the same fields, in whatever order their keys
 * came. For hashing; not meant to be sent.
 */
export function canonicalEvent(event: UsageEvent): string {
  return canonical(toWire(event));
}

function toWire(event: UsageEvent): Record<string, JsonValue> {
  const { usage, latency, error, request, trace, metadata, sdk, extra, ...top } = event;
  const wire = known(top);
  const { input, output, quantities, source, ...rest } = usage;
  const counts = { ...section("input", input), ...section("output", output), ...section("quantities", quantities) };
  wire["usage"] = { source, ...counts, ...known(rest) };
  Object.assign(
    wire,
    section("latency", latency),
    section("request", request),
    section("trace", trace),
    section("sdk", sdk),
  );
  if (saysSomething(error)) wire["error"] = known(error);
  if (Object.keys(metadata).length > 0) wire["metadata"] = metadata;
  addUnknown(wire, extra);
  return wire;
}

function saysSomething({ occurred, type, code, message }: UsageEvent["error"]): boolean {
  return occurred || type !== null || code !== null || message !== null;
}

function section(name: string, values: object): Record<string, JsonValue> {
  const present = known(values);
  return Object.keys(present).length === 0 ? {} : { [name]: present };
}

function known(values: object): Record<string, JsonValue> {
  const present: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined) present[name] = value as JsonValue;
  }
  return present;
}

/** Puts the unknown fields back where they came from; a field this version knows is never overwritten. */
function addUnknown(wire: Record<string, JsonValue>, extra: JsonObject): void {
  for (const [name, value] of Object.entries(extra)) {
    // `wire` inherits from Object.prototype: a field named `constructor` is not there yet.
    const present = Object.hasOwn(wire, name) ? wire[name] : undefined;
    if (present === undefined) wire[name] = value;
    else if (isObject(present) && isObject(value) && name !== "metadata") {
      const merged = { ...present };
      addUnknown(merged, value);
      wire[name] = merged;
    }
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(",")}}`;
}
