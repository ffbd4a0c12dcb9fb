import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { sseItems } from "./sse-items.ts";

const encoder = new TextEncoder();

function itemsIn(text: string, cuts: readonly number[] = []): unknown[] {
  const bytes = encoder.encode(text);
  const read = sseItems();
  const borders = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
  const items = borders.slice(1).flatMap((end, index) => read(bytes.subarray(borders[index], end)));
  return [...items, ...read(undefined)];
}

describe("sseItems", () => {
  it("gives the JSON of each event's data, and nothing for what is none", () => {
    const text = 'event: a\ndata: {"a":1}\n\n: a comment\n\ndata: {"b":\ndata: 2}\n\ndata: {oops\n\ndata: [DONE]\n\n';
    expect(itemsIn(text)).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it("takes any end of line, and data without a space", () => {
    expect(itemsIn('data:{"a":1}\r\n\r\ndata: {"b":2}\r\rdata: {"c":3}\n\n')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
  });

  it("leaves out an event that the stream breaks off in", () => {
    expect(itemsIn('data: {"a":1}\n\ndata: {"b":2}')).toEqual([{ a: 1 }]);
  });

  it("gives the same items however the bytes come", () => {
    const items = fc.array(fc.record({ text: fc.string({ unit: "grapheme" }) }), { maxLength: 6 });
    const end = fc.constantFrom("\n", "\r\n", "\r");
    fc.assert(
      fc.property(items, end, fc.array(fc.nat(400), { maxLength: 12 }), (list, line, cuts) => {
        const text = list.map((item) => `data: ${JSON.stringify(item)}${line}${line}`).join("");
        expect(itemsIn(text, cuts)).toEqual(list);
      }),
    );
  });
});
