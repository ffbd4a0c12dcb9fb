import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { anyEvent, eventWith } from "../test/event-arbitrary.ts";
import { CmdrdataError, customerIdProblem, emptyEvent, encodeEvent, limits, parseEvent } from "./index.ts";

const parse = (value: unknown) => parseEvent(value).event;
const problemsOf = (value: unknown) => parseEvent(value).problems.map(({ code, field }) => `${code} ${field}`);

describe("parseEvent", () => {
  it("reads back what encodeEvent wrote, for every event", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const parsed = parseEvent(JSON.parse(encodeEvent(event)));
        expect(parsed.event).toEqual(event);
        expect(parsed.problems.filter(({ code }) => code !== "CMDR_FIELD_INCONSISTENT")).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("throws nothing but its own error, whatever comes in, and only for what is no object", () => {
    const anything = fc.anything({
      withNullPrototype: true,
      withMap: true,
      withSet: true,
      withDate: true,
      withBigInt: true,
      withTypedArray: true,
      withSparseArray: true,
      withObjectString: true,
      withBoxedValues: true,
    });
    const names = fc.constantFrom(...Object.keys(emptyEvent), "__proto__", "constructor", "toJSON");
    fc.assert(
      fc.property(fc.oneof(anything, fc.dictionary(names, anything)), (value) => {
        const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
        try {
          expect(Object.keys(parse(value))).toEqual(Object.keys(emptyEvent));
          expect(isObject).toBe(true);
        } catch (error) {
          if (!CmdrdataError.is(error)) throw error;
          expect(error.code).toBe("CMDR_EVENT_NOT_OBJECT");
          expect(isObject).toBe(false);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives from anything what it reads back unchanged: a second pass finds nothing more to set aside", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(emptyEvent)), fc.jsonValue()), (value) => {
        const first = parse(value);
        const second = parseEvent(JSON.parse(encodeEvent(first)));
        // An unknown field whose name this version knows elsewhere cannot come back as unknown.
        expect({ ...second.event, extra: {} }).toEqual({ ...first, extra: {} });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["null", null],
    ["an array", []],
    ["a text", "event"],
    ["a number", 42],
    ["undefined", undefined],
  ])("refuses %s whole", (_name, value) => {
    expect(() => parseEvent(value)).toThrow(expect.objectContaining({ code: "CMDR_EVENT_NOT_OBJECT" }) as Error);
  });

  it("turns a proxy that throws into its own error", () => {
    const hostile = new Proxy({}, { getOwnPropertyDescriptor: () => { throw new RangeError("trap"); } }); // prettier-ignore
    expect(() => parseEvent(hostile)).toThrow(expect.objectContaining({ code: "CMDR_EVENT_UNREADABLE" }) as Error);
  });

  it("reads an empty object as an event with nothing known", () => {
    expect(parseEvent({})).toEqual({ event: emptyEvent, problems: [] });
  });

  it.each([
    [{ id: 7 }, "7"],
    [{ id: "x".repeat(257) }, `"${"x".repeat(257)}"`],
    [{ id: "\u{d800}" }, '"\\ud800"'],
    [{ id: ["a"] }, undefined],
    [{ id: "fine" }, undefined],
    [{}, undefined],
  ])("hands on an id that cannot be used, so that two events stay two: %j", (value, refusedId) => {
    expect(parseEvent(value).refusedId).toBe(refusedId);
  });

  it("keeps unknown fields named like what every object inherits", () => {
    const wire = { constructor: 1, toString: "x", latency: { valueOf: 2 } };
    expect(JSON.parse(encodeEvent(parse(wire)))).toEqual({ provider: "openai", usage: { source: "none" }, ...wire });
  });

  it.each(["user@example.com", "org:acme/eu", "a+b=c", "Ünï cødé 客户 🙂", "x".repeat(256), "select & drop; --"])(
    "takes the customer id %j as it is",
    (id) => expect(parseEvent({ customer_id: id })).toEqual({ event: eventWith({ customer_id: id }), problems: [] }),
  );

  it.each(["ft:gpt-4o:org::id", "openai/gpt-4o", "gpt-4o-2024-08-06"])("takes the model %j as it is", (model) => {
    expect(parseEvent({ model })).toEqual({ event: eventWith({ model }), problems: [] });
  });

  it("takes odd but valid metadata as it is", () => {
    const metadata = {
      q: "a & b; select * from t where x < 1",
      nested: { deep: { list: 1 } },
      n: 1.5,
      no: null,
      ok: true,
    };
    expect(parseEvent({ metadata })).toEqual({ event: eventWith({ metadata }), problems: [] });
  });

  it.each([
    ["control characters", "a\u0007b", "CMDR_FIELD_CHARACTERS"],
    ["a line break", "a\nb", "CMDR_FIELD_CHARACTERS"],
    ["half a surrogate pair", "a\u{d800}b", "CMDR_FIELD_CHARACTERS"],
    ["257 characters", "x".repeat(257), "CMDR_FIELD_TOO_LONG"],
    ["only spaces", "  ", "CMDR_FIELD_RANGE"],
    ["a number", 7, "CMDR_FIELD_TYPE"],
  ])("keeps an event whose customer id is %s, unattributed, with the reason", (_name, customer, code) => {
    const { event, problems } = parseEvent({ customer_id: customer, model: "gpt-4o" });
    expect(event).toMatchObject({ customer_id: null, model: "gpt-4o" });
    expect(event.attribution_error).toContain(code);
    expect(problems).toMatchObject([{ code, field: "customer_id" }]);
  });

  it("keeps the sender's own attribution error", () => {
    expect(parse({ customer_id: 1, attribution_error: "too long" }).attribution_error).toBe("too long");
  });

  it.each([
    [-1, "CMDR_FIELD_RANGE"],
    [1.5, "CMDR_FIELD_RANGE"],
    [Number.NaN, "CMDR_FIELD_RANGE"],
    [Infinity, "CMDR_FIELD_RANGE"],
    [1e13, "CMDR_FIELD_RANGE"],
    ["12", "CMDR_FIELD_TYPE"],
  ])("sets aside %s as a token count", (count, code) => {
    const { event, problems } = parseEvent({ input_tokens: count, output_tokens: 3 });
    expect(event).toMatchObject({ input_tokens: null, output_tokens: 3 });
    expect(problems).toMatchObject([{ code, field: "input_tokens" }]);
  });

  it("flags a part that is larger than its whole, and keeps both", () => {
    const value = {
      input_tokens: 10,
      output_tokens: 5,
      total_tokens: 4,
      usage: { input: { cached: 11, cache_write: 12 }, output: { reasoning: 6 } },
    };
    expect(parse(value).usage.input).toEqual({ cached: 11, cache_write: 12 });
    expect(problemsOf(value)).toEqual([
      "CMDR_FIELD_INCONSISTENT usage.input.cached",
      "CMDR_FIELD_INCONSISTENT usage.input.cache_write",
      "CMDR_FIELD_INCONSISTENT usage.output.reasoning",
      "CMDR_FIELD_INCONSISTENT input_tokens",
      "CMDR_FIELD_INCONSISTENT output_tokens",
    ]);
  });

  it("takes counts without a stated source as reported, and none as none", () => {
    expect(parse({ output_tokens: 1 }).usage.source).toBe("reported");
    expect(parse({ usage: { quantities: { images: 1 } } }).usage.source).toBe("reported");
    expect(parse({ usage: { source: "estimated" } }).usage.source).toBe("estimated");
    expect(parse({ usage: { source: null } }).usage.source).toBe("none");
    expect(problemsOf({ usage: { source: "guess" } })).toEqual(["CMDR_FIELD_RANGE usage.source"]);
  });

  it("keeps how an estimate was made, and which of its counts are lower bounds", () => {
    const usage = { source: "estimated", estimated_by: "o200k_base", lower_bound: "output" };
    expect(parse({ usage }).usage).toMatchObject(usage);
    expect(Object.keys(parse({ usage: { lower_bound: null, estimated_by: null } }).usage)).not.toContain("lower_bound");
    expect(problemsOf({ usage: { lower_bound: "all" } })).toEqual(["CMDR_FIELD_RANGE usage.lower_bound"]);
  });

  it("keeps the size and the quality of what was made, short printable texts", () => {
    const usage = { source: "reported", quantities: { images: 1 }, size: "1024x1792", quality: "hd" };
    expect(parse({ usage }).usage).toEqual({ ...emptyEvent.usage, ...usage });
    expect(parse({ usage: { size: null, quality: "" } })).toEqual(emptyEvent);
    expect(problemsOf({ usage: { size: 1_024, quality: "x".repeat(257) } })).toEqual([
      "CMDR_FIELD_TYPE usage.size",
      "CMDR_FIELD_TOO_LONG usage.quality",
    ]);
  });

  it("keeps the region of a request, where it has one", () => {
    expect(parse({ request: { region: "eu" } }).request).toEqual({ ...emptyEvent.request, region: "eu" });
    expect(parse({ request: { region: null } })).toEqual(emptyEvent);
    expect(problemsOf({ request: { region: 4 } })).toEqual(["CMDR_FIELD_TYPE request.region"]);
  });

  it("reads a wrong section as absent, and says so", () => {
    const value = { usage: 5, latency: [], error: "x", metadata: "m", request: { streaming: "yes", id: 9 } };
    expect(parse(value)).toEqual(emptyEvent);
    expect(problemsOf(value)).toEqual([
      "CMDR_FIELD_TYPE usage",
      "CMDR_FIELD_TYPE latency",
      "CMDR_FIELD_TYPE error",
      "CMDR_FIELD_TYPE request.id",
      "CMDR_FIELD_TYPE request.streaming",
      "CMDR_FIELD_TYPE metadata",
    ]);
  });

  it("cuts a long error message and replaces its control characters", () => {
    const { message } = parse({ error: { occurred: true, message: `line\n${"x".repeat(600)}` } }).error;
    expect(message).toHaveLength(limits.errorMessageLength);
    expect(message).toMatch(/^line\u{FFFD}x/u);
    expect(problemsOf({ error: { message: 5 } })).toEqual(["CMDR_FIELD_TYPE error.message"]);
  });

  it("keeps unknown fields, also inside known sections", () => {
    const value = { request_duration_ms: 12, latency: { duration_ms: 1, queue_ms: 2 }, request: 3 };
    expect(parse(value).extra).toEqual({ request_duration_ms: 12, latency: { queue_ms: 2 } });
  });

  it("refuses __proto__ as a field and as a metadata key, and pollutes nothing", () => {
    const value: unknown = JSON.parse('{"__proto__":{"polluted":1},"metadata":{"__proto__":{"polluted":1},"ok":1}}');
    expect(parse(value).metadata).toEqual({ ok: 1 });
    expect(problemsOf(value)).toEqual(["CMDR_FIELD_FORBIDDEN_KEY metadata", "CMDR_FIELD_FORBIDDEN_KEY __proto__"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("bounds the unknown fields in number", () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`field${index}`, index]));
    expect(Object.keys(parse(many).extra).length).toBeLessThanOrEqual(limits.metadataKeys);
    expect(problemsOf(many)).toContain("CMDR_FIELD_TOO_LARGE extra");
  });

  it("does not look at inherited fields and runs no accessor", () => {
    const inherited = Object.create({ model: "gpt-4o", unknown: 1 }) as object;
    expect(parse(inherited)).toEqual(emptyEvent);
    let ran = false;
    const trap = { get model() { ran = true; return "x"; }, get odd() { ran = true; return 1; }, toJSON() { ran = true; } }; // prettier-ignore
    parse(trap);
    expect(ran).toBe(false);
  });

  it("reads a time that is no time as absent, and says so", () => {
    expect(problemsOf({ timestamp: "yesterday" })).toEqual(["CMDR_FIELD_RANGE timestamp"]);
    expect(parse({ timestamp: null }).timestamp).toBeNull();
  });
});

describe("customerIdProblem", () => {
  it("finds nothing wrong with a printable id", () => expect(customerIdProblem("customer-123")).toBeUndefined());
});
