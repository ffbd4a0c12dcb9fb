import { describe, expect, it } from "vitest";

import { addIncludeUsage } from "./include-usage.ts";

const add = (body: object): string | undefined => addIncludeUsage(JSON.stringify(body), body);

describe("addIncludeUsage", () => {
  it("writes the option in front of the body as it is", () => {
    expect(add({ stream: true, n: 1 })).toBe('{"stream_options":{"include_usage":true},"stream":true,"n":1}');
    expect(add({ stream: true, stream_options: undefined })).toBe(
      '{"stream_options":{"include_usage":true},"stream":true}',
    );
  });

  it("adds it to the program's other stream options", () => {
    expect(add({ stream: true, stream_options: { other: 1 } })).toBe(
      '{"stream":true,"stream_options":{"other":1,"include_usage":true}}',
    );
    expect(add({ stream: true, stream_options: null })).toBe('{"stream":true,"stream_options":{"include_usage":true}}');
  });

  it.each([
    { stream: false },
    { n: 1 },
    { stream: true, stream_options: { include_usage: false } },
    { stream: true, stream_options: { include_usage: true } },
    { stream: true, stream_options: "odd" },
    { stream: true, toJSON: () => ({ stream: true }) },
    { stream: true, stream_options: { toJSON: () => ({ include_usage: true }) } },
    Object.create({ stream: true }),
    [],
  ])("leaves %o alone", (body) => expect(add(body)).toBeUndefined());

  it("leaves a body that is not JSON text alone", () => {
    expect(addIncludeUsage(new FormData(), { stream: true })).toBeUndefined();
    expect(addIncludeUsage("--boundary", { stream: true })).toBeUndefined();
  });
});
