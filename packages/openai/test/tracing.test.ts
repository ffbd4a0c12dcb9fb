/** A span and the GenAI metrics for each call, where the program has set OpenTelemetry up. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AlwaysOffSampler, type ReadableSpan } from "@opentelemetry/sdk-trace-node";
import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type TrackedClientOptions, trackedFetch } from "../src/index.ts";
import { chatChunks, chatToolCall } from "./fixtures.ts";
import { type Bench, collect, onlyEvent, question, silent, useBench } from "./harness.ts";
import { type OpenTelemetryBench, startOpenTelemetry } from "./open-telemetry.ts";

const makeBench = useBench();
const streamed = { ...question, stream: true } as const;

let otel: OpenTelemetryBench;
beforeEach(() => {
  otel = startOpenTelemetry();
});
afterEach(() => otel.stop());

function onlySpan(): ReadableSpan {
  const [span] = otel.spans();
  if (span === undefined || otel.spans().length > 1) throw new Error(`expected one span, got ${otel.spans().length}`);
  return span;
}

const portOf = ({ server }: Bench): number => Number(new URL(server.baseURL).port);
const parentOf = (span: ReadableSpan | undefined): string | undefined => span?.parentSpanContext?.spanId;

/** Runs in a span of the program. @returns the id of that span */
async function inSpan(name: string, run: () => Promise<unknown>): Promise<string> {
  return trace.getTracer("program").startActiveSpan(name, async (span) => {
    try {
      await run();
    } finally {
      span.end();
    }
    return span.spanContext().spanId;
  });
}

