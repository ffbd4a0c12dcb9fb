/**
 * SHA-256 (FIPS 180-4), for the few places that need a digest at once and in every runtime: Node's own is not everywhere, and
 * the web's answers later. Not for secrets that an attacker may time, nor for more than some kilobytes.
 */

/** @returns 32 bytes: the digest of the text in UTF-8 */
export function sha256(text: string): Uint8Array<ArrayBuffer> {
  const blocks = padded(new TextEncoder().encode(text));
  const hash = Uint32Array.from(initial);
  const schedule = new Uint32Array(64);
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let index = 0; index < 16; index += 1) schedule[index] = blocks.getUint32(at + 4 * index);
    compress(hash, schedule);
  }
  const digest = new DataView(new ArrayBuffer(32));
  hash.forEach((value, index) => digest.setUint32(4 * index, value));
  return new Uint8Array(digest.buffer);
}

/** A one bit, zeros, and the length in bits: whole blocks of 64 bytes. */
function padded(message: Uint8Array): DataView {
  const { byteLength } = message;
  const bytes = new Uint8Array((((byteLength + 8) >> 6) + 1) * 64);
  bytes.set(message);
  bytes[byteLength] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(bytes.byteLength - 8, BigInt(byteLength) * 8n);
  return view;
}

/** @param schedule - its first 16 words are the block */
function compress(hash: Uint32Array, schedule: Uint32Array): void {
  for (let at = 16; at < 64; at += 1) {
    const [early, late] = [word(schedule, at - 15), word(schedule, at - 2)];
    const small0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const small1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    schedule[at] = word(schedule, at - 16) + small0 + word(schedule, at - 7) + small1;
  }
  let [a, b, c, d, e, f, g, h] = hash as unknown as Eight;
  for (let at = 0; at < 64; at += 1) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + big1 + ((e & f) ^ (~e & g)) + word(rounds, at) + word(schedule, at)) >>> 0;
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) >>> 0, c, b, a, (first + second) >>> 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, index) => (hash[index] = word(hash, index) + value));
}

type Eight = readonly [number, number, number, number, number, number, number, number];

function word(words: Uint32Array, index: number): number {
  return words[index] as number;
}

function rotate(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by));
}

/** The first 32 bits of the fractional parts of the roots of the first primes: square roots for the start, cube roots for the rounds. */
const primes = firstPrimes(64);
const initial = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const rounds = Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));

function fraction(value: number): number {
  return Math.floor((value % 1) * 2 ** 32);
}

function firstPrimes(count: number): readonly number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}
