import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { anyEvent, eventWith } from "../test/event-arbitrary.ts";
import {
  bodyTooLarge,
  canonicalEvent,
  CmdrdataError,
  encodeBody,
  emptyEvent,
  encodeEvent,
  errorCodes,
  isApiKey,
  limits,
  parseBody,
  parseEvent,
  parseReply,
  totalTokens,
  type JsonObject,
  type JsonValue,
} from "./index.ts";
import { readTimestamp } from "./timestamp.ts";

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (CmdrdataError.is(error)) return error.code;
    throw error;
  }
  return "none";
};

describe("parseBody", () => {
  it("takes one event, an array, or an object with events", () => {
    const one = { kind: "event", event: eventWith({ id: "a" }), problems: [] };
    expect(parseBody('{"id":"a"}')).toEqual([one]);
    expect(parseBody('[{"id":"a"}]')).toEqual([one]);
    expect(parseBody('{"events":[{"id":"a"}]}')).toEqual([one]);
    expect(parseBody(encodeBody([encodeEvent(one.event), "{}"]))).toHaveLength(2);
  });

  it("judges each event by itself", () => {
    const [first, second, third] = parseBody('[{"id":"a"},"not an event",{"id":"c"}]');
    expect([first?.kind, third?.kind]).toEqual(["event", "event"]);
    expect(second).toEqual({
      kind: "refused",
      code: "CMDR_EVENT_NOT_OBJECT",
      field: "event",
      message: "expected an event object, got a string",
    });
  });

  it("reads an event as parseEvent does, good or broken", () => {
    const names = fc.constantFrom(...Object.keys(emptyEvent), "id", "usage", "latency", "constructor", "surprise");
    const fields = fc.dictionary(names, fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.dictionary(names, fc.jsonValue())));
    const text = fc.oneof(
      anyEvent.map(encodeEvent),
      fields.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(text, (event) => {
        expect(parseBody(`[${event}]`)).toEqual([{ kind: "event", ...parseEvent(JSON.parse(event)) }]);
      }),
      { numRuns: 500 },
    );
    const forbidden = '{"__proto__":{"id":"a"},"latency":{"__proto__":1,"duration_ms":5}}';
    expect(parseBody(`[${forbidden}]`)).toEqual([{ kind: "event", ...parseEvent(JSON.parse(forbidden)) }]);
  });

  it("refuses whole what it cannot read", () => {
    expect(codeOf(() => parseBody("{"))).toBe("CMDR_BODY_NOT_JSON");
    expect(codeOf(() => parseBody("5"))).toBe("CMDR_BODY_SHAPE");
    expect(codeOf(() => parseBody("null"))).toBe("CMDR_BODY_SHAPE");
    expect(codeOf(() => parseBody('{"events":{}}'))).toBe("CMDR_BODY_SHAPE");
    expect(codeOf(() => parseBody(`[${"{},".repeat(limits.batchEvents)}{}]`))).toBe("CMDR_BATCH_TOO_MANY_EVENTS");
    expect(codeOf(() => parseBody(" ".repeat(limits.bodyBytes + 1)))).toBe("CMDR_BODY_TOO_LARGE");
    expect(bodyTooLarge(9).retryable).toBe(false);
  });
});

describe("encodeEvent", () => {
  it("writes what the canonical form says, whatever the event", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(JSON.parse(encodeEvent(event))).toEqual(JSON.parse(canonicalEvent(event)));
      }),
    );
  });
});

describe("canonicalEvent", () => {
  it("is the same whatever order the keys came in", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const shuffled: unknown = JSON.parse(encodeEvent(event), (_key, value: unknown) =>
          typeof value === "object" && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).toReversed())
            : value,
        );
        expect(canonicalEvent(parseEvent(shuffled).event)).toBe(canonicalEvent(event));
      }),
    );
  });

  it("has the names of all objects in order, which identities rest on", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(canonicalEvent(event)).toBe(inOrder(JSON.parse(encodeEvent(event)) as JsonValue));
      }),
    );
    const numbered = eventWith({
      metadata: { b: [{ "10": 1, "9": 2 }], a: null },
      usage: { ...emptyEvent.usage, raw: { z: [1], y: {} } },
    });
    expect(canonicalEvent(numbered)).toBe(
      '{"metadata":{"a":null,"b":[{"10":1,"9":2}]},"provider":"openai","usage":{"raw":{"y":{},"z":[1]},"source":"none"}}',
    );
  });

  it("differs when a field differs", () => {
    expect(canonicalEvent(eventWith({ input_tokens: 1 }))).not.toBe(canonicalEvent(eventWith({ input_tokens: 2 })));
  });

  it("never lets an unknown field overwrite a known one", () => {
    const event = eventWith({
      model: "gpt-4o",
      extra: { model: "other", usage: { source: "reported" }, metadata: { a: 1 } },
    });
    expect(JSON.parse(encodeEvent({ ...event, metadata: { b: 2 } }))).toMatchObject({
      model: "gpt-4o",
      usage: { source: "none" },
      metadata: { b: 2 },
    });
  });
});

