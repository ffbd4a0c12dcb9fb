import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { anyEvent, eventWith } from "../test/event-arbitrary.ts";
import {
  createEventWriter,
  encodeEvent,
  emptyEvent,
  type EventWriter,
  type JsonObject,
  type UsageEvent,
} from "./index.ts";

/** What the writer makes of an event, as `JSON.parse` reads it; `undefined` when it leaves it to `encodeEvent`. */
function written(writer: EventWriter, event: UsageEvent, offset = 0): unknown {
  const target = new Uint8Array(offset + writer.mostBytes);
  const bytes = writer.write(event, target, offset);
  return bytes === 0 ? undefined : JSON.parse(new TextDecoder().decode(target.subarray(offset, offset + bytes)));
}

/** A writer that knows the form of an event. */
function writerOf(event: UsageEvent): EventWriter {
  const writer = createEventWriter();
  expect(written(writer, event)).toBeUndefined();
  return writer;
}

const usual = eventWith({
  id: "01a217be-2a48-7d71-b03c-a0e662db0102",
  customer_id: "customer-123",
  operation: "chat.completions",
  model: "gpt-4o-2024-08-06",
  requested_model: "gpt-4o",
  service_tier: "default",
  input_tokens: 19,
  output_tokens: 24,
  total_tokens: 43,
  timestamp: "2026-11-26T12:04:28.360Z",
  usage: {
    source: "reported",
    input: { cached: 0, audio: 0 },
    output: { reasoning: 0 },
    quantities: { web_search_calls: 1 },
    raw: {
      prompt_tokens: 19,
      completion_tokens: 24,
      total_tokens: 43,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
  },
  latency: {
    request_start_time: 1_795_694_668.36,
    request_end_time: 1_795_694_668.376,
    duration_ms: 16,
    time_to_first_token_ms: 3,
  },
  request: {
    id: "req_0123456789abcdef",
    response_id: "chatcmpl-1",
    streaming: true,
    finish_reason: "stop",
    retry_count: 0,
    success: true,
  },
  trace: { trace_id: "0af7651916cd43dd8448eb211c80319c", span_id: "b7ad6b7169203331" },
  sdk: { name: "cmdrdata-openai", version: "0.1.0", openai: "6.49.0", runtime: "node/24.21.0" },
});

const usualWith = (fields: Partial<UsageEvent>): UsageEvent => ({ ...usual, ...fields });
const usageWith = (usage: Partial<UsageEvent["usage"]>): UsageEvent =>
  usualWith({ usage: { ...usual.usage, ...usage } });
const rawWith = (raw: JsonObject | null): UsageEvent => usageWith({ raw });

describe("what is written", () => {
  it("is what encodeEvent writes, with other values in the same places", () => {
    const count = fc.integer({ min: 0, max: 9_999_999 });
    const text = fc.stringMatching(/^[ !#-[\]-~]{15,28}$/);
    const ms = fc.integer({ min: 0, max: 2_147_483_647_000 });
    const values = fc.record({ count, other: count, text, ms, label: fc.stringMatching(/^[ -~]*$/) });
    const writer = createEventWriter();
    const eventOf = ({
      count: tokens,
      other,
      text: id,
      ms: at,
      label,
    }: typeof values extends fc.Arbitrary<infer V> ? V : never) => ({
      ...usageWith({
        input: { cached: other, audio: tokens },
        raw: { prompt_tokens: tokens, prompt_tokens_details: { cached_tokens: other } },
      }),
      id,
      input_tokens: tokens,
      latency: { ...usual.latency, request_start_time: at / 1_000, duration_ms: other },
      metadata: { label, nested: { also: [label] } },
    });
    const first = eventOf({ count: 1, other: 2, text: "x".repeat(20), ms: 1, label: "" });
    written(writer, first);
    fc.assert(
      fc.property(values, (each) => {
        const event = eventOf(each);
        expect(written(writer, event, 7)).toEqual(JSON.parse(encodeEvent(event)));
      }),
    );
  });

  it("is what encodeEvent writes, whatever events come one after the other, when it is written at all", () => {
    const mostly = <Value>(usually: Value, ...rarely: Value[]) =>
      fc.oneof({ arbitrary: fc.constant(usually), weight: 12 }, fc.constantFrom(...rarely));
    const failure = { occurred: true, type: "timeout", code: "x", message: "y" };
    const few = fc.oneof(
      { arbitrary: fc.constantFrom(0, 1, 12, 12.5, 0.001), weight: 20 },
      fc.constantFrom(4.0001, 1e9, 1e12, -1),
    );
    const counts = (...names: string[]) => fc.dictionary(fc.constantFrom(...names), few, { maxKeys: 2 });
    const similar = fc
      .record({
        id: fc.constantFrom("a", "b".repeat(14), "b".repeat(15), 'quote"', "é", "back\\slash"),
        model: fc.constantFrom("gpt-4o", "modèle", null),
        usage: fc.record({
          source: fc.constant("reported" as const),
          input: counts("cached"),
          output: fc.constant({}),
          quantities: counts("images"),
          raw: fc.oneof(counts("a"), fc.record({ a: few, b: counts("a") }), fc.record({ b: counts("a"), a: few })),
        }),
        metadata: mostly({}, { a: 1 }, { é: "é" }),
        error: mostly(emptyEvent.error, failure, { ...failure, occurred: false }),
        attribution_error: mostly(null, "CMDR_FIELD_TYPE: x"),
        extra: mostly({}, { new: 1 }),
      })
      .map((fields) => ({ ...emptyEvent, ...fields }));
    let count = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ arbitrary: similar, weight: 9 }, anyEvent), { minLength: 60, maxLength: 100 }),
        (events) => {
          const writer = createEventWriter();
          for (const event of [...events, ...events]) {
            const result = written(writer, event);
            if (result === undefined) continue;
            count += 1;
            expect(result).toEqual(JSON.parse(encodeEvent(event)));
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(count).toBeGreaterThan(300);
  });

  it("keeps nothing of the event before", () => {
    const long = usualWith({ id: "y".repeat(30), input_tokens: 1_234_567 });
    const writer = writerOf(long);
    expect(written(writer, long)).toMatchObject({ id: "y".repeat(30), input_tokens: 1_234_567 });
    const short = usualWith({ id: "z".repeat(15), input_tokens: 8 });
    expect(written(writer, short)).toEqual(JSON.parse(encodeEvent(short)));
  });
});

/** Every field that an event may have: one that is new is missing here until the form knows it. */
const complete: UsageEvent & {
  readonly usage: Required<UsageEvent["usage"]>;
  readonly request: Required<UsageEvent["request"]>;
} = {
  ...usual,
  attribution_error: null,
  usage: { ...usual.usage, estimated_by: "o200k_base", lower_bound: "input", size: "1024x1024", quality: "hd" },
  request: { ...usual.request, region: "eu" },
  error: { occurred: false, type: null, code: null, message: null },
  metadata: {},
  extra: {},
};

/** The value in others of its kind, and not known: what a program may come with next. */
function othersOf(value: unknown): unknown[] {
  if (typeof value === "string") return [`${value}x`, `${value}${"x".repeat(20)}`, null];
  if (typeof value === "number") return [value + 1, value + 0.001, null];
  if (typeof value === "boolean") return [!value];
  return value === null ? ["x"] : [{}, { new: 1 }];
}

/** Copies of an object, each with one value changed, on whatever level. */
function changed(value: object): object[] {
  return Object.entries(value).flatMap(([name, field]: [string, unknown]) => [
    ...(typeof field === "object" && field !== null ? changed(field) : []).map((other) => ({
      ...value,
      [name]: other,
    })),
    ...othersOf(field).map((other) => ({ ...value, [name]: other })),
  ]);
}

describe("what differs in one field", () => {
  it.each([complete, { ...complete, metadata: { label: "x" } }])("is written as it is, or left", (event) => {
    const events = changed(event) as UsageEvent[];
    expect(events.length).toBeGreaterThan(80);
    let count = 0;
    for (const other of events) {
      const writer = writerOf(event);
      let result: unknown;
      try {
        result = written(writer, other);
      } catch {
        // Of a section that has none of its fields.
        continue;
      }
      if (result === undefined) continue;
      count += 1;
      expect(result).toEqual(JSON.parse(encodeEvent(other)));
    }
    expect(count).toBeGreaterThan(20);
  });
});

describe("what is left to encodeEvent", () => {
  const cases: Readonly<Record<string, UsageEvent>> = {
    "another model": usualWith({ model: "gpt-4o-mini" }),
    "an error": usualWith({ error: { occurred: true, type: "timeout", code: null, message: null } }),
    "an attribution error": usualWith({ attribution_error: "x" }),
    "unknown fields": usualWith({ extra: { new: 1 } }),
    "a text with an escape": usualWith({ id: `${"x".repeat(30)}"` }),
    "a text that is not ASCII": usualWith({ id: `${"x".repeat(30)}é` }),
    "a text much longer": usualWith({ customer_id: "x".repeat(40) }),
    "no customer": usualWith({ customer_id: null }),
    "a count of too many digits": usualWith({ input_tokens: 12_345_678 }),
    "a count beyond 32 bits": usualWith({ input_tokens: 1e12 }),
    "a count below 0": usualWith({ input_tokens: -1 }),
    "finer than a thousandth": usualWith({ latency: { ...usual.latency, request_start_time: 1.000_5 } }),
    "another count": usageWith({ input: { cached: 0, image: 0 } }),
    "a count less": usageWith({ input: { cached: 0 } }),
    "a count more": usageWith({ output: { reasoning: 0, audio: 0 } }),
    "a count that is none": usageWith({ input: { cached: 0, audio: undefined as never } }),
    "counts in another order": usageWith({ input: { audio: 0, cached: 0 } }),
    "another source": usageWith({ source: "estimated", estimated_by: "o200k_base" }),
    "no raw usage": rawWith(null),
    "raw usage with another name": rawWith({ ...usual.usage.raw, more: 1 }),
    "raw usage with less": rawWith({ prompt_tokens: 19 }),
    "raw usage with a text": rawWith({ ...usual.usage.raw, total_tokens: "43" }),
    "raw usage with a list": rawWith({ ...usual.usage.raw, prompt_tokens_details: [0, 0] }),
    "raw usage without counts in an object": rawWith({ ...usual.usage.raw, prompt_tokens_details: {} }),
  };
  it.each(Object.entries(cases))("%s", (_name, event) => {
    expect(written(writerOf(usual), event)).toBeUndefined();
  });

  it.each([
    ["an error", cases["an error"]],
    ["unknown fields", cases["unknown fields"]],
    ["raw usage with a text", cases["raw usage with a text"]],
    ["raw usage without counts in an object", cases["raw usage without counts in an object"]],
    ["a text that is not ASCII", cases["a text that is not ASCII"]],
    [
      "more than there is room for",
      rawWith(Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`${at}`.padStart(48, "n"), 1]))),
    ],
    ["a mark of its own", usualWith({ model: "\0" })],
  ] as const)("%s, however often", (_name, event) => {
    const writer = createEventWriter();
    for (let times = 0; times < 3; times += 1) expect(written(writer, event as UsageEvent)).toBeUndefined();
  });

  it("labels that are not ASCII, or too long", () => {
    const labelled = (label: string): UsageEvent => usualWith({ metadata: { label } });
    const writer = writerOf(labelled("x"));
    expect(written(writer, labelled("y"))).toMatchObject({ metadata: { label: "y" } });
    expect(written(writer, labelled("é"))).toBeUndefined();
    expect(written(writer, labelled("y".repeat(4_000)))).toBeUndefined();
    expect(written(writer, usual)).toBeUndefined();
  });
});

