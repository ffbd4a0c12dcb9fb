/**
 * One file of records, held by one claim: events are appended, then notes of those that have their outcome; when all have,
 * the file goes.
 *
 * Around each write it is made sure that the file is still where it was: if another process took this one for dead and
 * claimed the file meanwhile, or the folder vanished, what was just written may never be read, and is written again.
 */
import type { Disk } from "./disk.ts";
import { encodeDoneRecord, encodeEventRecord, readSegment } from "./record.ts";
import type { AdoptedEvent, SpoolEntry } from "./spool.ts";

/** A segment is not added to from this size on: what is read at once when it is adopted. */
export const segmentBytes: number = 256 * 1024;
/** When nothing in it is left without an outcome, the segment in use is given up from this size on. */
const worthRemoving = 32 * 1024;

/** The file is no longer there, or no longer this claim's. */
export class SegmentLostError extends Error {
  override readonly name = "SegmentLostError";
}

export class Segment {
  readonly #disk: Disk;
  readonly path: string;
  /** Only of the segment that is being written. */
  #file: number | undefined;
  #bytes: number;
  #lastNumber: number;
  readonly #live: Set<number>;
  /** Have their outcome, and the disk did not take the note yet. */
  #unnoted: number[] = [];
  /** The last line may have no end. */
  #torn: boolean;

  private constructor(disk: Disk, path: string, content: { bytes: number; lastNumber: number; live: Set<number> }) {
    this.#disk = disk;
    this.path = path;
    this.#bytes = content.bytes;
    this.#lastNumber = content.lastNumber;
    this.#live = content.live;
    this.#torn = content.bytes > 0;
  }

  /** @throws what the file system says */
  static create(disk: Disk, path: string): Segment {
    const segment = new Segment(disk, path, { bytes: 0, lastNumber: 0, live: new Set() });
    segment.#file = disk.fs.openSync(path, "ax", 0o600);
    return segment;
  }

  /** Reads a segment that was just claimed. @throws what the file system says */
  static read(disk: Disk, path: string): { segment: Segment; events: readonly AdoptedEvent[]; damaged: number } {
    const bytes = disk.fs.readFileSync(path);
    const { events, lastNumber, damaged } = readSegment(bytes, disk.crc32);
    const segment = new Segment(disk, path, { bytes: bytes.length, lastNumber, live: new Set(events.keys()) });
    const adopted = [...events].map(([number, json]) => ({ json, receipt: { segment, number } }));
    return { segment, events: adopted, damaged };
  }

  get bytes(): number {
    return this.#bytes;
  }

  get live(): number {
    return this.#live.size;
  }

  get full(): boolean {
    return this.#bytes >= segmentBytes;
  }

  exists(): boolean {
    return this.#disk.fs.existsSync(this.path);
  }

  /**
   * Appends these events with one write: all of them, or none.
   *
   * @param entries - where they replace an earlier version, one of this segment
   * @returns their numbers
   * @throws SegmentLostError, or what the file system says
   */
  append(entries: readonly SpoolEntry[]): readonly number[] {
    const first = this.#lastNumber + 1;
    const text = entries.map(({ json, replaces }, index) => {
      const replaced = replaces?.segment === this ? replaces.number : undefined;
      return encodeEventRecord(first + index, replaced, json, this.#disk.crc32);
    });
    // Before, so that it is mostly not written twice; afterwards, so that it is never not written.
    this.#mustExist();
    this.#write(text.join(""));
    this.#mustExist();
    this.#lastNumber += entries.length;
    for (const { replaces } of entries) if (replaces?.segment === this) this.#live.delete(replaces.number);
    const numbers = entries.map((_, index) => first + index);
    for (const number of numbers) this.#live.add(number);
    return numbers;
  }

  /** @returns whether the file is gone, since nothing in it is without an outcome. @throws what the file system says */
  done(numbers: readonly number[]): boolean {
    this.#unnoted.push(...numbers.filter((number) => this.#live.delete(number)));
    if (this.#live.size === 0 && (this.#file === undefined || this.#bytes >= worthRemoving)) {
      this.remove();
      return true;
    }
    if (this.#unnoted.length > 0) this.#write(encodeDoneRecord(this.#unnoted, this.#disk.crc32));
    this.#unnoted = [];
    return false;
  }

  /** Adds nothing more. */
  seal(): void {
    if (this.#file !== undefined) this.#disk.fs.closeSync(this.#file);
    this.#file = undefined;
  }

  remove(): void {
    this.seal();
    this.#disk.fs.rmSync(this.path, { force: true });
  }

  #mustExist(): void {
    if (!this.exists()) throw new SegmentLostError("the segment is gone");
  }

  #write(text: string): void {
    // Not created: a segment that is gone was claimed by another, who tells what becomes of its events.
    const file = this.#file ?? this.#disk.fs.openSync(this.path, appendOnly(this.#disk));
    try {
      this.#writeWhole(file, Buffer.from(this.#torn ? `\n${text}` : text));
    } finally {
      if (this.#file === undefined) this.#disk.fs.closeSync(file);
    }
  }

  /** A full disk takes the first part of a write: it is taken back, since it holds events that count as not written. */
  #writeWhole(file: number, bytes: Buffer): void {
    const { fs } = this.#disk;
    let written = 0;
    try {
      while (written < bytes.length) written += fs.writeSync(file, bytes, written);
      this.#torn = false;
    } catch (error) {
      this.#torn = true;
      fs.ftruncateSync(file, this.#bytes);
      written = 0;
      throw error;
    } finally {
      this.#bytes += written;
    }
  }
}

function appendOnly({ fs }: Disk): number {
  const { O_WRONLY, O_APPEND, O_NOFOLLOW } = fs.constants;
  return O_WRONLY | O_APPEND | (O_NOFOLLOW ?? 0);
}
