import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { eventReader, readEvents } from "./read-events.ts";

describe("readEvents", () => {
  it("gives the items of a stream, whatever ends its lines", () => {
    const text =
      'event: a\ndata: {"n":1}\n\n: a comment\n\ndata:{"n":2}\r\n\r\ndata: {"n":\rdata: 3}\r\rdata: [DONE]\n\n';
    expect(readEvents(text)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it("names the event of a run, as the SDK does", () => {
    expect(readEvents('event: thread.run.completed\ndata: {"id":"run_1"}\n\n')).toEqual([
      { event: "thread.run.completed", data: { id: "run_1" } },
    ]);
  });

  it("leaves out what is not JSON, and an event that the text breaks off in", () => {
    expect(readEvents('data: {oops\n\nhello\n\ndata: {"n":1}')).toEqual([]);
  });
});

describe("eventReader", () => {
  it("gives the same items however the text comes", () => {
    const items = fc.array(fc.record({ text: fc.string({ unit: "grapheme" }) }), { maxLength: 6 });
    const end = fc.constantFrom("\n", "\r\n", "\r");
    fc.assert(
      fc.property(items, end, fc.array(fc.nat(400), { maxLength: 12 }), (list, line, cuts) => {
        const text = list.map((item) => `data: ${JSON.stringify(item)}${line}${line}`).join("");
        const borders = [0, ...cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b), text.length];
        const read = eventReader();
        const seen = borders.slice(1).flatMap((to, index) => read(text.slice(borders[index], to)));
        expect([...seen, ...read(undefined)]).toEqual(list);
      }),
    );
  });
});
