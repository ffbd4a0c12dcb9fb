import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { EncodingName } from "./model-traits.ts";
import { longestRun, longestSlice, sliceLength, sliceText } from "./slice-text.ts";
import { loadTokenizer, type Tokenizer } from "./tokenizer.ts";

async function tokenizer(encoding: EncodingName): Promise<Tokenizer> {
  const loaded = await loadTokenizer(encoding);
  if (loaded === undefined) throw new Error("expected gpt-tokenizer to be installed");
  return loaded;
}

/** What makes the edges of words: letters of all kinds, marks, digits, apostrophes, breaks, halves of nothing. */
const letters = Array.from("aBßéé字กัيİ1² \n\t'’.,，。_/-\u200d");
const longer = ["  ", "\r\n", "'s", "'LL", "😀", "<|endoftext|>", '{"a":', "lorem ", "Ipsum", "12345", "e\u0301"];
const piece = fc.constantFrom(...letters, ...longer);
const text = fc.array(piece, { minLength: 200, maxLength: 400 }).map((pieces) => pieces.join(""));
/** Long enough for several slices; no run of one kind is too long. */
const longText = fc.tuple(text, fc.integer({ min: 20, max: 60 })).map(([part, times]) => part.repeat(times));

describe("sliceText", () => {
  it.each<EncodingName>(["o200k_base", "cl100k_base", "p50k_base", "r50k_base"])(
    "gives slices whose tokens add up to those of the text (%s)",
    async (encoding) => {
      const { count } = await tokenizer(encoding);
      fc.assert(
        fc.property(longText, (whole) => {
          const slices = [...sliceText(whole)];
          expect(slices.join("")).toBe(whole);
          expect(slices.reduce((sum, slice) => sum + count(slice), 0)).toBe(count(whole));
        }),
        { numRuns: 15 },
      );
    },
  );

  it("keeps slices short where there are words, and a short text whole", () => {
    const slices = [...sliceText("The canary sings. ".repeat(5_000))];
    expect(Math.max(...slices.map(({ length }) => length))).toBeLessThan(sliceLength + 20);
    expect([...sliceText("The canary sings.")]).toEqual(["The canary sings."]);
    expect([...sliceText("")]).toEqual([]);
  });

  it.each(["a", "字", " ", "!", "😀"])("cuts a run of %j that never ends, and counts it nearly right", async (unit) => {
    const { count } = await tokenizer("o200k_base");
    const run = unit.repeat(2_000 / unit.length);
    const slices = [...sliceText(`word ${run}1`)];
    expect(slices.join("")).toBe(`word ${run}1`);
    expect(Math.max(...slices.map(({ length }) => length))).toBeLessThanOrEqual(longestRun + 8);
    expect(slices.every((slice) => !/[\uD800-\uDBFF]$|^[\uDC00-\uDFFF]/.test(slice))).toBe(true);
    const sum = slices.reduce((tokens, slice) => tokens + count(slice), 0);
    expect(Math.abs(sum - count(`word ${run}1`))).toBeLessThanOrEqual(2 * slices.length);
  });

  it.each(["1", "a'", "😀1"])("ends a slice of %j repeated for ever, and counts it nearly right", async (unit) => {
    const { count } = await tokenizer("o200k_base");
    const whole = `${unit.repeat(200_000 / unit.length)}x`;
    const slices = [...sliceText(whole)];
    expect(slices.join("")).toBe(whole);
    expect(Math.max(...slices.map(({ length }) => length))).toBeLessThanOrEqual(sliceLength + longestSlice + 1);
    expect(slices.every((slice) => !/[\uD800-\uDBFF]$|^[\uDC00-\uDFFF]/.test(slice))).toBe(true);
    const sum = slices.reduce((tokens, slice) => tokens + count(slice), 0);
    expect(Math.abs(sum - count(whole))).toBeLessThanOrEqual(2 * slices.length);
  });
});
