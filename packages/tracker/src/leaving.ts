/**
 * How a tracker leaves its process: it delivers what it holds while there is time, and keeps the rest on the disk.
 *
 * | at                                         | it                                                            |
 * | leave, something captured since the last   | sends all, within what is left of `exitFlushMs`               |
 * | leave, nothing captured since, or no time  | keeps what is held on the disk, at once                       |
 * | delivering, a request fails                | keeps it on the disk; without a disk goes on until its time   |
 * | delivering, the collector asks to wait     | the same, without a request                                   |
 *
 * The time is one for all attempts until everything was delivered: a process that goes on after each is not held up again
 * and again.
 */
import type { Clock } from "./clock.ts";
import type { Leaving } from "./exit/exit-hooks.ts";
import type { Spooling } from "./spooling.ts";

/** What leaving needs of the tracker. */
interface Leaver {
  readonly exitFlushMs: number;
  readonly clock: Pick<Clock, "monotonicNow">;
  readonly spooling: Pick<Spooling, "present" | "keepAll" | "release">;
  held(): number;
  /** Number of the event captured last. */
  lastNumber(): number;
  /** Sends all that is held. Resolves when that is done, after this time, or at {@link stop}. */
  deliver(withinMs: number): Promise<void>;
  stop(): void;
  /** After a failure no request goes before some time. */
  waits(): boolean;
  end(): void;
}

export interface TrackerLeaving extends Leaving {
  /** A request failed. */
  refused(): void;
  /** Adds to what is done by {@link lastCaptures}. */
  before(last: () => void): void;
  /** Takes what is captured only because there is nothing to wait for any more. */
  lastCaptures(): void;
}

export function createLeaving(leaver: Leaver): TrackerLeaving {
  return new LeavingOnce(leaver);
}

class LeavingOnce implements TrackerLeaving {
  readonly #leaver: Leaver;
  #delivering: Promise<void> | undefined;
  #triedUpTo = 0;
  #spentMs = 0;
  readonly #last: (() => void)[] = [];

  constructor(leaver: Leaver) {
    this.#leaver = leaver;
  }

  leave(isLast: boolean): Promise<void> | undefined {
    if (isLast) this.lastCaptures();
    if (this.#delivering !== undefined) return this.#delivering;
    const { exitFlushMs, spooling } = this.#leaver;
    const lastNumber = this.#leaver.lastNumber();
    const withinMs = exitFlushMs - this.#spentMs;
    if (this.#leaver.held() === 0) return undefined;
    if (lastNumber === this.#triedUpTo || withinMs <= 0) {
      spooling.keepAll();
      return undefined;
    }
    this.#triedUpTo = lastNumber;
    this.#delivering = this.#deliver(withinMs);
    if (spooling.present && this.#leaver.waits()) this.#leaver.stop();
    return this.#delivering;
  }

  before(last: () => void): void {
    this.#last.push(last);
  }

  lastCaptures(): void {
    for (const last of this.#last) {
      try {
        last();
      } catch {
        // Its faults must not keep the rest from being delivered.
      }
    }
  }

  refused(): void {
    if (this.#delivering !== undefined && this.#leaver.spooling.present) this.#leaver.stop();
  }

  keep(): void {
    this.lastCaptures();
    this.#leaver.spooling.keepAll();
    // So that the next process need not find out first that this one is dead.
    this.#leaver.spooling.release();
  }

  end(): void {
    this.lastCaptures();
    this.#leaver.end();
  }

  async #deliver(withinMs: number): Promise<void> {
    const { clock, spooling } = this.#leaver;
    const startMs = clock.monotonicNow();
    await this.#leaver.deliver(withinMs);
    this.#spentMs = this.#leaver.held() === 0 ? 0 : this.#spentMs + clock.monotonicNow() - startMs;
    this.#delivering = undefined;
    spooling.keepAll();
  }
}
