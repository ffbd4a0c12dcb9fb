/**
 * The spool in a folder that any number of processes and threads share. Holds P1 to P5 of spool.ts.
 *
 * | state  | event                                  | to     | effect                                              |
 * | ok     | the disk refuses a write               | failed | refuses at once for `tryAgainMs`, says so           |
 * | failed | a write, at or after that              | ok     | says so, or waits again                             |
 * | ok     | no room within `maxBytes`              | full   | refuses what does not fit, says so                  |
 * | full   | a write for which there is room again  | ok     | says so                                             |
 * | any    | the claim or a segment is gone         | same   | makes a new claim, writes again what was not kept   |
 */
import type { Clock } from "../clock.ts";
import type { SpoolHealth } from "../health.ts";
import { type Claim, openClaim } from "./claim.ts";
import type { Disk } from "./disk.ts";
import { findOrphans, type Orphan, othersBytes } from "./group-folder.ts";
import type { Liver } from "./liveness.ts";
import { Segment, segmentBytes, SegmentLostError } from "./segment.ts";
import type { AdoptedEvent, Receipt, Spool, SpoolEntry, SpoolRefusal, SpoolWrite } from "./spool.ts";

export interface DiskSpoolParts {
  readonly disk: Disk;
  readonly liver: Liver;
  readonly clock: Pick<Clock, "monotonicNow">;
  /** Told once per change: a problem in words, or `undefined` when all is well again. */
  readonly onChange: (problem: string | undefined) => void;
}

/** So long after a failure the disk is left alone: what is captured meanwhile costs nothing. */
export const tryAgainMs = 1_000;
/** A record's own bytes beside its event's. */
const overheadBytes = 48;

/** Touches no file until there is something to write or to adopt. */
export function openDiskSpool(folder: string, maxBytes: number, parts: DiskSpoolParts): Spool {
  return new DiskSpool(folder, maxBytes, parts);
}

class DiskSpool implements Spool {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #parts: DiskSpoolParts;
  #claim: Claim | undefined;
  #segments = new Set<Segment>();
  #current: Segment | undefined;
  #segmentsMade = 0;
  #others = 0;
  #orphans: Orphan[] = [];
  #damaged = 0;
  #status: SpoolHealth["status"] = "ok";
  #problem: string | null = null;
  #tryAgainAtMs = 0;

