/** Takes out of stored events and bodies what says who made a call and for what. Numbers and times stay. */
import { gunzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";

import { canonicalEvent, emptyEvent, parseEvent } from "@cmdrdata/protocol";

/** @returns the event as JSON: what it used, under the tombstone; no metadata, ids, messages, or fields we do not know */
export function shredEvent(json: string, tombstone: string): string {
  const { event } = parseEvent(JSON.parse(json));
  return canonicalEvent({
    ...event,
    id: null,
    customer_id: tombstone,
    attribution_error: null,
    usage: { ...event.usage, raw: null },
    error: { ...event.error, message: null },
    request: { ...event.request, id: null, response_id: null },
    trace: emptyEvent.trace,
    metadata: {},
    extra: {},
  });
}

/** @returns the body, compressed with zstd, with null in these positions */
export function shredBody(body: Uint8Array, encoding: string, positions: ReadonlySet<number>): Uint8Array {
  const text = (encoding === "gzip" ? gunzipSync(body) : zstdDecompressSync(body)).toString();
  const value = JSON.parse(text) as unknown;
  const events = eventsOf(value);
  // One event alone is the body.
  const left = events === undefined ? null : events.map((event, position) => (positions.has(position) ? null : event));
  return zstdCompressSync(JSON.stringify(Array.isArray(value) || left === null ? left : { events: left }));
}

function eventsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  const { events } = value as { readonly events?: unknown };
  return Array.isArray(events) ? events : undefined;
}
