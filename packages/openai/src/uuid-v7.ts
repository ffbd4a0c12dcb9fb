/**
 * UUIDs of version 7 (RFC 9562): 48 bits of time, then 74 random bits.
 *
 * Ids made in one millisecond are in no particular order. Random bytes are taken for many ids at once, since each
 * request to the system costs more than the id itself.
 */
import type { FillRandom } from "./random.ts";

const bytesPerId = 10;
const idsPerFill = 64;

/** @returns a function that makes the id of something that began at `epochMs` */
export function createUuidV7(random: FillRandom): (epochMs: number) => string {
  const pool = new Uint8Array(bytesPerId * idsPerFill);
  let used = pool.length;
  return (epochMs) => {
    if (used === pool.length) {
      random(pool);
      used = 0;
    }
    const id = format(epochMs, pool, used);
    used += bytesPerId;
    return id;
  };
}

const hexOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function format(epochMs: number, random: Uint8Array, from: number): string {
  const time = Math.trunc(epochMs).toString(16).padStart(12, "0");
  const hex = (at: number): string => hexOf[random[from + at] as number] as string;
  const versioned = hexOf[0x70 | ((random[from] as number) & 0x0f)] as string;
  const varied = hexOf[0x80 | ((random[from + 2] as number) & 0x3f)] as string;
  const last = hex(4) + hex(5) + hex(6) + hex(7) + hex(8) + hex(9);
  return `${time.slice(0, 8)}-${time.slice(8)}-${versioned}${hex(1)}-${varied}${hex(3)}-${last}`;
}
