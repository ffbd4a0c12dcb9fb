/** Streams that end without usage are estimated from what was sent and received (C2), and nothing of it is told (C7). */
import { APIError } from "openai";
import { describe, expect, it } from "vitest";

import { loadTokenizer } from "../src/capture/estimate/tokenizer.ts";
import { chatChunks, responseEvents } from "./fixtures.ts";
import { collect, onlyEvent, question, recordingTracker, useBench } from "./harness.ts";

const makeBench = useBench();
const streamed = { ...question, stream: true } as const;
/** The question by OpenAI's rule: message, role, text, opening. */
const asked = 3 + 1 + 6 + 3;

const tokens = async (text: string): Promise<number> => (await loadTokenizer("o200k_base"))?.count(text) ?? Number.NaN;

/** "Hello there!" without the "!", and no end. */
const cutShort = chatChunks(true).slice(0, 3);
const failure = { error: { message: "canary", type: "server_error", code: "overloaded" } };

describe("a chat stream that ends without usage", () => {
  it.each<[string, object | string, number | null]>([
    ["is left", "hold", 3],
    ["is aborted", "hold", 3],
    ["breaks", "drop", null],
    ["fails on the way", failure, null],
  ])("and %s is estimated", async (how, last, stopAfter) => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "stream", steps: [...cutShort, last as object] });
    const stream = await tracked.chat.completions.create(streamed);
    let count = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of stream) {
        expect(chunk.id).toMatch(/^chatcmpl-/);
        count += 1;
        if (count !== stopAfter) continue;
        if (how === "is aborted") stream.controller.abort();
        else break;
      }
    };
    if (stopAfter === null) await expect(read()).rejects.toThrow(how === "breaks" ? "terminated" : APIError);
    else await read();
    await tracker.flush();
    const output = await tokens("Hello there");
    expect(onlyEvent(tracker)).toMatchObject({
      input_tokens: asked,
      output_tokens: output,
      total_tokens: asked + output,
      usage: { source: "estimated", estimated_by: "o200k_base", raw: null },
      latency: { duration_ms: expect.any(Number), time_to_first_token_ms: expect.any(Number) },
      request: { id: "req_1", response_id: "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG", retry_count: 0 },
    });
    expect(onlyEvent(tracker).usage).not.toHaveProperty("lower_bound");
    expect(JSON.stringify(tracker.events)).not.toMatch(/canary|Hello/);
  });

  it("is estimated too when the program asked for no usage, and got to the end", async () => {
    const { tracked, tracker } = makeBench({ includeUsage: "never" });
    await collect(await tracked.chat.completions.create(streamed));
    await tracker.flush();
    const counts = { input_tokens: asked, output_tokens: await tokens("Hello there!") };
    expect(onlyEvent(tracker)).toMatchObject({ ...counts, usage: { source: "estimated" } });
  });

  it("is not when usage came, also if the stream is left then", async () => {
    const { tracked, tracker, server } = makeBench();
    const last = { ...(chatChunks(true).at(-1) as object), choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
    server.next.push({ kind: "stream", steps: [...cutShort, last, "hold"] });
    for await (const chunk of await tracked.chat.completions.create(streamed)) {
      if (chunk.choices[0]?.finish_reason === "stop") break;
    }
    expect(onlyEvent(tracker)).toMatchObject({ total_tokens: 1_163, usage: { source: "reported" } });
    await tracker.flush();
    expect(onlyEvent(tracker).usage.source).toBe("reported");
  });

  it("is estimated from the request as it went out, whatever the program does with it afterwards", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "json", status: 503, body: failure }, { kind: "stream", steps: [...cutShort, "drop"] });
    const body = structuredClone(streamed);
    const call = tracked.withOptions({ maxRetries: 1 }).chat.completions.create(body, { headers: { "x-a": "b" } });
    while (server.requests.length === 0) await new Promise(setImmediate);
    body.messages.length = 0;
    await expect(collect(await call)).rejects.toThrow("terminated");
    await tracker.flush();
    // The SDK itself reads the body again for the second attempt.
    const sent = JSON.parse(server.requests[1]?.body ?? "") as { readonly messages: readonly unknown[] };
    expect(onlyEvent(tracker).input_tokens).toBe(sent.messages.length === 0 ? 3 : asked);
    expect(onlyEvent(tracker).request.retry_count).toBe(1);
  });

  it("is not estimated when its request was refused", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "json", status: 400, body: failure });
    await expect(tracked.chat.completions.create(streamed)).rejects.toThrow(APIError);
    await tracker.flush();
    expect(onlyEvent(tracker)).toMatchObject({ input_tokens: null, usage: { source: "none" } });
  });
});

