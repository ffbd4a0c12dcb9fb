import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { copyJsonObject, type FieldProblem, type JsonBounds } from "./json.ts";
import { textBytes } from "./text.ts";

const roomy: JsonBounds = { keys: 1_000, depth: 10, bytes: 100_000 };

function copy(source: object, bounds: Partial<JsonBounds> = {}) {
  const problems: FieldProblem[] = [];
  const value = copyJsonObject(source, { ...roomy, ...bounds }, "m", problems);
  return { value, problems: problems.map(({ code, field }) => `${code} ${field}`) };
}

describe("copyJsonObject", () => {
  it("copies plain JSON data unchanged", () => {
    const source = { a: 1, b: [true, null, { c: "x" }], d: { e: -0.5 } };
    expect(copy(source)).toEqual({ value: source, problems: [] });
  });

  it("stays within its bytes and keys, whatever comes in", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer({ min: 2, max: 300 }), (source, bytes) => {
        const { value } = copy(source, { bytes, keys: 20 });
        expect(new TextEncoder().encode(JSON.stringify(value)).length).toBeLessThanOrEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("says exactly which part it left out", () => {
    const source = {
      fn: () => 1,
      big: 1n,
      nan: Number.NaN,
      deep: { a: { b: 1 } },
      hole: [1, undefined, 3],
      "bad\u0000": 1,
    };
    const { value, problems } = copy(source, { depth: 2 });
    expect(value).toEqual({ deep: {}, hole: [1, 3] });
    expect(problems).toEqual([
      "CMDR_FIELD_TYPE m.fn",
      "CMDR_FIELD_TYPE m.big",
      "CMDR_FIELD_RANGE m.nan",
      "CMDR_FIELD_TOO_DEEP m.deep.a",
      "CMDR_FIELD_TYPE m.hole[1]",
      "CMDR_FIELD_CHARACTERS m",
    ]);
  });

  it("replaces control characters in texts", () => {
    expect(copy({ a: "x\u0000y\nz" })).toEqual({
      value: { a: "x\u{FFFD}y\u{FFFD}z" },
      problems: ["CMDR_FIELD_CHARACTERS m.a"],
    });
  });

  it("leaves out what has no room: a long text, a number, all after the last key", () => {
    expect(copy({ a: "x".repeat(50), b: 1 }, { bytes: 30 })).toEqual({
      value: { b: 1 },
      problems: ["CMDR_FIELD_TOO_LARGE m.a"],
    });
    expect(copy({ a: 12345678 }, { bytes: 10 })).toEqual({ value: {}, problems: ["CMDR_FIELD_TOO_LARGE m.a"] });
    expect(copy({ a: 1, b: 2, c: 3 }, { keys: 2 })).toEqual({
      value: { a: 1, b: 2 },
      problems: ["CMDR_FIELD_TOO_LARGE m"],
    });
    expect(copy({ a: [1, 2, 3] }, { keys: 2 })).toEqual({ value: { a: [1] }, problems: ["CMDR_FIELD_TOO_LARGE m.a"] });
  });

  it("survives a cycle", () => {
    const cyclic: Record<string, unknown> = { a: 1 };
    cyclic["self"] = cyclic;
    expect(copy(cyclic, { depth: 2 }).value).toEqual({ a: 1, self: { a: 1 } });
  });

  it("skips inherited keys and writes -0 as 0", () => {
    expect(copy(Object.assign(Object.create({ no: 1 }) as object, { yes: -0 })).value).toEqual({ yes: 0 });
  });

  it("reports at most twenty problems", () => {
    expect(copy(Object.fromEntries(Array.from({ length: 99 }, (_, i) => [i, undefined]))).problems).toHaveLength(20);
  });
});

describe("textBytes", () => {
  it("is the length of the text as JSON in UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!/[\p{Cc}]/u.test(text));
        expect(textBytes(text)).toBe(new TextEncoder().encode(JSON.stringify(text)).length);
      }),
    );
  });
});
