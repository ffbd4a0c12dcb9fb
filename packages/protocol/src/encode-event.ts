/**
 * Writes an event for the wire.
 *
 * Promise: `parseEvent(JSON.parse(encodeEvent(e))).event` equals `e` for every event `parseEvent` can return. What reads
 * back as its default (`null`, `{}`, no error) is not written.
 */
import type { Latency, RequestInfo, SdkInfo, UsageEvent } from "./event.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

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
      size: usage.size,
      quality: usage.quality,
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
    region: request.region,
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

/** Whether none of an object's fields has a value. */
export function isEmpty(values: object): boolean {
  return filled(values) === undefined;
}

/**
 * The event's content in one canonical form: the same for two events with the same fields, in whatever order their keys
 * came. For hashing; not meant to be sent.
 */
export function canonicalEvent(event: UsageEvent): string {
  const { usage, error, trace, metadata } = event;
  // Rare, and not worth a second literal: an object puts names that are whole numbers first, whatever the order.
  if (!isEmpty(event.extra) || hasIndexName(metadata) || hasIndexName(usage.raw)) return canonical(toWire(event));
  return JSON.stringify({
    attribution_error: given(event.attribution_error),
    customer_id: given(event.customer_id),
    error: saysSomething(error) ? sortedError(error) : undefined,
    id: given(event.id),
    input_tokens: given(event.input_tokens),
    latency: sortedLatency(event.latency),
    metadata: isEmpty(metadata) ? undefined : sorted(metadata),
    model: given(event.model),
    operation: given(event.operation),
    output_tokens: given(event.output_tokens),
    provider: event.provider,
    request: sortedRequest(event.request),
    requested_model: given(event.requested_model),
    sdk: sortedSdk(event.sdk),
    service_tier: given(event.service_tier),
    timestamp: given(event.timestamp),
    total_tokens: given(event.total_tokens),
    trace: filled({ span_id: given(trace.span_id), trace_id: given(trace.trace_id) }),
    usage: sortedUsage(usage),
  } satisfies { readonly [Name in keyof Omit<UsageEvent, "extra">]: unknown });
}

function sortedUsage({ input, output, quantities, ...usage }: UsageEvent["usage"]): object {
  return {
    estimated_by: usage.estimated_by,
    input: filled({ audio: input.audio, cache_write: input.cache_write, cached: input.cached, image: input.image }),
    lower_bound: usage.lower_bound,
    output: filled({
      accepted_prediction: output.accepted_prediction,
      audio: output.audio,
      image: output.image,
      reasoning: output.reasoning,
      rejected_prediction: output.rejected_prediction,
    }),
    quality: usage.quality,
    quantities: isEmpty(quantities) ? undefined : sorted(quantities),
    raw: usage.raw === null ? undefined : sorted(usage.raw),
    size: usage.size,
    source: usage.source,
  };
}

function sortedError(error: UsageEvent["error"]): object {
  return {
    code: given(error.code),
    message: given(error.message),
    occurred: error.occurred,
    type: given(error.type),
  };
}

function sortedLatency(latency: Latency): object | undefined {
  return filled({
    duration_ms: given(latency.duration_ms),
    request_end_time: given(latency.request_end_time),
    request_start_time: given(latency.request_start_time),
    time_to_first_token_ms: given(latency.time_to_first_token_ms),
  } satisfies { readonly [Name in keyof Latency]: unknown });
}

function sortedRequest(request: RequestInfo): object | undefined {
  return filled({
    finish_reason: given(request.finish_reason),
    id: given(request.id),
    region: request.region,
    response_id: given(request.response_id),
    retry_count: given(request.retry_count),
    streaming: given(request.streaming),
    success: given(request.success),
  } satisfies { readonly [Name in keyof RequestInfo]: unknown });
}

function sortedSdk(sdk: SdkInfo): object | undefined {
  return filled({
    name: given(sdk.name),
    openai: given(sdk.openai),
    runtime: given(sdk.runtime),
    version: given(sdk.version),
  } satisfies { readonly [Name in keyof SdkInfo]: unknown });
}

/** A copy with its keys in order, on all levels. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const copy: Record<string, JsonValue> = {};
  for (const name of Object.keys(value).toSorted()) copy[name] = sorted(value[name] as JsonValue);
  return copy;
}

function startsWithDigit(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 0x30 && first <= 0x39;
}

/** Whether an object in the value has a name that begins with a digit. */
function hasIndexName(value: JsonValue): boolean {
  if (typeof value !== "object" || value === null) return false;
  for (const [name, item] of Object.entries(value)) {
    if ((!Array.isArray(value) && startsWithDigit(name)) || hasIndexName(item)) return true;
  }
  return false;
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
    else if (isJsonObject(present) && isJsonObject(value) && name !== "metadata") {
      const merged = { ...present };
      addUnknown(merged, value);
      wire[name] = merged;
    }
  }
}

function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(",")}}`;
}
