import fc from "fast-check";
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { describe, expect, it } from "vitest";

import { describeError, nameOf } from "./error-message.ts";
import { errorTypeOf } from "./error-type.ts";

const httpError = (status: number, error: object | undefined, text?: string): APIError =>
  APIError.generate(status, error === undefined ? undefined : { error }, text, new Headers());

const lostConnection = new TypeError("terminated", { cause: Object.assign(new Error("…"), { code: "ECONNRESET" }) });

describe("errorTypeOf", () => {
  it.each([
    [new APIUserAbortError(), "aborted"],
    [new DOMException("This operation was aborted", "AbortError"), "aborted"],
    [new APIConnectionTimeoutError(), "timeout"],
    [new APIConnectionError({ message: "…" }), "connection"],
    [lostConnection, "connection"],
    [new TypeError("x is not a function"), "unknown"],
    [new SyntaxError("…"), "response_unreadable"],
    [httpError(400, {}), "bad_request"],
    [httpError(429, { code: "insufficient_quota" }), "insufficient_quota"],
    [httpError(503, {}), "server_error"],
    [httpError(413, {}), "http_error"],
    [new APIError(undefined, {}, undefined, undefined), "unknown"],
    [Object.assign(new Error("…"), { name: "FetchError", type: "system" }), "connection"],
    [Object.assign(new Error("…"), { name: "FetchError", type: "invalid-json" }), "response_unreadable"],
    ["thrown text", "unknown"],
    [undefined, "unknown"],
  ])("%s is %s", (error, type) => expect(errorTypeOf(error)).toBe(type));
});

describe("describeError", () => {
  it.each([
    [
      httpError(401, { message: "Incorrect API key provided: sk-abc***xyz.", code: "invalid_api_key" }),
      "401 Incorrect API key provided: [redacted]",
    ],
    [httpError(403, { message: "Bearer abc.def is not enough" }), "403 [redacted] is not enough"],
    [httpError(404, { message: "The model `gpt-9` does not exist" }), "404 The model `gpt-9` does not exist"],
    [httpError(404, { message: "No 'such long thing, really'" }), "404 No '…'"],
    [httpError(409, { message: "“so it says”" }), "409 “…”"],
    [httpError(429, undefined, "<html>What is a canary?</html>"), "429"],
    [
      httpError(400, {
        message: "canary",
        type: "invalid_request_error",
        code: "invalid_value",
        param: "messages[0].content",
      }),
      "400 invalid_request_error invalid_value (messages[0].content)",
    ],
    [httpError(400, { message: "canary", type: "canary with words", code: 7, param: "canary, too" }), "400"],
    [new APIConnectionError({ message: undefined, cause: lostConnection }), "Connection error."],
    [lostConnection, "TypeError (ECONNRESET)"],
    [new SyntaxError('Unexpected token, "canary" is not valid JSON'), "the answer is not valid JSON"],
    ["canary", "string"],
    [new (class extends Error {})("canary"), "object"],
  ])("of %s keeps: %s", (error, message) => expect(describeError(error).message).toBe(message));

  it("finds the code of the system below", () => {
    expect(describeError(new APIConnectionError({ message: "…", cause: lostConnection })).code).toBe("ECONNRESET");
    expect(describeError(new Error("…")).code).toBeNull();
    expect(describeError("…").code).toBeNull();
  });

  it("ends with causes that go round in a circle", () => {
    const error = new Error("…");
    error.cause = new Error("…", { cause: error });
    expect(describeError(error).code).toBeNull();
  });

  it("is at most 500 characters", () => {
    expect(describeError(httpError(404, { message: "x ".repeat(1_000) })).message).toHaveLength(500);
  });

  it("never repeats free text of an error that is about the input (C7)", () => {
    const words = fc.array(fc.constantFrom("canary", "two words", "sk-secret0", "'quoted canary'"), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.constantFrom(400, 413, 422, 500, 502), (parts, status) => {
        const text = parts.join(" ");
        const { message } = describeError(httpError(status, { message: text, type: text, param: `${text} .` }));
        expect(message.replace(String(status), "").replace(" canary", "")).toBe("");
      }),
    );
  });
});

it("takes a name, and nothing that looks like a key, for a name", () => {
  expect(["gpt-4o", "messages[0].content", "ft:gpt-4o:org::id"].map(nameOf)).not.toContain(null);
  expect(["two words", "sk-0123456789", "", 5, null, "x".repeat(65)].map(nameOf)).toEqual(Array(6).fill(null));
});