describe("forms", () => {
  const ofModel = (model: number): UsageEvent => usualWith({ model: `model-${model}` });

  it("are kept, 32 of them", () => {
    const writer = createEventWriter();
    for (let model = 0; model < 32; model += 1) written(writer, ofModel(model));
    for (let model = 0; model < 32; model += 1) expect(written(writer, ofModel(model))).toBeDefined();
  });

  it("are replaced, the one not used for longest", () => {
    const writer = createEventWriter();
    for (let model = 0; model < 32; model += 1) written(writer, ofModel(model));
    // Used again, so that the second is now the one not used for longest.
    written(writer, ofModel(0));
    written(writer, ofModel(99));
    expect(written(writer, ofModel(99))).toBeDefined();
    expect(written(writer, ofModel(0))).toBeDefined();
    expect(written(writer, ofModel(1))).toBeUndefined();
  });

  it("are looked for in the first 64 events of no known form, and then in one of 64", () => {
    const writer = createEventWriter();
    const failed = usualWith({ error: { occurred: true, type: "timeout", code: null, message: null } });
    for (let event = 0; event < 64; event += 1) expect(written(writer, failed)).toBeUndefined();
    for (let event = 65; event <= 128; event += 1) expect(written(writer, usual)).toBeUndefined();
    expect(written(writer, usual)).toBeDefined();
  });
});