describe("the span of a call", () => {
  it("is a client span in the words of the semantic conventions, of numbers and names only", async () => {
    const bench = makeBench();
    const { tracked, tracker } = bench;
    const body = { ...question, temperature: 0.5, max_completion_tokens: 9, n: 2, service_tier: "flex" } as const;
    await tracked.chat.completions.create({ ...body, response_format: { type: "json_object" } });
    const span = onlySpan();
    expect([span.name, span.kind, span.status.code]).toEqual(["chat gpt-4o", SpanKind.CLIENT, SpanStatusCode.UNSET]);
    expect(span.instrumentationScope.name).toBe("cmdrdata-openai");
    expect(span.attributes).toEqual({
      [conventions.ATTR_GEN_AI_OPERATION_NAME]: conventions.GEN_AI_OPERATION_NAME_VALUE_CHAT,
      [conventions.ATTR_GEN_AI_PROVIDER_NAME]: conventions.GEN_AI_PROVIDER_NAME_VALUE_OPENAI,
      [conventions.ATTR_GEN_AI_REQUEST_MODEL]: "gpt-4o",
      [conventions.ATTR_GEN_AI_REQUEST_TEMPERATURE]: 0.5,
      [conventions.ATTR_GEN_AI_REQUEST_MAX_TOKENS]: 9,
      [conventions.ATTR_GEN_AI_REQUEST_CHOICE_COUNT]: 2,
      [conventions.ATTR_GEN_AI_OUTPUT_TYPE]: conventions.GEN_AI_OUTPUT_TYPE_VALUE_JSON,
      [conventions.ATTR_OPENAI_API_TYPE]: conventions.OPENAI_API_TYPE_VALUE_CHAT_COMPLETIONS,
      [conventions.ATTR_OPENAI_REQUEST_SERVICE_TIER]: "flex",
      [conventions.ATTR_SERVER_ADDRESS]: "127.0.0.1",
      [conventions.ATTR_SERVER_PORT]: portOf(bench),
      [conventions.ATTR_GEN_AI_RESPONSE_ID]: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
      [conventions.ATTR_GEN_AI_RESPONSE_MODEL]: "gpt-4o-2024-08-06",
      [conventions.ATTR_GEN_AI_RESPONSE_FINISH_REASONS]: ["stop"],
      [conventions.ATTR_OPENAI_RESPONSE_SERVICE_TIER]: "default",
      [conventions.ATTR_GEN_AI_USAGE_INPUT_TOKENS]: 1_117,
      [conventions.ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]: 46,
      [conventions.ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: 1_024,
      [conventions.ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]: 16,
    });
    const { traceId, spanId } = span.spanContext();
    expect(onlyEvent(tracker).trace).toEqual({ trace_id: traceId, span_id: spanId });
  });

  it("is below the span that was active when the program made the call, and above those of its requests", async () => {
    const { tracked, server } = makeBench({ maxRetries: 1 });
    server.next.push({ kind: "json", status: 503, body: {}, headers: { "retry-after-ms": "1" } });
    const parent = await inSpan("program", () => tracked.chat.completions.create(question));
    const span = otel.spans().find(({ name }) => name === "chat gpt-4o");
    expect(parentOf(span)).toBe(parent);
    expect(otel.httpSpans().map(parentOf)).toEqual([span?.spanContext().spanId, span?.spanContext().spanId]);
  });

  it("is each below its own parent when calls run at the same time, awaited elsewhere", async () => {
    const { tracked, tracker } = makeBench();
    const calls: Promise<unknown>[] = [];
    const parents = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        inSpan(`p-${index}`, async () => {
          await new Promise(setImmediate);
          const call = tracked.chat.completions.create({ ...streamed, customer_id: `c-${index}` });
          calls.push(call.then(collect));
        }),
      ),
    );
    await inSpan("elsewhere", () => Promise.all(calls));
    const spans = new Map(otel.spans().map((span) => [span.spanContext().spanId, span]));
    for (const [index, parent] of parents.entries()) {
      const event = tracker.events.find(({ customer_id }) => customer_id === `c-${index}`);
      expect(parentOf(spans.get(String(event?.trace.span_id)))).toBe(parent);
    }
  });

  it("ends when the stream ends, and knows when its first chunk came", async () => {
    const { tracked, tracker } = makeBench();
    const stream = await tracked.chat.completions.create(streamed);
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    expect(otel.spans()).toEqual([]);
    await collect({ [Symbol.asyncIterator]: () => reader });
    expect(onlySpan().attributes).toMatchObject({
      [conventions.ATTR_GEN_AI_REQUEST_STREAM]: true,
      [conventions.ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]: expect.any(Number),
      [conventions.ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]: 46,
    });
    expect(onlyEvent(tracker)).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      latency: { duration_ms: expect.any(Number), time_to_first_token_ms: expect.any(Number) },
      request: { id: "req_1", retry_count: 0 },
      trace: { span_id: onlySpan().spanContext().spanId },
    });
  });

  const hold = [...chatChunks(true).slice(0, 2), "hold"] as const;
  it.each<[string, string | undefined, (bench: Bench) => Promise<unknown>]>([
    [
      "fails",
      "authentication",
      ({ tracked, server }) => {
        server.next.push({ kind: "json", status: 401, body: { error: { message: "canary" } } });
        return tracked.chat.completions.create(question).catch(() => undefined);
      },
    ],
    [
      "is aborted",
      "aborted",
      ({ tracked, server }) => {
        server.next.push({ kind: "hold" });
        const signal = AbortSignal.timeout(1);
        return tracked.chat.completions.create(question, { signal }).catch(() => undefined);
      },
    ],
    [
      "breaks while it streams",
      "stream_broken",
      async ({ tracked, server }) => {
        server.next.push({ kind: "stream", steps: [...chatChunks(true).slice(0, 2), "drop"] });
        return collect(await tracked.chat.completions.create(streamed)).catch(() => undefined);
      },
    ],
    [
      "streams and is left",
      undefined,
      async ({ tracked, server }) => {
        server.next.push({ kind: "stream", steps: hold });
        for await (const chunk of await tracked.chat.completions.create(streamed)) if (chunk.id !== "") break;
      },
    ],
    [
      "is read as a raw response",
      undefined,
      async ({ tracked }) => (await tracked.chat.completions.create(question).asResponse()).json(),
    ],
  ])("ends when the call %s", async (_, errorType, program) => {
    const bench = makeBench();
    await program(bench);
    const { attributes, status, ended } = onlySpan();
    expect([ended, attributes["error.type"]]).toEqual([true, errorType]);
    expect(status.code).toBe(errorType === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR);
    await bench.tracker.flush();
    expect(onlyEvent(bench.tracker).trace.span_id).toBe(onlySpan().spanContext().spanId);
    expect(JSON.stringify([attributes, status])).not.toMatch(/canary|What is/);
  });

  it("ends when the call is never awaited and gone", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const { tracked } = makeBench();
    void tracked.chat.completions.create(question);
    while (otel.spans().length === 0) {
      collectGarbage();
      await new Promise(setImmediate);
    }
    expect(onlySpan().attributes).not.toHaveProperty("error.type");
  });

  it("is one for each turn of runTools", async () => {
    const { tracked, server } = makeBench();
    server.next.push({ kind: "json", body: chatToolCall });
    const weather = { name: "weather", parameters: {}, parse: JSON.parse, function: () => "sunny" };
    const tools = [{ type: "function", function: weather as never }] as const;
    await tracked.chat.completions.runTools({ ...question, tools: [...tools] }).finalMessage();
    const reasons = otel.spans().map(({ attributes }) => attributes["gen_ai.response.finish_reasons"]);
    expect(reasons).toEqual([["tool_calls"], ["stop"]]);
  });

  it("is named by its operation", async () => {
    const { tracked, server } = makeBench();
    await tracked.responses.create({ model: "gpt-5-mini", input: "…", conversation: "conv_1", max_output_tokens: 5 });
    await collect(await tracked.responses.create({ model: "gpt-5-mini", input: "…", stream: true }));
    await tracked.embeddings.create({ model: "text-embedding-3-small", input: "…", dimensions: 3 });
    server.next.push({ kind: "json", body: { id: "cmpl-1", choices: [] } }, { kind: "json", body: { data: [] } });
    await tracked.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "…" });
    await tracked.images.generate({ prompt: "…" });
    expect(otel.spans().map(({ name }) => name)).toEqual([
      "chat gpt-5-mini",
      "chat gpt-5-mini",
      "embeddings text-embedding-3-small",
      "text_completion gpt-3.5-turbo-instruct",
      "images.generations",
    ]);
    const [first, , third] = otel.spans();
    expect(first?.attributes).toMatchObject({
      [conventions.ATTR_GEN_AI_CONVERSATION_ID]: "conv_1",
      [conventions.ATTR_OPENAI_API_TYPE]: conventions.OPENAI_API_TYPE_VALUE_RESPONSES,
      [conventions.ATTR_GEN_AI_REQUEST_MAX_TOKENS]: 5,
      [conventions.ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS]: 3,
    });
    expect(third?.attributes).toMatchObject({ [conventions.ATTR_GEN_AI_EMBEDDINGS_DIMENSION_COUNT]: 3 });
  });

  it("is made for the calls of a trackedFetch too", async () => {
    const { server, tracker } = makeBench();
    const fetch = trackedFetch({ tracker, logger: silent, customerId: "acme" });
    const init = { method: "POST", body: JSON.stringify(question), headers: { "content-type": "application/json" } };
    const url = `${server.baseURL}/chat/completions`;
    const parent = await inSpan("program", async () => (await fetch(url, init)).json());
    const span = otel.spans().find(({ name }) => name === "chat gpt-4o");
    expect([parentOf(span), otel.httpSpans().map(parentOf)]).toEqual([parent, [span?.spanContext().spanId]]);
    expect(onlyEvent(tracker).trace.span_id).toBe(span?.spanContext().spanId);
    const off = trackedFetch({ tracker, logger: silent, customerId: "acme", openTelemetry: false });
    await (await off(url, init)).json();
    expect(otel.spans()).toHaveLength(2);
  });

  it("is there only for calls that are recorded in any case", async () => {
    const { tracked, server, tracker } = makeBench();
    await tracked.models.list();
    await tracked.chat.completions.create({ ...question, track_usage: false });
    server.next.push({ kind: "json", body: { usage: { input_tokens: 3 } } });
    const parent = await inSpan("program", () => tracked.post("/new_things", { body: {} }));
    expect(otel.spans().map(({ name }) => name)).toEqual(["program"]);
    expect(onlyEvent(tracker).trace.span_id).toBe(parent);
  });

  it.each<[TrackedClientOptions]>([[{ openTelemetry: false }]])("is not there with %o", async (options) => {
    const { tracked, tracker } = makeBench(options);
    await inSpan("program", () => tracked.withOptions({ timeout: 5_000 }).chat.completions.create(question));
    expect(otel.spans().map(({ name }) => name)).toEqual(["program"]);
    expect(onlyEvent(tracker).trace).toEqual({ trace_id: null, span_id: null });
  });
});

