/**
 * UUIDs of version 7 (RFC 9562): 48 bits of time, then 74 bits that start at random and count up.
 *
 * Counting up (the RFC's "monotonic random", 6.2 method 2) costs a fraction of new random bits for every id. A new start
 * is drawn every 65,536 ids, so that two processes would have to draw starts that near to one another, of 2^74, and count
 * within the same millisecond, to make one id twice.
 */
import type { FillRandom } from "./random.ts";

const idsPerStart = 0x1_00_00;

/** @returns a function that makes the id of something that began at `epochMs` */
export function createUuidV7(random: FillRandom): (epochMs: number) => string {
  const drawn = new Uint8Array(10);
  let left = 0;
  let head = "";
  let counter = 0;
  let lastMs = Number.NaN;
  let start = "";
  return (epochMs) => {
    if (left === 0) {
      random(drawn);
      head = headOf(drawn);
      // Counts within 32 bits: the start leaves room for all ids it serves.
      counter = new DataView(drawn.buffer).getUint32(6) % (0x1_0000_0000 - idsPerStart);
      left = idsPerStart;
      lastMs = Number.NaN;
    }
    left -= 1;
    counter += 1;
    const last = counter % 0x1_00;
    // All but the last two digits stay the same for a while.
    if (epochMs !== lastMs || last === 0) {
      lastMs = epochMs;
      start = timeOf(epochMs) + head + hex(Math.floor(counter / 0x1_00), 6);
    }
    return start + (lastDigits[last] as string);
  };
}

const lastDigits = Array.from({ length: 0x1_00 }, (_, value) => hex(value, 2));

/** @param bytes - ten, that stand where an id has random ones */
export function uuidV7From(epochMs: number, bytes: Uint8Array): string {
  const last = new DataView(bytes.buffer, bytes.byteOffset).getUint32(6);
  return timeOf(epochMs) + headOf(bytes) + hex(last, 8);
}

function timeOf(epochMs: number): string {
  const time = hex(Math.trunc(epochMs), 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-`;
}

/** Version, variant, and all random bits but the last 32. */
function headOf(drawn: Uint8Array): string {
  const byte = (at: number, clear: number, set: number): string => hex(((drawn[at] as number) & clear) | set, 2);
  return `${byte(0, 0x0f, 0x70)}${byte(1, 0xff, 0)}-${byte(2, 0x3f, 0x80)}${byte(3, 0xff, 0)}-${byte(4, 0xff, 0)}${byte(5, 0xff, 0)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
