/**
 * The port of the spool: events on the disk, which outlive the process that captured them.
 *
 * P1 nothing here throws or waits for anything but the operating system. P2 what was written and has no outcome is found
 * by the next process, whatever this one's end. P3 what has its outcome is not found again, but for the moment between the
 * outcome and its note. P4 the files of a group stay within `spoolBytes`, what does not fit is refused by name.
 * P5 no two live processes of one host hold one claim; a claim that was lost all the same loses no event.
 */

import type { SpoolHealth } from "../health.ts";

/** Where an event lies in the spool. */
export interface Receipt {
  readonly segment: object;
  /** Counts up within the segment. */
  readonly number: number;
}

export interface SpoolEntry {
  /** The event as it is sent. */
  readonly json: string;
  /** An earlier version of the same event, which this one takes the place of. */
  readonly replaces?: Receipt | undefined;
}

/** `spool_full`: the bytes are used up. `spool_failed`: the disk does not take it, now. */
export type SpoolRefusal = "spool_full" | "spool_failed";

export interface SpoolWrite {
  /** Of the entries that were written: the first ones, in order. */
  readonly receipts: readonly Receipt[];
  /** Why the others were not; `undefined` when all were. */
  readonly refused: SpoolRefusal | undefined;
}

export interface AdoptedEvent {
  readonly json: string;
  readonly receipt: Receipt;
}

export interface Spool {
  /** Hands the entries to the operating system before it returns. */
  write(entries: readonly SpoolEntry[]): SpoolWrite;
  /** Notes that these events have their outcome. */
  done(receipts: readonly Receipt[]): void;
  /** Whether the event can still be found by another process. */
  keeps(receipt: Receipt): boolean;
  /** Writes the entries for whoever has room for them, this process or another: nobody's claim. @returns why not, of all */
  leave(entries: readonly SpoolEntry[]): SpoolRefusal | undefined;
  /** Claims one segment that nobody holds any more. @returns its events; `undefined` when there is none that fits */
  adopt(maxBytes: number): readonly AdoptedEvent[] | undefined;
  /** Says that this tracker is alive: at least every {@link beatEveryMs}. */
  beat(): void;
  /** Gives all claims up: what has no outcome is anybody's. A later write makes a new claim. */
  release(): void;
  health(): SpoolHealth;
}

/** So often a claim is renewed, and orphans are looked for. */
export const beatEveryMs = 10_000;
