/**
 * Events that are held already and whose content is still to be made, off the path of the program's calls.
 *
 * Promise: each is finished exactly once, in the order it came: with what was made of it, or with nothing when making it
 * failed or it is older than `limitMs`. One is made at a time, each in a turn of the event loop of its own, so that many
 * do not add up to a pause. No timer keeps the process alive.
 */
import type { UsageEvent } from "@cmdrdata/protocol";

import type { Cancel, Clock } from "../clock.ts";
import type { HeldEvent } from "./held-event.ts";

/** Makes the whole event of a call whose fallback is held. May throw, reject, or never end. */
export type Complete = () => UsageEvent | Promise<UsageEvent>;

export interface Pending {
  add(held: HeldEvent, complete: Complete): void;
  /** Finishes those up to this number, without what was to be made. */
  giveUp(upTo: number): void;
  /** Finishes as many of those that wait, the newest first, as it takes to give back so much of their material. */
  giveBack(bytes: number): void;
}

interface Making {
  readonly held: HeldEvent;
  readonly complete: Complete;
}

/** @param finished - takes the event that was made, or `undefined` for the fallback */
export function createPending(clock: Clock, limitMs: number, finished: Finished): Pending {
  return new OneByOne(clock, limitMs, finished);
}

type Finished = (held: HeldEvent, made: UsageEvent | undefined) => void;

class OneByOne implements Pending {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #finished: Finished;
  #waiting: Making[] = [];
  #active: Making | undefined;
  /** Of the turn in which the next one starts, or of the active one's limit. */
  #cancelTimer: Cancel | undefined;

  constructor(clock: Clock, limitMs: number, finished: Finished) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#finished = finished;
  }

  add(held: HeldEvent, complete: Complete): void {
    this.#waiting.push({ held, complete });
    this.#plan();
  }

  giveUp(upTo: number): void {
    const late = this.#waiting.filter(({ held }) => held.number <= upTo);
    this.#waiting = this.#waiting.filter(({ held }) => held.number > upTo);
    if (this.#active !== undefined && this.#active.held.number <= upTo) this.#finish(this.#active, undefined);
    for (const { held } of late) this.#finished(held, undefined);
    if (this.#active === undefined && this.#waiting.length === 0) this.#stopTimer();
  }

  giveBack(bytes: number): void {
    let left = bytes;
    while (left > 0) {
      const newest = this.#waiting.pop();
      if (newest === undefined) return;
      left -= newest.held.materialBytes;
      this.#finished(newest.held, undefined);
    }
  }

  #plan(): void {
    if (this.#active !== undefined || this.#cancelTimer !== undefined || this.#waiting.length === 0) return;
    this.#cancelTimer = this.#clock.schedule(0, () => {
      this.#cancelTimer = undefined;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#start(next);
    });
  }

  #start(making: Making): void {
    this.#active = making;
    const leftMs = making.held.capturedAtMs + this.#limitMs - this.#clock.monotonicNow();
    if (leftMs <= 0) return this.#finish(making, undefined);
    this.#cancelTimer = this.#clock.schedule(leftMs, () => this.#finish(making, undefined));
    // In an async function, so that what it throws is a rejection like any other.
    void (async () => making.complete())().then(
      (made) => this.#finish(making, made),
      () => this.#finish(making, undefined),
    );
  }

  /** Once: what is made too late comes to nothing. */
  #finish(making: Making, made: UsageEvent | undefined): void {
    if (this.#active !== making) return;
    this.#active = undefined;
    this.#stopTimer();
    this.#finished(making.held, made);
    this.#plan();
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
