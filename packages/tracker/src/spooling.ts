/**
 * Between the events a tracker holds and its spool: which of them are on the disk too, and where.
 *
 * Promise: an event that has its outcome is noted as done; one that is kept is written once; without a spool everything
 * here does nothing. Nothing throws.
 */
import type { Cancel, Clock } from "./clock.ts";
import type { HeldEvent } from "./delivery/held-event.ts";
import type { Holding } from "./delivery/holding.ts";
import { beatEveryMs, type Receipt, type Spool, type SpoolRefusal } from "./spool/spool.ts";

/** So long after a refusal nothing more is offered. */
const leaveAgainMs = 1_000;

export interface Spooling {
  /** Whether there is a disk to keep events on. */
  readonly present: boolean;
  /** Writes an event that was just captured, where that is wanted, or the new content of one that is on the disk. */
  captured(held: HeldEvent): void;
  /** Writes all that is held and is not on the disk. */
  keepAll(): Kept;
  /** Whether it is worth trying to {@link leave} something: not right after that was refused. */
  readonly takesMore: boolean;
  /** Writes these for whoever has room for them. @returns whether it did; they are then another's to count */
  leave(events: readonly HeldEvent[]): boolean;
  /** The event has its outcome; {@link note} tells the disk. */
  ended(held: HeldEvent): void;
  note(): void;
  /** From now on looks for what dead processes left, a segment per turn, as long as there is room. */
  start(adopting: Adopting): void;
  /** Takes in at once as much of it as there is room for. */
  adoptAll(): void;
  /** Gives the disk up; it is used again by whatever is kept later. */
  release(): void;
  /** Looks for nothing any more. */
  stop(): void;
}

/** What came of keeping all. */
interface Kept {
  /** Why not all are on the disk. */
  readonly refused: SpoolRefusal | undefined;
  has(held: HeldEvent): boolean;
}

/** Of the tracker that takes in what others left. */
interface Adopting {
  /** Not while nothing can be sent: what is on the disk is safe there. */
  wanted(): boolean;
  adopted(held: HeldEvent): void;
}

interface SpoolingConfig {
  /** `crash`: every event is kept as soon as it is captured, and again when the disk has failed meanwhile. */
  readonly durability: string;
  readonly queueEvents: number;
  readonly queueBytes: number;
}

export function createSpooling(
  holding: Holding,
  spool: Spool | undefined,
  clock: Clock,
  config: SpoolingConfig,
): Spooling {
  return new HeldOnDisk(holding, spool, clock, config);
}

class HeldOnDisk implements Spooling {
  readonly #holding: Holding;
  readonly #spool: Spool | undefined;
  readonly #clock: Clock;
  readonly #config: SpoolingConfig;
  readonly #everyCapture: boolean;
  readonly #receipts = new Map<HeldEvent, Receipt>();
  #ended: Receipt[] = [];
  #leaveAgainAtMs = 0;
  #adopting: Adopting | undefined;
  #cancel: Cancel | undefined;

  constructor(holding: Holding, spool: Spool | undefined, clock: Clock, config: SpoolingConfig) {
    this.#holding = holding;
    this.#spool = spool;
    this.#clock = clock;
    this.#config = config;
    this.#everyCapture = config.durability === "crash";
  }

  get present(): boolean {
    return this.#spool !== undefined;
  }

  captured(held: HeldEvent): void {
    if (this.#everyCapture || this.#receipts.has(held)) this.#write(held);
  }

  #write(held: HeldEvent): void {
    const json = held.json();
    if (this.#spool === undefined || json === undefined) return;
    const [receipt] = this.#spool.write([{ json, replaces: this.#receipts.get(held) }]).receipts;
    if (receipt !== undefined) this.#receipts.set(held, receipt);
  }

  keepAll(): Kept {
    if (this.#spool === undefined) return { refused: undefined, has: () => false };
    const has = this.#kept(this.#spool);
    const entries = this.#holding.all().flatMap((held) => {
      const json = has(held) ? undefined : held.json();
      return json === undefined ? [] : { held, json };
    });
    const { receipts, refused } = this.#spool.write(entries);
    for (const [index, receipt] of receipts.entries()) {
      const entry = entries[index];
      if (entry !== undefined) this.#receipts.set(entry.held, receipt);
    }
    return { refused, has: this.#kept(this.#spool) };
  }

  /** Looks for each file once: there may be thousands of events in few. */
  #kept(spool: Spool): (held: HeldEvent) => boolean {
    const segments = new Map<object, boolean>();
    return (held) => {
      const receipt = this.#receipts.get(held);
      if (receipt === undefined) return false;
      const kept = segments.get(receipt.segment) ?? spool.keeps(receipt);
      segments.set(receipt.segment, kept);
      return kept;
    };
  }

  get takesMore(): boolean {
    return this.#spool !== undefined && this.#clock.monotonicNow() >= this.#leaveAgainAtMs;
  }

  leave(events: readonly HeldEvent[]): boolean {
    if (this.#spool === undefined || !this.takesMore) return false;
    const entries = events.flatMap((held) => held.json() ?? []).map((json) => ({ json }));
    const left = entries.length === events.length && this.#spool.leave(entries) === undefined;
    if (!left) this.#leaveAgainAtMs = this.#clock.monotonicNow() + leaveAgainMs;
    return left;
  }

  ended(held: HeldEvent): void {
    const receipt = this.#receipts.get(held);
    if (receipt === undefined) return;
    this.#receipts.delete(held);
    this.#ended.push(receipt);
  }

  note(): void {
    if (this.#ended.length === 0) return;
    this.#spool?.done(this.#ended);
    this.#ended = [];
  }

  start(adopting: Adopting): void {
    if (this.#spool === undefined) return;
    this.#adopting = adopting;
    this.#turn(0);
  }

  adoptAll(): void {
    while (this.#adopt());
  }

  release(): void {
    this.#receipts.clear();
    this.#spool?.release();
  }

  stop(): void {
    this.#adopting = undefined;
    this.#cancel?.();
  }

  #turn(afterMs: number): void {
    this.#cancel = this.#clock.schedule(afterMs, () => {
      if (afterMs > 0) this.#spool?.beat();
      // What the disk did not take, or lost.
      if (afterMs > 0 && this.#everyCapture) this.keepAll();
      this.#turn(this.#adopt() ? 0 : beatEveryMs);
    });
  }

  /** @returns whether a segment was taken in, and there may be another */
  #adopt(): boolean {
    const roomBytes = this.#adopting?.wanted() === true ? this.#roomBytes() : undefined;
    const events = roomBytes === undefined ? undefined : this.#spool?.adopt(roomBytes);
    for (const { json, receipt } of events ?? []) {
      const held = this.#holding.addEncoded(json, this.#clock.monotonicNow());
      this.#receipts.set(held, receipt);
      this.#adopting?.adopted(held);
    }
    return events !== undefined;
  }

  /** Of segments: room is left for the program's own events. A segment too large for that comes in alone. */
  #roomBytes(): number | undefined {
    const { queueEvents, queueBytes } = this.#config;
    const { events, bytes } = this.#holding;
    if (events === 0) return Infinity;
    // In memory an event takes some four times of its bytes on the disk.
    return events > queueEvents / 2 ? undefined : (queueBytes / 2 - bytes) / 4;
  }
}