describe("other streams", () => {
  it("of responses are estimated; of a model that hides its reasoning as a lower bound", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "stream", steps: [...responseEvents().slice(0, 6), "drop"] });
    const stream = await tracked.responses.create({ model: "gpt-5-mini", input: "Tell me a story", stream: true });
    await expect(collect(stream)).rejects.toThrow("terminated");
    await tracker.flush();
    expect(onlyEvent(tracker)).toMatchObject({
      input_tokens: 3 + 1 + (await tokens("Tell me a story")) + 2,
      output_tokens: await tokens("In a quiet wood, …"),
      usage: { source: "estimated", lower_bound: "output" },
    });
  });

  it("of responses that fail before anything came are not", async () => {
    const { tracked, tracker, server } = makeBench();
    const error = { type: "error", code: "server_error", message: "canary", param: null, sequence_number: 1 };
    server.next.push({ kind: "stream", steps: [...responseEvents().slice(0, 1), error] });
    await collect(await tracked.responses.create({ model: "gpt-4.1", input: "…", stream: true }));
    await tracker.flush();
    expect(onlyEvent(tracker)).toMatchObject({ input_tokens: null, usage: { source: "none" } });
  });

  it("of legacy completions are estimated", async () => {
    const { tracked, tracker, server } = makeBench();
    const chunk = (text: string): object => ({
      id: "cmpl-1",
      model: "gpt-3.5-turbo-instruct",
      choices: [{ index: 0, text }],
    });
    server.next.push({ kind: "stream", steps: [chunk("\n\nThis is"), chunk(" indeed a test"), "drop"] });
    const body = { model: "gpt-3.5-turbo-instruct", prompt: "Say this is a test", stream: true } as const;
    await expect(collect(await tracked.completions.create(body))).rejects.toThrow("terminated");
    await tracker.flush();
    expect(onlyEvent(tracker)).toMatchObject({
      input_tokens: 5,
      output_tokens: 6,
      usage: { estimated_by: "cl100k_base" },
    });
  });
});

describe("a tracker of somebody else's, which takes only whole events,", () => {
  const settle = async (events: readonly unknown[]): Promise<void> => {
    while (events.length === 0) await new Promise(setImmediate);
  };

  it("is given the estimate when it is made", async () => {
    const { captureLater: _, ...tracker } = recordingTracker();
    const { tracked, server } = makeBench({ tracker: tracker as never });
    server.next.push({ kind: "stream", steps: [...cutShort, "drop"] });
    await expect(collect(await tracked.chat.completions.create(streamed))).rejects.toThrow("terminated");
    await settle(tracker.events);
    expect(tracker.events).toMatchObject([{ input_tokens: asked, usage: { source: "estimated" } }]);
  });

  it("and throws then, changes nothing for the program (D1)", async () => {
    const taken: unknown[] = [];
    const capture = (event: unknown): never => {
      taken.push(event);
      throw new Error("full");
    };
    const { captureLater: _, ...tracker } = recordingTracker();
    const { tracked, server } = makeBench({ tracker: { ...tracker, capture } as never });
    server.next.push({ kind: "stream", steps: [...cutShort, "drop"] });
    await expect(collect(await tracked.chat.completions.create(streamed))).rejects.toThrow("terminated");
    await settle(taken);
    // The test runner fails for a rejection that is left behind.
    await new Promise(setImmediate);
    expect(taken).toHaveLength(1);
  });
});