  constructor(folder: string, maxBytes: number, parts: DiskSpoolParts) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#parts = parts;
  }

  write(entries: readonly SpoolEntry[]): SpoolWrite {
    const receipts: Receipt[] = [];
    const refused = this.#attempt(() => {
      while (receipts.length < entries.length) {
        const segment = this.#writable();
        const some = this.#fitting(entries, receipts.length, segment);
        if (some.length === 0) return false;
        const numbers = this.#append(segment, some);
        receipts.push(...(numbers ?? []).map((number) => ({ segment, number })));
      }
      return true;
    });
    return { receipts, refused };
  }

  leave(entries: readonly SpoolEntry[]): SpoolRefusal | undefined {
    const { disk } = this.#parts;
    return this.#attempt(() => {
      if (this.#usedBytes() + entries.reduce((sum, { json }) => sum + bytesOf(json), 0) > this.#maxBytes) return false;
      const segment = Segment.create(disk, this.#newPath());
      segment.append(entries);
      segment.seal();
      // An owner that never lived.
      disk.fs.renameSync(segment.path, disk.join(this.#folder, `${disk.randomId()}-1.seg`));
      this.#others += segment.bytes;
      return true;
    });
  }

  done(receipts: readonly Receipt[]): void {
    const numbers = new Map<object, number[]>();
    for (const { segment, number } of receipts) {
      const ofIt = numbers.get(segment);
      if (ofIt === undefined) numbers.set(segment, [number]);
      else ofIt.push(number);
    }
    for (const segment of this.#segments) {
      const ofIt = numbers.get(segment);
      if (ofIt !== undefined) this.#guard(() => segment.done(ofIt) && this.#forget(segment));
    }
  }

  keeps({ segment }: Receipt): boolean {
    return segment instanceof Segment && this.#segments.has(segment) && segment.exists();
  }

  adopt(maxBytes: number): readonly AdoptedEvent[] | undefined {
    return this.#guard(() => {
      if (this.#orphans.length === 0) this.#orphans = this.#scan();
      for (;;) {
        const [orphan] = this.#orphans;
        if (orphan === undefined || orphan.bytes > maxBytes) return undefined;
        this.#orphans.shift();
        const events = this.#take(orphan);
        if (events.length > 0) return events;
      }
    });
  }

  beat(): void {
    this.#guard(() => {
      try {
        this.#claim?.beat();
      } catch (error) {
        if (!isMissing(error)) throw error;
        // Taken for dead, or the folder vanished: what is written next is under a new claim.
        this.#giveUp();
      }
    });
  }

  release(): void {
    for (const segment of this.#segments) if (segment.live === 0) this.#guard(() => segment.remove());
    this.#giveUp();
  }

  health(): SpoolHealth {
    return {
      status: this.#status,
      folder: this.#folder,
      events: [...this.#segments].reduce((sum, { live }) => sum + live, 0),
      bytes: this.#usedBytes(),
      maxBytes: this.#maxBytes,
      damaged: this.#damaged,
      problem: this.#problem,
    };
  }

  /** The segment to write to: the current one, or a new one when that is full. */
  #writable(): Segment {
    if (this.#current?.full === true) {
      this.#current.seal();
      this.#current = undefined;
    }
    if (this.#current !== undefined) return this.#current;
    const { disk } = this.#parts;
    const segment = Segment.create(disk, this.#newPath());
    this.#segments.add(segment);
    this.#current = segment;
    this.#others = this.#countOthers();
    return segment;
  }

  #countOthers(): number {
    return othersBytes(this.#folder, this.#claim?.owner, this.#parts.disk);
  }

  #newPath(): string {
    const { disk, liver } = this.#parts;
    this.#claim ??= openClaim(this.#folder, disk, liver);
    this.#segmentsMade += 1;
    return disk.join(this.#folder, `${this.#claim.owner}-${this.#segmentsMade}.seg`);
  }

  /** As many entries as the segment and the room take; the first one even if it is larger than a segment. */
  #fitting(entries: readonly SpoolEntry[], from: number, segment: Segment): readonly SpoolEntry[] {
    const room = this.#maxBytes - this.#usedBytes();
    let bytes = 0;
    let to = from;
    for (; to < entries.length && !(to > from && segment.bytes + bytes >= segmentBytes); to += 1) {
      bytes += bytesOf(entries[to]?.json ?? "");
      if (bytes > room) break;
    }
    return entries.slice(from, to);
  }

  /** @returns `undefined` when the segment was lost, and a new one is to be tried. @throws when that is lost too */
  #append(segment: Segment, entries: readonly SpoolEntry[]): readonly number[] | undefined {
    try {
      const numbers = segment.append(entries);
      this.done(
        entries.flatMap(({ replaces }) => (replaces === undefined || replaces.segment === segment ? [] : replaces)),
      );
      return numbers;
    } catch (error) {
      if (!(error instanceof SegmentLostError)) throw error;
      const fresh = segment.live === 0 && this.#segments.size === 1;
      this.#giveUp();
      // Lost as soon as it was made: the folder goes faster than it can be made.
      if (fresh) throw error;
      return undefined;
    }
  }

  #usedBytes(): number {
    return [...this.#segments].reduce((sum, { bytes }) => sum + bytes, this.#others);
  }

  #scan(): Orphan[] {
    const { disk, liver } = this.#parts;
    const nowMs = (): number => {
      this.#claim ??= openClaim(this.#folder, disk, liver);
      this.#claim.beat();
      return this.#claim.beatAtMs();
    };
    return [...findOrphans(this.#folder, this.#claim?.owner, nowMs, disk, liver)];
  }

  /** @returns no events when another process was faster, or there are none left in it */
  #take({ path, bytes }: Orphan): readonly AdoptedEvent[] {
    const { disk } = this.#parts;
    const ownPath = this.#newPath();
    try {
      disk.fs.renameSync(path, ownPath);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
    const { segment, events, damaged } = Segment.read(disk, ownPath);
    this.#damaged += damaged;
    this.#others = Math.max(0, this.#others - bytes);
    if (events.length === 0) segment.remove();
    else this.#segments.add(segment);
    return events;
  }

  #forget(segment: Segment): void {
    this.#segments.delete(segment);
    if (this.#current === segment) this.#current = undefined;
  }

  /** What it held is another's to tell, or lost with the folder; {@link keeps} says no from now on. */
  #giveUp(): void {
    for (const segment of this.#segments) this.#guard(() => segment.seal());
    this.#guard(() => this.#claim?.release());
    this.#segments = new Set();
    this.#current = undefined;
    this.#claim = undefined;
    this.#orphans = [];
  }

  /** @param use - says whether all fitted into the room there is */
  #attempt(use: () => boolean): SpoolRefusal | undefined {
    const again = this.#parts.clock.monotonicNow() >= this.#tryAgainAtMs;
    if (this.#status === "failed" && !again) return "spool_failed";
    try {
      // Of a full spool, other processes may have taken their share away.
      if (this.#status === "full" && again) this.#others = this.#countOthers();
      if (!use()) return this.#refuse("spool_full", "its bytes are used up");
      this.#well();
      return undefined;
    } catch (error) {
      // The folder vanished: it is made again with the next claim.
      if (isMissing(error)) this.#giveUp();
      return this.#refuse("spool_failed", describe(error));
    }
  }

  #guard<Value>(use: () => Value): Value | undefined {
    try {
      return use();
    } catch (error) {
      this.#refuse("spool_failed", describe(error));
      return undefined;
    }
  }

  #refuse(refusal: SpoolRefusal, problem: string): SpoolRefusal {
    const before = this.#status;
    this.#status = refusal === "spool_full" ? "full" : "failed";
    this.#problem = problem;
    this.#tryAgainAtMs = this.#parts.clock.monotonicNow() + tryAgainMs;
    if (before !== this.#status) this.#parts.onChange(problem);
    return refusal;
  }

  #well(): void {
    if (this.#status === "ok") return;
    this.#status = "ok";
    this.#problem = null;
    this.#parts.onChange(undefined);
  }
}

/** About what an event takes in a segment. */
function bytesOf(json: string): number {
  return Buffer.byteLength(json) + overheadBytes;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** A system error's code and call, and not its path: that is said once, as the spool's folder. */
function describe(error: unknown): string {
  const { code, syscall, message } = error as Partial<NodeJS.ErrnoException>;
  return code === undefined ? String(message ?? error) : `${code} at ${syscall ?? "an access"}`;
}
