import { emptyEvent, type JsonObject } from "@cmdrdata/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { estimateEvent, recordStream, type StreamingText } from "./estimate-stream.ts";
import { type LoadTokenizer, loadTokenizer } from "./tokenizer.ts";

const nextTurn = (): Promise<void> => Promise.resolve();
const none: LoadTokenizer = () => Promise.resolve(undefined);

function record(operation: string, items: readonly object[], request?: JsonObject): StreamingText {
  const text = recordStream(operation);
  if (text === null) throw new Error(`expected ${operation} to be estimated`);
  for (const item of items) text.add(item as never);
  if (request !== undefined) text.request = JSON.stringify(request);
  return text;
}

const estimate = (text: StreamingText, model = "gpt-4o") => text.estimate(model, { loadTokenizer, nextTurn });
const tokens = async (text: string): Promise<number> => (await loadTokenizer("o200k_base"))?.count(text) ?? Number.NaN;

const delta = (fields: object, index = 0): object => ({ choices: [{ index, delta: fields }] });
const outputDelta = (kind: string, fields: object): object => ({ type: `response.${kind}.delta`, ...fields });

describe("the output of a chat stream", () => {
  it("is the tokenizer's count of the text, however it was cut into chunks", async () => {
    const word = fc.string({ unit: "grapheme", maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 60 }), async (words) => {
        const whole = words.join("");
        const { outputTokens } = await estimate(
          record(
            "chat.completions",
            words.map((content) => delta({ content })),
          ),
        );
        expect(outputTokens).toBe(whole === "" ? null : await tokens(whole));
      }),
    );
  });

  it("is each text by itself: choices, refusal, reasoning, tool calls and their arguments", async () => {
    const text = record("chat.completions", [
      delta({ role: "assistant", content: "" }),
      delta({ content: "Canaries" }),
      delta({ content: "Birds" }, 1),
      delta({ content: " sing", refusal: null }),
      delta({ refusal: "I can't", content: null }),
      delta({ reasoning_content: "Hmm, birds" }),
      delta({ tool_calls: [{ index: 0, id: "call_1", function: { name: "get_weather", arguments: "" } }] }),
      delta({ tool_calls: [{ index: 1, function: { name: "stop" } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
      delta({
        tool_calls: [
          { index: 0, function: { arguments: '"Paris"}' } },
          { index: 2, custom: { name: "sql", input: "select 1" } },
        ],
      }),
      delta({ function_call: { name: "old", arguments: "{}" } }, 1),
      { choices: [] },
      { choices: ["odd", { index: 0 }, { index: 0, delta: "odd" }] },
      { odd: true },
    ]);
    const all = ["Canaries sing", "Birds", "I can't", "Hmm, birds", "get_weather", '{"city":"Paris"}', "stop", "sql"];
    const counts = await Promise.all([...all, "select 1", "old", "{}"].map(tokens));
    const { outputTokens, lowerBound, estimatedBy } = await estimate(text);
    expect(outputTokens).toBe(counts.reduce((sum, count) => sum + count, 0));
    expect([lowerBound, estimatedBy]).toEqual([undefined, "o200k_base"]);
  });

  it("that is sound is a lower bound", async () => {
    const text = record("chat.completions", [delta({ audio: { transcript: "Hello", data: "UklGRg==" } })]);
    expect(await estimate(text)).toMatchObject({ outputTokens: await tokens("Hello"), lowerBound: "output" });
  });

  it("of a model that hides its reasoning is a lower bound", async () => {
    const text = record("chat.completions", [delta({ content: "Hello" })]);
    expect((await estimate(text, "gpt-5-mini")).lowerBound).toBe("output");
  });

  it("is counted with the encoding of its model", async () => {
    const text = record("chat.completions", [delta({ content: "antidisestablishmentarianism お誕生日" })]);
    expect((await estimate(text, "gpt-4")).estimatedBy).toBe("cl100k_base");
    expect((await estimate(text, "gpt-4")).outputTokens).not.toBe((await estimate(text)).outputTokens);
  });
});

describe("the output of a response stream", () => {
  it("is each text by itself, and the names of what is called", async () => {
    const text = record("responses", [
      { type: "response.created", response: { instructions: "not output" } },
      { type: "response.output_item.added", item: { type: "reasoning", id: "rs_1" } },
      outputDelta("reasoning_summary_text", { item_id: "rs_1", summary_index: 0, delta: "Thinking" }),
      { type: "response.output_item.added", item: { type: "message", id: "msg_1" } },
      outputDelta("output_text", { item_id: "msg_1", content_index: 0, delta: "In a " }),
      outputDelta("output_text", { item_id: "msg_1", content_index: 0, delta: "wood" }),
      outputDelta("refusal", { item_id: "msg_1", content_index: 1, delta: "No" }),
      { type: "response.output_text.done", item_id: "msg_1", text: "In a wood" },
      { type: "response.output_item.added", item: { type: "function_call", id: "fc_1", name: "get_weather" } },
      outputDelta("function_call_arguments", { item_id: "fc_1", delta: '{"a":1}' }),
      outputDelta("odd", {}),
      { odd: true },
    ]);
    const all = await Promise.all(["Thinking", "In a wood", "No", "get_weather", '{"a":1}'].map(tokens));
    expect(await estimate(text, "gpt-4.1")).toMatchObject({
      outputTokens: all.reduce((sum, count) => sum + count, 0),
      lowerBound: undefined,
    });
  });

  it.each([
    [{ type: "response.output_item.added", item: { type: "web_search_call", id: "ws_1" } }, "both"],
    [{ type: "response.output_item.added", item: { type: "mcp_call", id: "mcp_1", name: "tool" } }, "both"],
    [{ type: "response.audio.delta", delta: "UklGRg==" }, "output"],
  ])("with %o is a lower bound: %s", async (item, lowerBound) => {
    const words = outputDelta("output_text", { item_id: "m", content_index: 0, delta: "Hi" });
    expect(await estimate(record("responses", [item, words]), "gpt-4.1")).toMatchObject({
      lowerBound,
      outputTokens: 1,
    });
  });
});

describe("the output of a completion stream", () => {
  it("is the text of each choice", async () => {
    const choice = (index: number, text: string): object => ({ choices: [{ index, text }] });
    const text = record("completions", [choice(0, "This is"), choice(1, "Say"), choice(0, " a test")]);
    expect((await estimate(text)).outputTokens).toBe((await tokens("This is a test")) + (await tokens("Say")));
  });
});

describe("an estimate", () => {
  const request = { messages: [{ role: "user", content: "hello" }] };

  it("is in the event, whose other fields stay", async () => {
    const text = record("chat.completions", [delta({ content: "Hi there" })], request);
    const event = {
      ...emptyEvent,
      id: "1",
      model: "gpt-4o",
      usage: { ...emptyEvent.usage, quantities: { images: 1 } },
    };
    expect(await estimateEvent(event, text, { loadTokenizer, nextTurn })).toEqual({
      ...event,
      input_tokens: 8,
      output_tokens: 2,
      total_tokens: 10,
      usage: { ...event.usage, source: "estimated", estimated_by: "o200k_base" },
    });
  });

  it("knows no total, and no output, when nothing came", async () => {
    const event = { ...emptyEvent, requested_model: "o3" };
    const text = record("chat.completions", [], request);
    expect(await estimateEvent(event, text, { loadTokenizer, nextTurn })).toMatchObject({
      input_tokens: 7,
      output_tokens: null,
      total_tokens: null,
      usage: { source: "estimated", lower_bound: "output" },
    });
  });

  it.each([
    ["of a body that is not JSON text", new Uint8Array()],
    ["of a body that is no object", "[]"],
    ["of a body that is too long", `"${"x".repeat(8_388_608)}"`],
  ])("says nothing of the prompt %s", async (_, body) => {
    const text = record("chat.completions", []);
    text.request = body;
    expect(await estimateEvent(emptyEvent, text, { loadTokenizer, nextTurn })).toBe(emptyEvent);
  });

  it("is made by rule without a tokenizer, and says so", async () => {
    const text = record("chat.completions", [delta({ content: "Hello there!" })], request);
    expect(await text.estimate("gpt-4o", { loadTokenizer: none, nextTurn })).toEqual({
      inputTokens: 3 + 3 + 2,
      outputTokens: 3,
      estimatedBy: "characters",
      lowerBound: undefined,
    });
  });

  it("holds a bounded text, and counts the rest by rule", async () => {
    const chunk = delta({ content: "The canary sings. ".repeat(1_000) });
    const text = record(
      "chat.completions",
      Array.from({ length: 70 }, () => chunk),
    );
    expect(text.heldBytes).toBeLessThanOrEqual(2 * 1_048_576);
    const { outputTokens, estimatedBy } = await estimate(text);
    expect(estimatedBy).toBe("o200k_base, characters");
    expect(Math.abs(Number(outputTokens) / (70 * 5_000) - 1)).toBeLessThan(0.2);
    expect((await text.estimate("gpt-4o", { loadTokenizer: none, nextTurn })).estimatedBy).toBe("characters");
  });

  it("lets the program go on between slices", async () => {
    let turns = 0;
    const text = record("chat.completions", [delta({ content: "The canary sings. ".repeat(10_000) })], request);
    const counted = await text.estimate("gpt-4o", {
      loadTokenizer,
      nextTurn: () => {
        turns += 1;
        return Promise.resolve();
      },
    });
    expect(counted.outputTokens).toBe(await tokens("The canary sings. ".repeat(10_000)));
    expect(turns).toBeGreaterThan(15);
  });

  it("is made of streams of three operations only", () => {
    expect(["embeddings", "images.generations", "constructor", "/new"].map(recordStream)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
