/**
 * The body of `POST /api/events`: one event, an array of events, or `{ "events": [...] }`.
 *
 * Promise: a body is refused whole only when it is too large, not JSON, neither object nor array, or holds too many
 * events; every event in it is then judged by itself.
 */
import { CmdrdataError, type ErrorCode } from "./errors.ts";
import { limits } from "./limits.ts";
import { type ParsedEvent, parseJsonEvent } from "./parse-event.ts";

/** One event of a body, or why it cannot be taken. */
export type BodyItem =
  | ({ readonly kind: "event" } & ParsedEvent)
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly field: string; readonly message: string };

/**
 * @param text - the body, decoded, at most 5 MiB
 * @returns one item per event, in order
 * @throws CmdrdataError `CMDR_BODY_TOO_LARGE`, `CMDR_BODY_NOT_JSON`, `CMDR_BODY_SHAPE` or `CMDR_BATCH_TOO_MANY_EVENTS`
 */
export function parseBody(text: string): readonly BodyItem[] {
  // A character is at most three bytes per UTF-16 unit; the exact size is checked by whoever holds the bytes.
  if (text.length > limits.bodyBytes) throw bodyTooLarge(text.length);
  const events = eventsOf(parseJson(text));
  if (events.length > limits.batchEvents) {
    throw new CmdrdataError(
      "CMDR_BATCH_TOO_MANY_EVENTS",
      `expected at most ${limits.batchEvents} events, got ${events.length}`,
    );
  }
  return events.map(parseItem);
}

/** Writes a batch of already encoded events as a body. */
export function encodeBody(encodedEvents: readonly string[]): string {
  return `{"events":[${encodedEvents.join(",")}]}`;
}

/** The error for a body over the limit. */
export function bodyTooLarge(bytes: number): CmdrdataError {
  return new CmdrdataError("CMDR_BODY_TOO_LARGE", `expected at most ${limits.bodyBytes} bytes, got ${bytes}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CmdrdataError("CMDR_BODY_NOT_JSON", `expected JSON, got ${text.length} characters that are not`, {
      cause,
    });
  }
}

function eventsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "object" && value !== null) {
    if (!Object.hasOwn(value, "events")) return [value];
    const { events } = value as { readonly events: unknown };
    if (Array.isArray(events)) return events;
  }
  throw new CmdrdataError("CMDR_BODY_SHAPE", 'expected one event, an array of events, or {"events": [...]}');
}

function parseItem(value: unknown): BodyItem {
  try {
    return { kind: "event", ...parseJsonEvent(value) };
  } catch (error) {
    // `parseJsonEvent` throws nothing else.
    const { code, message } = error as CmdrdataError;
    return { kind: "refused", code, field: "event", message };
  }
}
