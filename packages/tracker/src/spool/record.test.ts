import { crc32 } from "node:zlib";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { encodeDoneRecord, encodeEventRecord, readSegment } from "./record.ts";

const checksum = (data: string | Uint8Array): number => crc32(data);
const event = (number: number, text: string, replaces?: number): string =>
  encodeEventRecord(number, replaces, JSON.stringify({ text }), checksum);
const done = (...numbers: readonly number[]): string => encodeDoneRecord(numbers, checksum);
const read = (...records: readonly string[]) => readSegment(Buffer.from(records.join("")), checksum);
const texts = (...records: readonly string[]): unknown[] =>
  [...read(...records).events.values()].map((json) => (JSON.parse(json) as { readonly text: string }).text);

describe("a segment's records", () => {
  it("give back any text, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (all) => {
        expect(texts(...all.map((text, index) => event(index + 1, text)))).toEqual(all);
      }),
    );
  });

  it("leave out what has its outcome, and versions that were replaced", () => {
    expect(texts(event(1, "a"), event(2, "b"), event(3, "c"), done(3, 1))).toEqual(["b"]);
    expect(texts(event(1, "fallback"), event(2, "other"), event(3, "made", 1))).toEqual(["other", "made"]);
  });

  it("note many outcomes in few characters, however they are ordered", () => {
    const numbers = Array.from({ length: 1_000 }, (_, index) => 1_000 - index);
    expect(done(...numbers, 1_002)).toMatch(/ D1-1000,1002-1002\n$/);
  });

  it("survive a cut at any byte but for the record it is in", () => {
    const records = [event(1, "ä"), event(2, "b"), done(1), event(3, "c")];
    const whole = Buffer.from(records.join(""));
    const ends = records.map((_, index) => Buffer.byteLength(records.slice(0, index + 1).join("")));
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const { events, damaged } = readSegment(whole.subarray(0, cut), checksum);
      // A record is whole without its newline, which only ends it.
      const kept = ends.filter((end) => end - 1 <= cut).length;
      expect([...events.keys()], `cut at ${cut}`).toEqual([[], [1], [1, 2], [2], [2, 3]][kept]);
      const torn = cut > (kept === 0 ? 0 : (ends[kept - 1] ?? 0));
      expect(damaged).toBe(torn ? 1 : 0);
    }
  });

  it("go on after damage, which is counted", () => {
    const whole = read(event(1, "a"), event(2, "b"), event(3, "c"));
    expect([whole.damaged, whole.lastNumber]).toEqual([0, 3]);
    const broken = read(event(1, "a"), event(2, "b").replace("b", "x"), event(3, "c"), "\n", "garbage\n", done(3));
    expect([[...broken.events.keys()], broken.damaged]).toEqual([[1], 2]);
  });

  it("are not read from what only looks like one", () => {
    const odd = ["E1 - ", "D", "D1", "D1-x", "X1"].map((body) => {
      const crc = checksum(body).toString(16).padStart(8, "0");
      return `${crc} ${body.length} ${body}\n`;
    });
    expect(read(...odd.slice(1))).toMatchObject({ damaged: 4 });
    expect(read("00000000 1 E\n").damaged).toBe(1);
    expect(read(event(2, "a"), done(1, 2, 9_007_199_254_740_991)).events.size).toBe(0);
  });
});
