import { describe, expect, it } from "vitest";

import { fieldOf } from "./request-body.ts";

describe("fieldOf", () => {
  it("reads a JSON body and a form alike", () => {
    const form = new FormData();
    form.set("model", "whisper-1");
    expect(fieldOf({ model: "whisper-1" }, "model")).toBe("whisper-1");
    expect(fieldOf(form, "model")).toBe("whisper-1");
    expect(fieldOf(form, "seconds")).toBeNull();
  });

  it.each([undefined, null, "model", ["model"], {}, { get: () => "canary" }, new ReadableStream()])(
    "finds nothing in %o",
    (body) => expect(fieldOf(body, "model")).toBeUndefined(),
  );
});
