/** What each call is recorded as. */
import { describe, expect, it } from "vitest";

import { OpenAI } from "../src/index.ts";
import { badKeyError, chatUsage, rateLimitError, response, responseEvents, responsesUsage } from "./fixtures.ts";
import { collect, onlyEvent, question, silent, useBench } from "./harness.ts";

const makeBench = useBench();

describe("a chat completion", () => {
  it("is one event with the customer, the models and the usage as reported", async () => {
    const { tracked, tracker } = makeBench();
    await tracked.chat.completions.create({ ...question, customer_id: "globex", custom_metadata: { feature: "chat" } });
    expect(onlyEvent(tracker)).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      customer_id: "globex",
      attribution_error: null,
      provider: "openai",
      operation: "chat.completions",
      model: "gpt-4o-2024-08-06",
      requested_model: "gpt-4o",
      service_tier: "default",
      input_tokens: 1_117,
      output_tokens: 46,
      total_tokens: 1_163,
      usage: {
        source: "reported",
        input: { cached: 1_024, audio: 0 },
        output: { reasoning: 16, audio: 0, accepted_prediction: 4, rejected_prediction: 2 },
        quantities: {},
        raw: chatUsage,
      },
      error: { occurred: false },
      request: {
        id: "req_1",
        response_id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
        streaming: false,
        finish_reason: "stop",
        retry_count: 0,
        success: true,
      },
      metadata: { feature: "chat" },
      sdk: { name: "cmdrdata-openai", openai: "6.49.0" },
    });
  });

  it("that is streamed has its usage from the chunk that was asked for, and the time of its first token", async () => {
    const { tracked, tracker } = makeBench();
    await collect(await tracked.chat.completions.create({ ...question, stream: true }));
    const event = onlyEvent(tracker);
    expect(event).toMatchObject({
      customer_id: "acme",
      model: "gpt-4o-mini-2024-07-18",
      input_tokens: 1_117,
      usage: { source: "reported" },
      request: { id: "req_1", streaming: true, finish_reason: "stop", success: true },
    });
    expect(event.latency.time_to_first_token_ms).toBeGreaterThanOrEqual(0);
    expect(event.latency.time_to_first_token_ms).toBeLessThanOrEqual(event.latency.duration_ms as number);
  });

  it("that is streamed without the usage chunk has none, which is not 0", async () => {
    const { tracked, tracker, server } = makeBench({ includeUsage: "auto" });
    await collect(await tracked.chat.completions.create({ ...question, stream: true }));
    expect(onlyEvent(tracker)).toMatchObject({ input_tokens: null, usage: { source: "none", raw: null } });
    expect(server.requests[0]?.body).not.toContain("stream_options");
  });
});

describe("the Responses API", () => {
  it("is recorded with tier, searches and usage", async () => {
    const { tracked, tracker } = makeBench();
    await tracked.responses.create({ model: "gpt-5-mini", input: "Tell me a story", customer_id: "initech" });
    expect(onlyEvent(tracker)).toMatchObject({
      customer_id: "initech",
      operation: "responses",
      model: "gpt-5-mini-2025-08-07",
      service_tier: "flex",
      input_tokens: 36,
      output_tokens: 87,
      usage: {
        input: { cached: 12, cache_write: 3 },
        output: { reasoning: 64 },
        quantities: { web_search_calls: 2 },
        raw: responsesUsage,
      },
      request: { response_id: expect.stringMatching(/^resp_/), finish_reason: "completed", success: true },
    });
  });

  it.each([
    ["completed", { occurred: false }, "completed"],
    ["incomplete", { occurred: false }, "max_output_tokens"],
    ["failed", { occurred: true, type: "failed", code: "server_error" }, "failed"],
  ] as const)("streamed until %s has the usage of the last event", async (end, error, finishReason) => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "stream", steps: responseEvents(end) });
    await collect(await tracked.responses.create({ model: "gpt-5-mini", input: "…", stream: true }));
    expect(onlyEvent(tracker)).toMatchObject({
      total_tokens: 123,
      error,
      request: { finish_reason: finishReason, success: !error.occurred, id: "req_1" },
    });
  });

  it("counts responses.stream() and responses.parse() once each", async () => {
    const { tracked, tracker } = makeBench();
    const stream = tracked.responses.stream({ model: "gpt-5-mini", input: "…", customer_id: "globex" });
    expect((await stream.finalResponse()).output_text).toBe("In a quiet wood, …");
    await tracked.responses.parse({ model: "gpt-5-mini", input: "…", customer_id: "globex" });
    expect(tracker.events.map((event) => [event.customer_id, event.total_tokens])).toEqual([
      ["globex", 123],
      ["globex", 123],
    ]);
  });
});

