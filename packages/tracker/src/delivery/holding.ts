/**
 * The events that have no outcome yet: queued, in a request, or waiting to be sent again.
 *
 * Promise: bounded in events and in bytes; an event is in exactly one place; whoever waits for an event is told when it,
 * and all before it, are gone.
 */
import { encodeBody, encodeEvent, type UsageEvent } from "@cmdrdata/protocol";

export interface HeldEvent {
  /** Counts up from 1, in the order of capture. */
  readonly number: number;
  readonly event: UsageEvent;
  /** What the event weighs in memory, roughly; taken once, at capture. */
  readonly bytes: number;
  /** Monotonic time of capture. */
  readonly capturedAtMs: number;
  /** The event as JSON, made when it is first put into a batch. */
  encoded?: string;
}

/** Events that are, were, or will be in one request. */
export interface Batch {
  readonly events: readonly HeldEvent[];
  /** Monotonic time of the first attempt to send any of them. */
  readonly firstSentAtMs: number;
}

/** Encoded events over the body's limit go into the next batch. */
interface BatchBounds {
  readonly batchEvents: number;
  readonly batchBytes: number;
}

export interface Holding {
  readonly events: number;
  readonly bytes: number;
  /** Events not yet put into a batch, oldest first. */
  readonly queue: readonly HeldEvent[];
  add(event: UsageEvent, capturedAtMs: number): HeldEvent;
  /** Takes the next batch from the queue, encoded; what cannot be encoded is handed to `onUnreadable` and let go. */
  takeBatch(bounds: BatchBounds, nowMs: number, onUnreadable: () => void): Batch | undefined;
  /** Counts an event out: it has its outcome. */
  release(event: HeldEvent): void;
  /** Number of the oldest event still held; Infinity when there is none. */
  oldest(): number;
  /** Every event still held, oldest first; they stay held until released. */
  all(): readonly HeldEvent[];
}

export function createHolding(): Holding {
  // Insertion order is capture order, and stays so: batches do not leave the map before their outcome.
  const held = new Map<number, HeldEvent>();
  let queue: HeldEvent[] = [];
  let bytes = 0;
  let captured = 0;
  const release = (event: HeldEvent): void => {
    if (held.delete(event.number)) bytes -= event.bytes;
  };
  return {
    get events() {
      return held.size;
    },
    get bytes() {
      return bytes;
    },
    get queue() {
      return queue;
    },
    add: (event, capturedAtMs) => {
      captured += 1;
      const added: HeldEvent = { number: captured, event, bytes: weigh(event), capturedAtMs };
      held.set(captured, added);
      queue.push(added);
      bytes += added.bytes;
      return added;
    },
    takeBatch: (bounds, nowMs, onUnreadable) => {
      const { taken, unreadable } = takeFitting(queue, bounds);
      for (const event of unreadable) {
        release(event);
        onUnreadable();
      }
      queue = queue.slice(taken.length + unreadable.length);
      return taken.length === 0 ? undefined : { events: taken, firstSentAtMs: nowMs };
    },
    release,
    oldest: () => held.keys().next().value ?? Infinity,
    all: () => [...held.values()],
  };
}

/** The longest start of the queue that fits into one body; at least one event. */
function takeFitting(queue: readonly HeldEvent[], bounds: BatchBounds) {
  const taken: HeldEvent[] = [];
  const unreadable: HeldEvent[] = [];
  let bytes = Buffer.byteLength(encodeBody([]));
  for (const held of queue) {
    if (taken.length >= bounds.batchEvents) break;
    const encoded = encode(held);
    if (encoded === undefined) {
      unreadable.push(held);
      continue;
    }
    // With its comma.
    bytes += Buffer.byteLength(encoded) + 1;
    if (bytes > bounds.batchBytes && taken.length > 0) break;
    taken.push(held);
  }
  return { taken, unreadable };
}

function encode(held: HeldEvent): string | undefined {
  try {
    return (held.encoded ??= encodeEvent(held.event));
  } catch {
    return undefined;
  }
}

/** Roughly what an event's fixed fields weigh, as JSON and as objects. */
const baseBytes = 1_500;
const bytesPerValue = 40;

/** On the user's path: a walk over the parts whose size is not fixed, no encoding. */
export function weigh(event: UsageEvent): number {
  return baseBytes + weighJson(event.metadata) + weighJson(event.extra) + weighJson(event.usage.raw);
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
