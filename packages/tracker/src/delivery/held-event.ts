/**
 * An event that has no outcome yet.
 *
 * It is let go of as soon as it is JSON: thousands wait while the collector is away, some forty objects each, which every
 * collection of garbage would have to look at. Whoever wants to know whose it was reads it anew.
 */
import { emptyEvent, encodeEvent, type EventWriter, parseEvent, type UsageEvent } from "@cmdrdata/protocol";

import type { Link } from "./chain.ts";
import { bytesOf, type KeptText, type TextPages, TextPlace } from "./text-pages.ts";

export interface HeldEvent {
  /** Counts up from 1, in the order of capture. */
  readonly number: number;
  /** What the event weighs in memory, roughly; taken at capture, when its content is made, and when it is JSON. */
  readonly bytes: number;
  /** Of these bytes: what is held to make its content of. */
  readonly materialBytes: number;
  /** Monotonic time of capture. */
  readonly capturedAtMs: number;
  /** While its content is still to be made: what is sent when that fails. Afterwards read anew each time. */
  readonly event: UsageEvent;
  /** As it is sent; made when it is put into the queue. `undefined` before that, and for what cannot be encoded. */
  readonly text: KeptText | undefined;
  /** The event as JSON; `undefined` when it cannot be encoded. */
  json(): string | undefined;
}

type Content = Pick<HeldEvent, "bytes" | "materialBytes" | "capturedAtMs">;

/** It is the place of its own text, and a link of the chain of all: one object for each event that waits, and no more. */
export class Held extends TextPlace implements HeldEvent, Link<Held> {
  readonly number: number;
  bytes: number;
  materialBytes: number;
  readonly capturedAtMs: number;
  before: Held | undefined;
  behind: Held | undefined;
  linked = false;
  #event: UsageEvent | undefined;

  constructor(number: number, event: UsageEvent | undefined, { bytes, materialBytes, capturedAtMs }: Content) {
    super();
    this.number = number;
    this.bytes = bytes;
    this.materialBytes = materialBytes;
    // A fraction would be an object of its own.
    this.capturedAtMs = Math.floor(capturedAtMs);
    this.#event = event;
  }

  get event(): UsageEvent {
    return this.#event ?? readEvent(this.text?.read());
  }

  set event(event: UsageEvent) {
    this.#event = event;
  }

  get text(): KeptText | undefined {
    return this.kept ? this : undefined;
  }

  json(): string | undefined {
    return this.text?.read() ?? encodeSafely(this.#event);
  }

  encode(pages: TextPages, writer: EventWriter): void {
    const event = this.#event;
    if (event === undefined) return;
    if (writeSafely(event, this, pages, writer)) return this.#letGo();
    const json = encodeSafely(event);
    if (json !== undefined) this.keep(json, pages);
  }

  keep(json: string, pages: TextPages): void {
    pages.keep(json, this);
    this.#letGo();
  }

  /** Its text tells all. */
  #letGo(): void {
    this.#event = undefined;
    this.bytes = Math.min(this.bytes, keptBytes + bytesOf(this));
  }
}

/** What is left of an event beside its text: this object, and an entry in the queue; rounded up generously. */
const keptBytes = 300;

function writeSafely(event: UsageEvent, place: TextPlace, pages: TextPages, writer: EventWriter): boolean {
  try {
    return pages.keepWritten(event, writer, place) !== undefined;
  } catch {
    return false;
  }
}

function encodeSafely(event: UsageEvent | undefined): string | undefined {
  try {
    return event === undefined ? undefined : encodeEvent(event);
  } catch {
    return undefined;
  }
}

function readEvent(json: string | undefined): UsageEvent {
  try {
    return json === undefined ? emptyEvent : parseEvent(JSON.parse(json)).event;
  } catch {
    return emptyEvent;
  }
}
