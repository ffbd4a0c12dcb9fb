/** Streams: the program has the SDK's own stream, and each is one event however it ends. */
import { APIError } from "openai";
import { describe, expect, it } from "vitest";

import { OpenAI } from "../src/index.ts";
import { chatChunks, responseEvents, streamedWords } from "./fixtures.ts";
import { collect, onlyEvent, question, silent, useBench } from "./harness.ts";

const makeBench = useBench();
const streamed = { ...question, stream: true } as const;

describe("a stream", () => {
  it("can be teed, and counts once", async () => {
    const { tracked, tracker } = makeBench();
    const [left, right] = (await tracked.chat.completions.create(streamed)).tee();
    const [one, other] = await Promise.all([collect(left), collect(right)]);
    expect(one).toEqual(other);
    expect(one).toHaveLength(streamedWords.length + 1);
    expect(onlyEvent(tracker).total_tokens).toBe(1_163);
  });

  it("becomes a ReadableStream of the same chunks", async () => {
    const { tracked, bare, tracker } = makeBench();
    const lines = async (client: typeof bare): Promise<string> =>
      new Response((await client.chat.completions.create(streamed)).toReadableStream() as ReadableStream).text();
    expect(await lines(tracked as never)).toBe(await lines(bare));
    expect(onlyEvent(tracker).request.finish_reason).toBe("stop");
  });

  it("feeds the helpers of the SDK", async () => {
    const { tracked, tracker } = makeBench();
    const words: string[] = [];
    const stream = tracked.chat.completions.stream({ ...question, customer_id: "globex" });
    stream.on("content", (word) => words.push(word));
    const completion = await stream.finalChatCompletion();
    expect(words.join("")).toBe("Hello there!");
    expect(completion.usage).toBeUndefined();
    expect(onlyEvent(tracker)).toMatchObject({ customer_id: "globex", total_tokens: 1_163 });
  });

  it("awaited twice, and with its response, is one stream and one event", async () => {
    const { tracked, tracker } = makeBench();
    const promise = tracked.chat.completions.create(streamed);
    const { data, request_id } = await promise.withResponse();
    expect(await promise).toBe(data);
    expect(request_id).toBe("req_1");
    await collect(data);
    await expect(collect(data)).rejects.toThrow("Cannot iterate over a consumed stream");
    expect(onlyEvent(tracker).request).toMatchObject({ success: true, id: "req_1" });
  });

  it("is counted once when a second reader is refused while the first reads", async () => {
    const { tracked, tracker } = makeBench();
    const stream = await tracked.chat.completions.create(streamed);
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    await expect(collect(stream)).rejects.toThrow("Cannot iterate");
    await stream[Symbol.asyncIterator]().return?.();
    expect(tracker.events).toEqual([]);
    await collect({ [Symbol.asyncIterator]: () => reader });
    expect(onlyEvent(tracker)).toMatchObject({ total_tokens: 1_163, error: { occurred: false } });
  });

  /** Answers at once, so that all turns are the SDK's and ours. */
  const atOnce: typeof fetch = async (_url, init) => {
    const { body } = init as { readonly body: string };
    const chunks = chatChunks(body.includes("include_usage"));
    const text = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("");
    return new Response(`${text}data: [DONE]\n\n`, { headers: { "content-type": "text/event-stream" } });
  };

  it("hides the usage chunk also from a program that asks for several items at once", async () => {
    const { tracker } = makeBench();
    const client = new OpenAI({ apiKey: "sk-x", fetch: atOnce, tracker, logger: silent });
    const reader = (await client.chat.completions.create(streamed))[Symbol.asyncIterator]();
    const steps = await Promise.all(Array.from({ length: 8 }, () => reader.next()));
    expect(steps.map(({ done }) => done)).toEqual([...Array(5).fill(false), ...Array(3).fill(true)]);
    expect(onlyEvent(tracker).total_tokens).toBe(1_163);
  });

  it("left early reaches the server, and is a success whose usage is estimated", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "stream", steps: [...chatChunks(true).slice(0, 2), "hold"] });
    const seen: string[] = [];
    for await (const chunk of await tracked.chat.completions.create(streamed)) {
      seen.push(chunk.choices[0]?.delta.content ?? "");
      if (seen.length === 2) break;
    }
    await server.requests[0]?.left;
    await tracker.flush();
    expect(onlyEvent(tracker)).toMatchObject({
      input_tokens: 13,
      output_tokens: 1,
      usage: { source: "estimated" },
      error: { occurred: false },
      request: { finish_reason: null, success: true },
    });
  });

  it("thrown into ends like one left early", async () => {
    const { tracked, tracker } = makeBench();
    const reader = (await tracked.chat.completions.create(streamed))[Symbol.asyncIterator]();
    await reader.next();
    await expect(reader.throw?.(new Error("mine"))).rejects.toThrow("mine");
    expect(onlyEvent(tracker).error.occurred).toBe(false);
  });

  it.each(["before it leaves", "and reads on"])("aborted by the program %s is aborted", async (how) => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "stream", steps: [...chatChunks(true).slice(0, 2), "hold"] });
    const stream = await tracked.chat.completions.create(streamed);
    for await (const chunk of stream) {
      expect(chunk.object).toBe("chat.completion.chunk");
      stream.controller.abort();
      if (how === "before it leaves") break;
    }
    await server.requests[0]?.left;
    expect(onlyEvent(tracker)).toMatchObject({ error: { type: "aborted" }, request: { success: false } });
  });

  it("that breaks fails the program as the SDK fails it, and is recorded as broken", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "stream", steps: [...chatChunks(true).slice(0, 2), "drop"] });
    await expect(collect(await tracked.chat.completions.create(streamed))).rejects.toThrow("terminated");
    const failure = { error: { message: "canary", type: "server_error", code: "overloaded" } };
    server.next.push({ kind: "stream", steps: [...chatChunks(true).slice(0, 2), failure] });
    await expect(collect(await tracked.chat.completions.create(streamed))).rejects.toThrow(APIError);
    await tracker.flush();
    expect(tracker.events.map(({ error, usage }) => [error.type, error.code, error.message, usage.source])).toEqual([
      ["stream_broken", "UND_ERR_SOCKET", "TypeError (UND_ERR_SOCKET)", "estimated"],
      ["stream_broken", "overloaded", "error server_error overloaded", "estimated"],
    ]);
  });

  it("of an endpoint not known by name is recorded when an item has usage", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "stream", steps: [{ n: 1 }, { usage: { input_tokens: 3, output_tokens: 4 } }] });
    const stream = tracked.post("/new_things", { body: { stream: true }, stream: true });
    expect(await collect((await stream) as AsyncIterable<unknown>)).toHaveLength(2);
    expect(onlyEvent(tracker)).toMatchObject({
      operation: "/new_things",
      input_tokens: 3,
      request: { streaming: true },
    });
  });

  it("of a response that names an error is a failed call", async () => {
    const { tracked, tracker, server } = makeBench();
    const error = { type: "error", code: "rate_limit_exceeded", message: "canary", param: null, sequence_number: 3 };
    server.next.push({ kind: "stream", steps: [...responseEvents().slice(0, 3), error] });
    await collect(await tracked.responses.create({ model: "gpt-5-mini", input: "…", stream: true }));
    expect(onlyEvent(tracker).error).toMatchObject({ type: "failed", code: "rate_limit_exceeded" });
    expect(JSON.stringify(tracker.events)).not.toContain("canary");
  });
});
