import { describe, expect, it } from "vitest";

import { readEvents } from "./read-events.ts";

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

  it("leaves out what is not JSON", () => {
    expect(readEvents("data: {oops\n\nhello\n\n")).toEqual([]);
  });
});
