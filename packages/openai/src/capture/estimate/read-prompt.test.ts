import { describe, expect, it } from "vitest";

import { type Prompt, readChatPrompt, readCompletionPrompt, readResponsesPrompt } from "./read-prompt.ts";

const user = { role: "user", content: "hi" };
const known = { input: false, output: false };
const tool = { type: "function", function: { name: "f" } };
const rendered = "namespace functions {\n\ntype f = () => any;\n\n} // namespace functions";
const unknownOf = ({ unknown }: Prompt) => unknown;

describe("the prompt of a chat", () => {
  it("is its messages, and the opening of the answer", () => {
    expect(readChatPrompt({ messages: [user] }, false)).toEqual({ texts: ["user", "hi"], tokens: 6, unknown: known });
    expect(readChatPrompt({ messages: [user] }, true).tokens).toBe(5);
    expect(readChatPrompt({ messages: "odd" }, false).texts).toEqual([]);
  });

  it("is the text of their parts, and marks what is none", () => {
    const content = [
      { type: "text", text: "one" },
      { type: "refusal", refusal: "two" },
    ];
    expect(readChatPrompt({ messages: [{ role: "user", content }] }, false).texts).toEqual(["user", "one", "two"]);
    const image = { role: "user", content: [{ type: "image_url", image_url: { url: "data:…" } }] };
    expect(unknownOf(readChatPrompt({ messages: [image] }, false))).toEqual({ input: true, output: false });
    const spoken = { role: "assistant", audio: { id: "audio_1" } };
    expect(unknownOf(readChatPrompt({ messages: [spoken] }, false)).input).toBe(true);
  });

  it("is the calls of its history and their results", () => {
    const messages = [
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "c", type: "function", function: { name: "f", arguments: "{}" } },
          { id: "d", type: "custom", custom: { name: "g", input: "x" } },
        ],
      },
      { role: "tool", tool_call_id: "c", content: "sunny" },
    ];
    expect(readChatPrompt({ messages }, false)).toMatchObject({
      texts: ["assistant", "f", "{}", "g", "x", "tool", "sunny"],
      tokens: 3 + 3 + 3 + 3 + 3,
    });
  });

  it("is the functions, with less around them where a system message stands", () => {
    expect(readChatPrompt({ messages: [user], tools: [tool] }, false)).toMatchObject({
      texts: ["user", "hi", rendered],
      tokens: 6 + 9,
    });
    const system = { role: "system", content: "Be kind" };
    expect(readChatPrompt({ messages: [system, user], tools: [tool] }, false)).toMatchObject({
      texts: ["system", "Be kind\n", "user", "hi", rendered],
      tokens: 9 + 5,
    });
    expect(readChatPrompt({ messages: [{ ...system, content: "Be kind\n" }], tools: [tool] }, false).texts[1]).toBe(
      "Be kind\n",
    );
  });

  it.each([
    [{ tool_choice: "none" }, 1, []],
    [{ tool_choice: "required" }, 0, []],
    [{ function_call: { name: "f" } }, 4, ["f"]],
    [{ tool_choice: { type: "function", function: { name: "f" } } }, 4, ["f"]],
  ])("with %o has %i tokens more", (choice, tokens, texts) => {
    const prompt = readChatPrompt({ messages: [], ...choice }, false);
    expect([prompt.tokens, prompt.texts]).toEqual([3 + tokens, texts]);
  });

  it("is the schema of the answer", () => {
    const body = { response_format: { type: "json_schema", json_schema: { name: "a", schema: {} } } };
    expect(readChatPrompt(body, false).texts).toEqual(['{"name":"a","schema":{}}']);
  });

  it.each([
    [{ web_search_options: {} }, { input: true, output: true }],
    [{ tools: [{ type: "web_search" }] }, { input: true, output: true }],
    [{ modalities: ["text", "audio"] }, { input: false, output: true }],
    [{ modalities: ["text"] }, known],
  ])("with %o is known as far as %o says", (body, unknown) => {
    expect(unknownOf(readChatPrompt({ messages: [user], ...body }, false))).toEqual(unknown);
  });
});

describe("the prompt of a completion", () => {
  it.each([
    [{ prompt: "Say" }, ["Say"], 0],
    [{ prompt: ["Say", "it"], suffix: "end" }, ["Say", "it", "end"], 0],
    [{ prompt: [1, 2, 3] }, [], 3],
    [{ prompt: [[1, 2], [3]] }, [], 3],
    [{}, [], 0],
  ])("of %o is %o and %i tokens", (body, texts, tokens) => {
    expect(readCompletionPrompt(body, false)).toEqual({ texts, tokens, unknown: known });
  });

  it("is answered by more than is sent with best_of", () => {
    expect(unknownOf(readCompletionPrompt({ prompt: "Say", best_of: 3 }, false)).output).toBe(true);
    expect(unknownOf(readCompletionPrompt({ prompt: "Say", best_of: 3, n: 3 }, false)).output).toBe(false);
  });
});

describe("the prompt of a response", () => {
  it("is its instructions and its input", () => {
    expect(readResponsesPrompt({ input: "hi", instructions: "Be kind" }, false)).toEqual({
      texts: ["system", "Be kind", "user", "hi"],
      tokens: 9,
      unknown: known,
    });
    const items = [user, { type: "message", role: "assistant", content: [{ type: "output_text", text: "yo" }] }];
    expect(readResponsesPrompt({ input: items, instructions: [user] }, false).texts).toEqual(
      "user hi user hi assistant yo".split(" "),
    );
  });

  it("is calls, their results, functions and the schema of the answer", () => {
    const input = [
      { type: "function_call", name: "f", arguments: "{}", call_id: "c" },
      { type: "function_call_output", call_id: "c", output: "sunny" },
    ];
    const text = { format: { type: "json_schema", name: "a", schema: { type: "object" } } };
    const tools = [{ type: "function", name: "f" }];
    expect(readResponsesPrompt({ input, text, tools }, false)).toEqual({
      texts: ["f", "{}", "tool", "sunny", rendered, '{"type":"object"}'],
      tokens: 3 + 3 + 3 + 3 + 9,
      unknown: known,
    });
  });

  it.each([
    [{ previous_response_id: "resp_1" }, { input: true, output: false }],
    [{ previous_response_id: null }, known],
    [{ conversation: "conv_1" }, { input: true, output: false }],
    [{ prompt: { id: "pmpt_1" } }, { input: true, output: false }],
    [{ input: [{ type: "reasoning", id: "rs_1" }] }, { input: true, output: false }],
    [{ input: [{ role: "user", content: [{ type: "input_file", file_id: "f" }] }] }, { input: true, output: false }],
    [{ tools: [{ type: "web_search" }] }, { input: true, output: true }],
    [{ tools: [{ type: "custom", name: "sql" }] }, known],
  ])("with %o is known as far as %o says", (body, unknown) => {
    expect(unknownOf(readResponsesPrompt({ input: "hi", ...body }, false))).toEqual(unknown);
  });
});