describe("other calls", () => {
  it("records embeddings, whose output has no tokens", async () => {
    const { tracked, tracker } = makeBench();
    const made = await tracked.embeddings.create({
      model: "text-embedding-3-small",
      input: "…",
      customer_id: "globex",
    });
    expect(made.data[0]?.embedding).toEqual([0.5, -0.25, 1]);
    expect(onlyEvent(tracker)).toMatchObject({
      operation: "embeddings",
      input_tokens: 8,
      output_tokens: null,
      total_tokens: 8,
    });
  });

  it("records a raw post to an endpoint not known by name when its answer has usage, else not", async () => {
    const { tracked, tracker, server } = makeBench();
    const usage = { input_tokens: 5, output_tokens: 7, input_token_details: { audio_tokens: 4 } };
    server.next.push({ kind: "json", body: { id: "x_1", usage } }, { kind: "json", body: { id: "x_2" } });
    await tracked.post("/threads/thread_1/new_things", { body: { model: "m", customer_id: "globex" } });
    await tracked.post("/new_things", { body: { model: "m", customer_id: "globex" } });
    expect(onlyEvent(tracker)).toMatchObject({
      operation: "/threads/{id}/new_things",
      customer_id: "globex",
      requested_model: "m",
      input_tokens: 5,
      usage: { input: { audio: 4 } },
    });
    expect(server.requests.map((request) => request.body)).toEqual(['{"model":"m"}', '{"model":"m"}']);
  });

  it("does not count again what repeats the usage of an earlier call", async () => {
    const { tracked, tracker, server } = makeBench();
    const repeat = { kind: "json", body: { ...response, status: "cancelled" } } as const;
    server.next.push(repeat, repeat, repeat);
    await tracked.responses.retrieve("resp_1");
    await tracked.responses.cancel("resp_1");
    await tracked.chat.completions.update("chatcmpl-abc", { metadata: {} });
    expect((await tracked.models.list()).data).toHaveLength(1);
    expect(tracker.events).toEqual([]);
  });

  it("does not record what is not to be tracked", async () => {
    const { tracked, tracker, server } = makeBench();
    await tracked.chat.completions.create({ ...question, track_usage: false });
    await collect(await tracked.chat.completions.create({ ...question, stream: true, track_usage: false }));
    expect(tracker.events).toEqual([]);
    expect(server.requests.map(({ body }) => body).join()).not.toMatch(/track_usage|stream_options/);
  });
});

