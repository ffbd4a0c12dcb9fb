/** What an event weighs in memory, roughly: on the user's path, without encoding it. */
import type { UsageEvent } from "@cmdrdata/protocol";

/** What an event's fixed fields weigh, as JSON and as objects. */
export const baseBytes = 1_500;
const bytesPerValue = 40;

/** A walk over the parts whose size is not fixed. */
export function weigh(event: UsageEvent): number {
  return baseBytes + weighJson(event.metadata) + weighJson(event.extra) + weighJson(event.usage.raw);
}

/** An event that cannot be weighed, as something that is no event at all, fits nowhere. */
export function weighSafely(event: UsageEvent): number {
  try {
    return weigh(event);
  } catch {
    return Infinity;
  }
}

function weighJson(value: unknown): number {
  if (typeof value === "string") return bytesPerValue + value.length * 2;
  if (typeof value !== "object" || value === null) return bytesPerValue;
  let bytes = bytesPerValue;
  const items = value as Readonly<Record<string, unknown>>;
  for (const name in items) {
    const item = items[name];
    bytes += name.length * 2 + (typeof item === "number" ? bytesPerValue : weighJson(item));
  }
  return bytes;
}
