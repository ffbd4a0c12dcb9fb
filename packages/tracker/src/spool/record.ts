/**
 * What a segment is made of: one line per record, `<crc32> <bytes> <body>`, so that a torn or damaged record costs itself
 * and nothing after it.
 *
 * | body                        | says                                                     |
 * | `E<number> <replaces> JSON` | an event; `-`, or the number of the version it replaces  |
 * | `D<from>-<to>,…`            | these events have their outcome                          |
 */

/** The checksum of a text's UTF-8 bytes, or of bytes. */
export type Checksum = (data: string | Uint8Array) => number;

export interface SegmentContent {
  /** The events without an outcome, in the order they were written. */
  readonly events: ReadonlyMap<number, string>;
  /** The highest number used. */
  readonly lastNumber: number;
  /** Lines that are no whole record. */
  readonly damaged: number;
}

export function encodeEventRecord(
  number: number,
  replaces: number | undefined,
  json: string,
  checksum: Checksum,
): string {
  return encodeRecord(`E${number} ${replaces ?? "-"} ${json}`, checksum);
}

/** @param numbers - of one segment, at least one */
export function encodeDoneRecord(numbers: readonly number[], checksum: Checksum): string {
  return encodeRecord(`D${ranges(numbers)}`, checksum);
}

/** Reads what can be read, in whatever state the bytes are. */
export function readSegment(bytes: Buffer, checksum: Checksum): SegmentContent {
  const events = new Map<number, string>();
  let lastNumber = 0;
  let damaged = 0;
  for (const line of lines(bytes)) {
    const body = readRecord(line, checksum);
    const event = body === undefined ? null : /^E(\d+) (\d+|-) (.*)$/s.exec(body);
    if (event !== null) {
      const number = Number(event[1]);
      events.delete(Number(event[2]));
      events.set(number, event[3] ?? "");
      lastNumber = Math.max(lastNumber, number);
    } else if (body !== undefined && /^D\d+-\d+(,\d+-\d+)*$/.test(body)) {
      for (const number of numbersIn(body.slice(1), lastNumber)) events.delete(number);
    } else damaged += 1;
  }
  return { events, lastNumber, damaged };
}

function encodeRecord(body: string, checksum: Checksum): string {
  return `${checksum(body).toString(16).padStart(8, "0")} ${Buffer.byteLength(body)} ${body}\n`;
}

/** A last line without its end is torn, and comes as it is: its length is wrong, or it is whole after all. */
function* lines(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(10, start);
    const end = found === -1 ? bytes.length : found;
    if (end > start) yield bytes.subarray(start, end);
    start = end + 1;
  }
}

const spaceByte = 32;
const crcChars = 8;

function readRecord(line: Buffer, checksum: Checksum): string | undefined {
  const lengthEnd = line.indexOf(spaceByte, crcChars + 1);
  if (line[crcChars] !== spaceByte || lengthEnd === -1) return undefined;
  const head = line.toString("latin1", 0, lengthEnd);
  const body = line.subarray(lengthEnd + 1);
  const crc = checksum(body).toString(16).padStart(crcChars, "0");
  return head === `${crc} ${body.length}` ? body.toString("utf8") : undefined;
}

function ranges(numbers: readonly number[]): string {
  const found: { readonly from: number; to: number }[] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && number <= last.to + 1) last.to = number;
    else found.push({ from: number, to: number });
  }
  return found.map(({ from, to }) => `${from}-${to}`).join(",");
}

/** @param upTo - no event has a higher number, so that a wrong range is not a long loop */
function* numbersIn(text: string, upTo: number): Generator<number> {
  for (const range of text.split(",")) {
    const [from = 0, to = 0] = range.split("-").map(Number);
    for (let number = from; number <= Math.min(to, upTo); number += 1) yield number;
  }
}