describe("the metrics of calls", () => {
  const common = {
    [conventions.ATTR_GEN_AI_OPERATION_NAME]: "chat",
    [conventions.ATTR_GEN_AI_PROVIDER_NAME]: "openai",
    [conventions.ATTR_GEN_AI_REQUEST_MODEL]: "gpt-4o",
    [conventions.ATTR_SERVER_ADDRESS]: "127.0.0.1",
  };

  it("are tokens, duration and time to first chunk, in the buckets that the conventions advise", async () => {
    const bench = makeBench();
    await bench.tracked.chat.completions.create(question);
    await collect(await bench.tracked.chat.completions.create(streamed));
    const points = await otel.points();
    const of = (metric: string): readonly object[] => points.filter((point) => point.metric === metric);
    const where = { ...common, [conventions.ATTR_SERVER_PORT]: portOf(bench) };
    const whole = { ...where, [conventions.ATTR_GEN_AI_RESPONSE_MODEL]: "gpt-4o-2024-08-06" };
    const chunked = { ...where, [conventions.ATTR_GEN_AI_RESPONSE_MODEL]: "gpt-4o-mini-2024-07-18" };
    const tokenBuckets = Array.from({ length: 14 }, (_, power) => 4 ** power);
    const secondBuckets = Array.from({ length: 14 }, (_, power) => Number((0.01 * 2 ** power).toFixed(2)));
    const { METRIC_GEN_AI_CLIENT_TOKEN_USAGE: usage, ATTR_GEN_AI_TOKEN_TYPE: tokenType } = conventions;
    const tokens = { metric: usage, unit: "{token}", count: 1, boundaries: tokenBuckets };
    const token = (where: object, type: string, sum: number): object => ({
      ...tokens,
      sum,
      attributes: { ...where, [tokenType]: type },
    });
    expect(of(usage)).toEqual(
      [whole, chunked].flatMap((attributes) => [token(attributes, "input", 1_117), token(attributes, "output", 46)]),
    );
    const seconds = { unit: "s", count: 1, sum: expect.any(Number) as unknown, boundaries: secondBuckets };
    const { METRIC_GEN_AI_CLIENT_OPERATION_DURATION: duration } = conventions;
    const { METRIC_GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK: firstChunk } = conventions;
    expect(of(duration)).toEqual([whole, chunked].map((attributes) => ({ metric: duration, attributes, ...seconds })));
    expect(of(firstChunk)).toEqual([{ metric: firstChunk, attributes: chunked, ...seconds }]);
  });

  it("have the type of the error, and no tokens that nobody reported", async () => {
    const { tracked, server, tracker } = makeBench();
    server.next.push({ kind: "stream", steps: [...chatChunks(true).slice(0, 2), "drop"] });
    await expect(collect(await tracked.chat.completions.create(streamed))).rejects.toThrow("terminated");
    await tracker.flush();
    expect(onlyEvent(tracker).usage.source).toBe("estimated");
    const points = await otel.points();
    expect(points.map(({ metric }) => metric).toSorted()).toEqual([
      conventions.METRIC_GEN_AI_CLIENT_OPERATION_DURATION,
      conventions.METRIC_GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
    ]);
    const durations = points.filter(({ metric }) => metric.endsWith("duration"));
    expect(durations).toMatchObject([{ attributes: { [conventions.ATTR_ERROR_TYPE]: "stream_broken" } }]);
  });
});

