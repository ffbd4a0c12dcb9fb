/**
 * Writes an event for the wire.
 *
 * Promise: `parseEvent(JSON.parse(encodeEvent(e))).event` equals `e` for every event `parseEvent` can return. What reads
 * back as its default (`null`, `{}`, no error) is not written.
 */
import type { UsageEvent } from "./event.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/** @returns the event as one line of JSON */
export function encodeEvent(event: UsageEvent): string {
  return JSON.stringify(toWire(event));
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
  const { input, output, quantities, raw, source } = usage;
  const counts = { ...section("input", input), ...section("output", output), ...section("quantities", quantities) };
  wire["usage"] = { source, ...counts, ...(raw === null ? {} : { raw }) };
  Object.assign(
    wire,
    section("latency", latency),
    section("request", request),
    section("trace", trace),
    section("sdk", sdk),
  );
  if (error.occurred || error.type !== null || error.code !== null || error.message !== null)
    wire["error"] = known(error);
  if (Object.keys(metadata).length > 0) wire["metadata"] = metadata;
  addUnknown(wire, extra);
  return wire;
}

function section(name: string, fields: object): Record<string, JsonValue> {
  const present = known(fields);
  return Object.keys(present).length === 0 ? {} : { [name]: present };
}

function known(fields: object): Record<string, JsonValue> {
  const present: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(fields)) {
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
