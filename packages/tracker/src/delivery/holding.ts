/**
 * The events that have no outcome yet: queued, in a request, or waiting to be sent again.
 *
 * Promise: bounded in events and in bytes; an event is in exactly one place; whoever waits for an event is told when it,
 * and all before it, are gone. An event whose content is still to be made is held, counted, and not in the queue yet.
 */
import { createEventWriter, type UsageEvent } from "@cmdrdata/protocol";

import { emptyBodyBytes } from "./batch-body.ts";
import { Chain } from "./chain.ts";
import { Held, type HeldEvent } from "./held-event.ts";
import { bytesOf, createTextPages } from "./text-pages.ts";
import { baseBytes, weigh, weighSafely } from "./weigh.ts";

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
  /** @param bytes - what it weighs */
  add(event: UsageEvent, capturedAtMs: number, bytes?: number): HeldEvent;
  /** Holds an event that is not to be sent yet; {@link enqueue} puts it into the queue. */
  hold(event: UsageEvent, capturedAtMs: number, materialBytes: number): HeldEvent;
  /** Adds an event of another process as it came: it goes as this text. */
  addEncoded(encoded: string, takenAtMs: number): HeldEvent;
  /** Puts a held event where it belongs in the queue: with the content made of it, unless that is over `mostBytes` in all. */
  enqueue(held: HeldEvent, made: UsageEvent | undefined, mostBytes: number): void;
  /** Takes the next batch from the queue, encoded; what cannot be encoded is handed to `onUnreadable` and let go. */
  takeBatch(bounds: BatchBounds, nowMs: number, onUnreadable: () => void): Batch | undefined;
  /** Counts an event out: it has its outcome. What it was can be read until another one is held. */
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
  /** In the order of capture: events do not leave it before their outcome. */
  readonly #held = new Chain<Held>();
  readonly #pages = createTextPages();
  readonly #writer = createEventWriter();
  #queue: Held[] = [];
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

  add(event: UsageEvent, capturedAtMs: number, bytes = weigh(event)): HeldEvent {
    const added = this.#keep(event, { bytes, materialBytes: 0, capturedAtMs });
    // Now, a few microseconds for each: hundreds at once, for a batch, would be milliseconds for whoever comes after.
    this.#weighAnew(added, () => added.encode(this.#pages, this.#writer));
    this.#queue.push(added);
    return added;
  }

  hold(event: UsageEvent, capturedAtMs: number, materialBytes: number): HeldEvent {
    return this.#keep(event, { bytes: weigh(event) + materialBytes, materialBytes, capturedAtMs });
  }

  addEncoded(encoded: string, takenAtMs: number): HeldEvent {
    const bytes = baseBytes + 2 * encoded.length;
    const added = this.#keep(undefined, { bytes, materialBytes: 0, capturedAtMs: takenAtMs });
    this.#weighAnew(added, () => added.keep(encoded, this.#pages));
    this.#queue.push(added);
    return added;
  }

  #keep(event: UsageEvent | undefined, content: Pick<Held, "bytes" | "materialBytes" | "capturedAtMs">): Held {
    this.#captured += 1;
    const held = new Held(this.#captured, event, content);
    this.#held.add(held);
    this.#bytes += held.bytes;
    return held;
  }

  enqueue(held: HeldEvent, made: UsageEvent | undefined, mostBytes: number): void {
    if (!(held instanceof Held) || !held.linked) return;
    this.#weighAnew(held, () => {
      complete(held, made, mostBytes - this.#bytes + held.bytes);
      held.encode(this.#pages, this.#writer);
    });
    insert(this.#queue, held);
  }

  #weighAnew(held: Held, change: () => void): void {
    const before = held.bytes;
    change();
    this.#bytes += held.bytes - before;
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

  release(held: HeldEvent): void {
    if (!(held instanceof Held) || !this.#held.delete(held)) return;
    this.#bytes -= held.bytes;
    held.free();
  }

  oldest(): number {
    return this.#held.first?.number ?? Infinity;
  }

  first(): HeldEvent | undefined {
    return this.#held.first;
  }

  all(): readonly HeldEvent[] {
    return this.#held.all();
  }
}

/** Gives an event its content, if that fits into the room there is, and lets go of what it was made of. */
function complete(held: Held, made: UsageEvent | undefined, roomBytes: number): void {
  held.bytes -= held.materialBytes;
  held.materialBytes = 0;
  const madeBytes = made === undefined ? Infinity : weighSafely(made);
  if (made === undefined || madeBytes > roomBytes) return;
  held.event = made;
  held.bytes = madeBytes;
}

/** The queue is in the order of capture. Only younger events can have come in meanwhile, mostly few. */
function insert(queue: Held[], held: Held): void {
  queue.splice(queue.findLastIndex(({ number }) => number < held.number) + 1, 0, held);
}

/** The longest start of the queue that fits into one body; at least one event. */
function takeFitting(queue: readonly Held[], bounds: BatchBounds) {
  const taken: Held[] = [];
  const unreadable: Held[] = [];
  let bodyBytes = emptyBodyBytes;
  for (const held of queue) {
    if (taken.length >= bounds.batchEvents) break;
    if (held.text === undefined) {
      unreadable.push(held);
      continue;
    }
    // With its comma.
    bodyBytes += bytesOf(held.text) + 1;
    if (bodyBytes > bounds.batchBytes && taken.length > 0) break;
    taken.push(held);
  }
  return { taken, unreadable };
}
