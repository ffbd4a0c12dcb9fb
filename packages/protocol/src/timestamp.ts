/** Reads the two forms of a timestamp that clients send: a number of seconds, or ISO 8601 text with or without a zone. */

/** From 2000-01-01 to 2100-01-01 UTC, in epoch milliseconds: outside of it a clock is broken, not early or late. */
const earliestMs = 946_684_800_000;
const latestMs = 4_102_444_800_000;

/** A number at or above this many "seconds" (year 5138) can only be milliseconds. */
const firstMilliseconds = 100_000_000_000;

const isoForm = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?\s?(Z|z|[+-]\d{2}:?\d{2})?$/;

/**
 * @param value - seconds since 1970 (integer or fraction; from 1e11 on, milliseconds), or ISO 8601 text; without a zone it is UTC
 * @returns RFC 3339 text in UTC with milliseconds, or `undefined` when the value is no time between 2000 and 2100
 */
export function readTimestamp(value: unknown): string | undefined {
  if (typeof value === "string" && isWritten(value)) return value;
  const epochMs =
    typeof value === "number" ? fromNumber(value) : typeof value === "string" ? fromText(value) : Number.NaN;
  if (!(epochMs >= earliestMs && epochMs < latestMs)) return undefined;
  return new Date(epochMs).toISOString();
}

/** Whether a text is as we write it: as every event of our own SDKs has it. What reads back as itself is a day that exists. */
function isWritten(text: string): boolean {
  if (text.length !== 24) return false;
  const epochMs = Date.parse(text);
  return epochMs >= earliestMs && epochMs < latestMs && new Date(epochMs).toISOString() === text;
}

function fromNumber(value: number): number {
  return Math.floor(value >= firstMilliseconds ? value : value * 1_000);
}

function fromText(text: string): number {
  const match = text.length <= 48 ? isoForm.exec(text) : null;
  if (match === null) return Number.NaN;
  const [, day, time, fraction = "0", zone = "Z"] = match;
  const millis = fraction.padEnd(3, "0").slice(0, 3);
  const seconds = time?.length === 5 ? `${time}:00` : time;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  return validDay(day as string) ? Date.parse(`${day}T${seconds}.${millis}${offset}`) : Number.NaN;
}

/** `Date.parse` turns 30 February into 2 March; a date that does not exist is no time. */
function validDay(day: string): boolean {
  const epochMs = Date.parse(`${day}T00:00:00.000Z`);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(day);
}