describe("OpenTelemetry that", () => {
  it("records no spans leaves the ids of the active span", async () => {
    await otel.stop();
    otel = startOpenTelemetry(new AlwaysOffSampler());
    const { tracked, tracker } = makeBench();
    const parent = await inSpan("program", () => tracked.chat.completions.create(question));
    expect(onlyEvent(tracker).trace.span_id).toBe(parent);
    expect(otel.spans()).toEqual([]);
  });

  it("is set up after the client was made is used from then on", async () => {
    await otel.stop();
    const { tracked, tracker } = makeBench();
    await tracked.chat.completions.create(question);
    otel = startOpenTelemetry();
    await tracked.chat.completions.create(question);
    const { traceId, spanId } = onlySpan().spanContext();
    expect(tracker.events.map((event) => event.trace)).toEqual([
      { trace_id: null, span_id: null },
      { trace_id: traceId, span_id: spanId },
    ]);
  });

  it("is set up leaves a failure that nobody handles as it was (E5)", async () => {
    const kept = process.listeners("unhandledRejection");
    const stray: string[] = [];
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (reason) => stray.push(String(reason)));
    try {
      const { tracked, bare, server } = makeBench();
      for (const client of [bare, tracked as unknown as typeof bare]) {
        const before = server.requests.length;
        server.next.push({ kind: "json", status: 400, body: { error: { message: "no" } } });
        void client.chat.completions.create(question).then(() => undefined);
        while (server.requests.length === before) await new Promise(setImmediate);
        await client.models.list();
        await new Promise(setImmediate);
      }
      expect(stray).toHaveLength(2);
      expect(stray[1]).toBe(stray[0]);
    } finally {
      process.removeAllListeners("unhandledRejection");
      for (const listener of kept) process.on("unhandledRejection", listener);
    }
  });
});
