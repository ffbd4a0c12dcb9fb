/**
 * The events that have no outcome yet: queued, in a request, or waiting to be sent again.
 *
 * Promise: bounded in events and in bytes; an event is in exactly one place; whoever waits for an event is told when it,
 * and all before it, are gone. An event whose content is still to be made is held, counted, and not in the queue yet.
 */
import { emptyEvent, encodeBody, encodeEvent, parseEvent, type UsageEvent } from "@cmdrdata/protocol";

export interface HeldEvent {
  /** Counts up from 1, in the order of capture. */
  readonly number: number;
  /** While its content is still to be made: what is sent when that fails. Once it is JSON it is read from that anew. */
  event: UsageEvent;
  /** What the event weighs in memory, roughly; taken at capture, and again when its content is made. */
  bytes: number;
  /** Of these bytes: what is held to make its content of. */
  materialBytes: number;
  /** Monotonic time of capture. */
  readonly capturedAtMs: number;
  /** The event as JSON, made when it is put into the queue, or else into a batch. Setting one of the two unsets the other. */
  encoded?: string | undefined;
}

/** Events that are, were, or will be in one request. */
export interface Batch {
  readonly events: readonly HeldEvent[];
  /** Monotonic time of the first attempt to send any of them. */
  readonly firstSentAtMs: number;
  /** One event, sent without a body of our form around it. */
  readonly bare: boolean;
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
  /** Holds an event that is not to be sent yet; {@link enqueue} puts it into the queue. */
  hold(event: UsageEvent, capturedAtMs: number, materialBytes: number): HeldEvent;
  /** Adds an event of another process as it came: it goes as this text. */
  addEncoded(encoded: string, takenAtMs: number): HeldEvent;
  /** Puts a held event where it belongs in the queue: with the content made of it, unless that is over `mostBytes` in all. */
  enqueue(held: HeldEvent, made: UsageEvent | undefined, mostBytes: number): void;
  /** Takes the next batch from the queue, encoded; what cannot be encoded is handed to `onUnreadable` and let go. */
  takeBatch(bounds: BatchBounds, nowMs: number, onUnreadable: () => void): Batch | undefined;
  /** Counts an event out: it has its outcome. */
  release(event: HeldEvent): void;
  /** Number of the oldest event still held; Infinity when there is none. */
  oldest(): number;
  /** The oldest event still held. */
  first(): HeldEvent | undefined;
  /** Every event still held, oldest first; they stay held until released. */
  all(): readonly HeldEvent[];
}

export function createHolding(): Holding {
  return new HeldEvents();
}

class HeldEvents implements Holding {
  /** Insertion order is capture order, and stays so: events do not leave the map before their outcome. */
  readonly #held = new Map<number, HeldEvent>();
  #queue: HeldEvent[] = [];
  #bytes = 0;
  #captured = 0;

  get events(): number {
    return this.#held.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get queue(): readonly HeldEvent[] {
    return this.#queue;
  }

  add(event: UsageEvent, capturedAtMs: number): HeldEvent {
    const added = this.hold(event, capturedAtMs, 0);
    // Now, a few microseconds for each: hundreds at once, for a batch, would be milliseconds for whoever comes after.
    encode(added);
    this.#queue.push(added);
    return added;
  }

  hold(event: UsageEvent, capturedAtMs: number, materialBytes: number): HeldEvent {
    const bytes = weigh(event) + materialBytes;
    return this.#keep(new Held(this.#nextNumber(), { event, bytes, materialBytes, capturedAtMs }));
  }

  addEncoded(encoded: string, takenAtMs: number): HeldEvent {
    const bytes = baseBytes + 2 * encoded.length;
    const added = new Held(this.#nextNumber(), { encoded, bytes, materialBytes: 0, capturedAtMs: takenAtMs });
    this.#queue.push(this.#keep(added));
    return added;
  }

  #nextNumber(): number {
    this.#captured += 1;
    return this.#captured;
  }