describe("a call that fails", () => {
  it.each([
    [
      400,
      { message: "Invalid value: 'What is a canary?'", type: "invalid_request_error", param: "messages[0].content" },
      "bad_request",
    ],
    [401, badKeyError.error, "authentication"],
    [403, { message: "Country not supported", code: "unsupported_country_region_territory" }, "permission"],
    [404, { message: "The model `gpt-9` does not exist", code: "model_not_found" }, "not_found"],
    [409, { message: "Conflict" }, "conflict"],
    [418, { message: "I am a teapot" }, "http_error"],
    [422, { message: "Unprocessable" }, "unprocessable"],
    [429, rateLimitError.error, "rate_limit"],
    [429, { message: "You exceeded your current quota", code: "insufficient_quota" }, "insufficient_quota"],
    [500, { message: "What is a canary?" }, "server_error"],
  ] as const)("with status %i is recorded, %o as %s", async (status, error, type) => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "json", status, body: { error } });
    await expect(tracked.chat.completions.create(question)).rejects.toMatchObject({ status });
    const event = onlyEvent(tracker);
    expect(event).toMatchObject({
      customer_id: "acme",
      requested_model: "gpt-4o",
      input_tokens: null,
      usage: { source: "none" },
      error: { occurred: true, type },
      request: { id: "req_1", success: false, retry_count: 0 },
    });
    expect(JSON.stringify(event)).not.toMatch(/canary|sk-/);
  });

  it("counts its retries, and one event for all attempts", async () => {
    const { tracked, tracker, server } = makeBench({ maxRetries: 2 });
    const busy = {
      kind: "json",
      status: 503,
      body: { error: { message: "…" } },
      headers: { "retry-after-ms": "1" },
    } as const;
    server.next.push(busy, busy);
    await collect(await tracked.chat.completions.create({ ...question, stream: true, customer_id: "globex" }));
    server.next.push(busy, busy, busy);
    await expect(tracked.chat.completions.create(question)).rejects.toMatchObject({ status: 503 });
    expect(
      tracker.events.map(({ request, customer_id }) => [customer_id, request.retry_count, request.success]),
    ).toEqual([
      ["globex", 2, true],
      ["acme", 2, false],
    ]);
    expect(server.requests.filter(({ body }) => body.includes("customer_id"))).toEqual([]);
  });

  it("without an answer is a lost connection or a timeout", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "drop" });
    await expect(tracked.chat.completions.create(question)).rejects.toThrow("Connection error.");
    // Not over the network: a request that arrives after its time limit would take another test's answer.
    const never: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener("abort", () =>
          reject(new DOMException("This operation was aborted", "AbortError")),
        ),
      );
    const hanging = new OpenAI({ apiKey: "sk-x", logger: silent, maxRetries: 0, tracker, fetch: never });
    await expect(hanging.chat.completions.create(question, { timeout: 20 })).rejects.toThrow("Request timed out.");
    expect(tracker.events.map(({ error }) => error.type)).toEqual(["connection", "timeout"]);
  });

  it("with an answer that is not JSON is unreadable, and none of it is kept", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "text", text: "canary, not JSON" });
    await expect(tracked.chat.completions.create(question)).rejects.toThrow(SyntaxError);
    expect(onlyEvent(tracker).error).toMatchObject({
      type: "response_unreadable",
      message: "the answer is not valid JSON",
    });
  });

  it("because the program aborts it is aborted", async () => {
    const { tracked, tracker, server } = makeBench();
    await expect(tracked.chat.completions.create(question, { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    server.next.push({ kind: "hold" });
    const controller = new AbortController();
    const call = tracked.chat.completions.create(question, { signal: controller.signal });
    const failed = expect(call).rejects.toThrow("aborted");
    while (server.requests.length === 0) await new Promise(setImmediate);
    controller.abort();
    await failed;
    expect(tracker.events.map(({ error }) => error.type)).toEqual(["aborted", "aborted"]);
  });

  it("before anything is sent is recorded without a request", async () => {
    const { tracked, tracker, server } = makeBench({ apiKey: () => Promise.reject(new Error("canary")) });
    await expect(tracked.chat.completions.create(question)).rejects.toThrow("canary");
    expect(server.requests).toEqual([]);
    expect(onlyEvent(tracker)).toMatchObject({
      provider: "openai",
      error: { type: "unknown", message: "OpenAIError" },
      request: { id: null, retry_count: 0, success: false },
    });
  });
});

describe("an answer in an odd form", () => {
  it.each<[string, Parameters<ReturnType<typeof makeBench>["server"]["next"]["push"]>[0]]>([
    ["text", { kind: "text", text: "hello", headers: { "content-type": "text/plain" } }],
    ["an array", { kind: "json", body: [1] }],
    ["null", { kind: "json", body: null }],
    ["nothing", { kind: "text", text: "", headers: { "content-length": "0" } }],
    ["an empty object", { kind: "json", body: {} }],
  ])("(%s) reaches the program as it is, and is a call without usage", async (_name, reply) => {
    const { tracked, bare, tracker, server } = makeBench();
    server.next.push(reply, reply);
    const expected: unknown = await bare.chat.completions.create(question);
    expect(await tracked.chat.completions.create(question)).toEqual(expected);
    expect(onlyEvent(tracker)).toMatchObject({ usage: { source: "none" }, request: { success: true } });
  });

  it("and a stream of odd items reaches the program as it is", async () => {
    const { tracked, tracker, server } = makeBench();
    const steps = [1, "two", [3], { choices: "odd", usage: null }, { usage: 4 }] as object[];
    server.next.push({ kind: "stream", steps });
    const seen = await collect(await tracked.chat.completions.create({ ...question, stream: true }));
    expect(seen).toEqual([1, "two", [3], { choices: "odd" }, { usage: 4 }]);
    expect(onlyEvent(tracker).usage.source).toBe("none");
  });

  it("and a stream whose indices are anything is one call", async () => {
    const { tracked, tracker, server } = makeBench();
    // What JSON can make that is neither a number nor becomes one.
    const index = { toString: 1, valueOf: 1 };
    const delta = { content: "a", tool_calls: [{ index, function: { name: "b" } }] };
    server.next.push({ kind: "stream", steps: [{ id: "x", choices: [{ index, delta }] }] });
    expect(await collect(await tracked.chat.completions.create({ ...question, stream: true }))).toHaveLength(1);
    await tracker.flush();
    expect(onlyEvent(tracker).usage.source).toBe("estimated");
  });

  it("(with an infinite number of seconds) tells no seconds", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "text", text: '{"text":"…","usage":{"type":"duration","seconds":1e999}}' });
    await tracked.audio.transcriptions.create({ file: new File(["x"], "a.mp3"), model: "whisper-1" });
    expect(onlyEvent(tracker).usage).toMatchObject({ source: "none", quantities: {} });
  });

  it("as a binary body is the program's own response, counted when read", async () => {
    const { tracked, tracker } = makeBench();
    const raw = await tracked.post("/embeddings", { body: { model: "m" }, __binaryResponse: true });
    expect((await (raw as Response).json()) as object).toHaveProperty("usage");
    expect(onlyEvent(tracker).total_tokens).toBe(8);
  });

  it("as a response of the program's own fetch, that gives no text for a text, is the program's", async () => {
    const { tracker } = makeBench();
    const odd = Symbol("no text");
    const given = Object.assign(new Response("", { headers: { "content-type": "text/event-stream" } }), {
      text: async () => odd,
    });
    const client = new OpenAI({
      apiKey: "sk-x",
      tracker,
      customerId: "acme",
      fetch: async () => given as never,
      logger: silent,
    });
    const response = await client.chat.completions.create(question).asResponse();
    expect(await response.text()).toBe(odd);
    expect(onlyEvent(tracker).request.success).toBe(false);
  });
});