describe("parseReply", () => {
  it("reads a full reply", () => {
    const rejected = [{ index: 2, id: "c", code: "CMDR_EVENT_NOT_OBJECT", field: "event", message: "no" }];
    const reply = { accepted: 1, duplicates: 1, conflicts: 1, rejected, flagged: [] };
    expect(parseReply(JSON.stringify(reply))).toEqual(reply);
  });

  it("reads a reply that leaves out what it has nothing to say about", () => {
    expect(parseReply('{"accepted":3}')).toEqual({
      accepted: 3,
      duplicates: 0,
      conflicts: 0,
      rejected: [],
      flagged: [],
    });
    expect(parseReply('{"accepted":0,"rejected":[{"index":0}]}').rejected).toEqual([
      { index: 0, id: null, code: "unknown", field: "event", message: "" },
    ]);
  });

  it.each([
    "<html>",
    "[]",
    "null",
    "5",
    "{}",
    '{"accepted":-1}',
    '{"accepted":1,"rejected":{}}',
    '{"accepted":1,"rejected":[7]}',
  ])("refuses %s: what became of the events is not known", (text) =>
    expect(codeOf(() => parseReply(text))).toBe("CMDR_REPLY_UNREADABLE"),
  );
});

describe("readTimestamp", () => {
  it.each([
    [1_700_000_000, "2023-11-14T22:13:20.000Z"],
    [1_700_000_000.5, "2023-11-14T22:13:20.500Z"],
    [1_700_000_000_123, "2023-11-14T22:13:20.123Z"],
    ["2026-11-23T10:00:00.123Z", "2026-11-23T10:00:00.123Z"],
    ["2026-11-23T10:00:00", "2026-11-23T10:00:00.000Z"],
    ["2026-11-23 10:00:00.123456", "2026-11-23T10:00:00.123Z"],
    ["2026-11-23T10:00:00,5+05:30", "2026-11-23T04:30:00.500Z"],
    ["2026-11-23T10:00-0800", "2026-11-23T18:00:00.000Z"],
    ["2024-02-29t00:00:00z", "2024-02-29T00:00:00.000Z"],
  ])("reads %s", (value, expected) => expect(readTimestamp(value)).toBe(expected));

  it.each([
    0,
    -1,
    Number.NaN,
    Infinity,
    1e18,
    true,
    null,
    "",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "1999-12-31T23:59:59Z",
    "now",
    "2026-11-23",
    "x".repeat(60),
  ])("reads no time from %s", (value) => expect(readTimestamp(value)).toBeUndefined());
});

describe("totalTokens", () => {
  it.each([
    [1, 2, 9, 9],
    [1, 2, null, 3],
    [1, null, null, 1],
    [null, 2, null, 2],
    [null, null, null, null],
  ])("of input %s, output %s, total %s is %s", (input_tokens, output_tokens, total_tokens, expected) => {
    expect(totalTokens({ input_tokens, output_tokens, total_tokens })).toBe(expected);
  });
});

describe("isApiKey", () => {
  it("knows the form of a key", () => {
    expect(isApiKey(`tk-${"a".repeat(20)}`)).toBe(true);
    expect(
      [undefined, "", "tk-short", `sk-${"a".repeat(30)}`, `tk-${"a".repeat(201)}`, `tk-${"ä".repeat(20)}`].some(
        isApiKey,
      ),
    ).toBe(false);
  });
});

describe("CmdrdataError", () => {
  it("is known by its brand and keeps its cause", () => {
    const error = new CmdrdataError("CMDR_OVERLOADED", "busy", { retryable: true, cause: "disk" });
    expect(error).toMatchObject({ name: "CmdrdataError", code: "CMDR_OVERLOADED", retryable: true, cause: "disk" });
    expect([error, new Error("x"), null, "CMDR"].map(CmdrdataError.is)).toEqual([true, false, false, false]);
  });

  it("has each of its codes in docs/errors.md, and no other", () => {
    const docs = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
    const documented = [...docs.matchAll(/^\| `(CMDR_[A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(documented.toSorted()).toEqual([...errorCodes].toSorted());
  });
});

describe("limits", () => {
  it("are what docs/wire-protocol.md says", () => {
    const docs = readFileSync(new URL("../../../docs/wire-protocol.md", import.meta.url), "utf8");
    for (const [name, value] of Object.entries(limits)) {
      expect(docs).toContain(`| \`${name}\` | ${value.toLocaleString("en-US")} |`);
    }
  });
});

function inOrder(value: JsonValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inOrder).join(",")}]`;
  const names = Object.keys(value).toSorted();
  return `{${names.map((name) => `${JSON.stringify(name)}:${inOrder((value as JsonObject)[name] as JsonValue)}`).join(",")}}`;
}