  #keep(held: HeldEvent): HeldEvent {
    this.#held.set(held.number, held);
    this.#bytes += held.bytes;
    return held;
  }

  enqueue(held: HeldEvent, made: UsageEvent | undefined, mostBytes: number): void {
    this.#bytes -= held.bytes;
    complete(held, made, mostBytes - this.#bytes);
    this.#bytes += held.bytes;
    encode(held);
    insert(this.#queue, held);
  }

  takeBatch(bounds: BatchBounds, nowMs: number, onUnreadable: () => void): Batch | undefined {
    const { taken, unreadable } = takeFitting(this.#queue, bounds);
    for (const event of unreadable) {
      this.release(event);
      onUnreadable();
    }
    this.#queue = this.#queue.slice(taken.length + unreadable.length);
    return taken.length === 0 ? undefined : { events: taken, firstSentAtMs: nowMs, bare: false };
  }

  release(event: HeldEvent): void {
    if (this.#held.delete(event.number)) this.#bytes -= event.bytes;
  }

  oldest(): number {
    return this.#held.keys().next().value ?? Infinity;
  }

  first(): HeldEvent | undefined {
    return this.#held.values().next().value;
  }

  all(): readonly HeldEvent[] {
    return [...this.#held.values()];
  }
}

type Content = Omit<HeldEvent, "number" | "event"> & { readonly event?: UsageEvent };

/**
 * An event is let go of as soon as it is JSON: thousands wait while the collector is away, and every young collection
 * copies what it finds of them, some forty objects for each event and one for its text.
 */
class Held implements HeldEvent {
  readonly number: number;
  bytes: number;
  materialBytes: number;
  readonly capturedAtMs: number;
  #event: UsageEvent | undefined;
  #encoded: string | undefined;

  constructor(number: number, { event, bytes, materialBytes, capturedAtMs, encoded }: Content) {
    this.number = number;
    this.bytes = bytes;
    this.materialBytes = materialBytes;
    this.capturedAtMs = capturedAtMs;
    this.#event = event;
    this.#encoded = encoded;
  }

  get event(): UsageEvent {
    return this.#event ?? readEvent(this.#encoded);
  }

  set event(event: UsageEvent) {
    this.#event = event;
    this.#encoded = undefined;
  }

  get encoded(): string | undefined {
    return this.#encoded;
  }

  set encoded(encoded: string | undefined) {
    this.#encoded = encoded;
    this.#event = undefined;
  }
}

/** Gives an event its content, if that fits into the room there is, and lets go of what it was made of. */
function complete(held: HeldEvent, made: UsageEvent | undefined, roomBytes: number): void {
  held.bytes -= held.materialBytes;
  held.materialBytes = 0;
  const madeBytes = made === undefined ? Infinity : weighSafely(made);
  if (made === undefined || madeBytes > roomBytes) return;
  held.event = made;
  held.bytes = madeBytes;
}

/** The queue is in the order of capture. Only younger events can have come in meanwhile, mostly few. */
function insert(queue: HeldEvent[], held: HeldEvent): void {
  queue.splice(queue.findLastIndex(({ number }) => number < held.number) + 1, 0, held);
}

/** The longest start of the queue that fits into one body; at least one event. */
function takeFitting(queue: readonly HeldEvent[], bounds: BatchBounds) {
  const taken: HeldEvent[] = [];
  const unreadable: HeldEvent[] = [];
  const body = createBodySize(bounds.batchBytes);
  for (const held of queue) {
    if (taken.length >= bounds.batchEvents) break;
    const encoded = encode(held);
    if (encoded === undefined) {
      unreadable.push(held);
      continue;
    }
    if (!body.add(encoded) && taken.length > 0) break;
    taken.push(held);
  }
  return { taken, unreadable };
}

/**
 * Adds up a body's bytes. A UTF-16 unit is at most three bytes of UTF-8, so that they are counted only from where that
 * could be too much on: counting costs as much as a third of encoding.
 *
 * @returns `add`, which says whether the body is within `maxBytes` with this event too
 */
function createBodySize(maxBytes: number): { add(encoded: string): boolean } {
  const emptyBody = utf8Bytes(encodeBody([]));
  const added: string[] = [];
  let atMost = emptyBody;
  let counted: number | undefined;
  return {
    add(encoded) {
      added.push(encoded);
      // With its comma.
      atMost += 3 * encoded.length + 1;
      if (atMost <= maxBytes) return true;
      counted =
        counted === undefined
          ? added.reduce((sum, each) => sum + utf8Bytes(each) + 1, emptyBody)
          : counted + utf8Bytes(encoded) + 1;
      return counted <= maxBytes;
    },
  };
}

const encoder = new TextEncoder();

function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
}

/** @returns the event as it is sent, made once; `undefined` when it cannot be encoded */
export function encode(held: HeldEvent): string | undefined {
  try {
    return (held.encoded ??= encodeEvent(held.event));
  } catch {
    return undefined;
  }
}

function readEvent(json: string | undefined): UsageEvent {
  try {
    return parseEvent(JSON.parse(String(json))).event;
  } catch {
    return emptyEvent;
  }
}

/** Roughly what an event's fixed fields weigh, as JSON and as objects. */
const baseBytes = 1_500;
const bytesPerValue = 40;

/** On the user's path: a walk over the parts whose size is not fixed, no encoding. */
export function weigh(event: UsageEvent): number {
  return baseBytes + weighJson(event.metadata) + weighJson(event.extra) + weighJson(event.usage.raw);
}

/** An event that cannot be weighed, as something that is no event at all, fits nowhere. */
function weighSafely(event: UsageEvent): number {
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
