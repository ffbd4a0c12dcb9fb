/**
 * Prompt token counts of the OpenAI API that somebody published together with the request, each with its source: what
 * prompt estimates are measured by. Requests are as published, but for what no count depends on.
 */
import type { JsonObject } from "@cmdrdata/protocol";

export interface PublishedCount {
  readonly source: string;
  /** When the source was read. */
  readonly read: string;
  readonly operation: "chat.completions" | "completions" | "responses";
  readonly model: string;
  readonly request: JsonObject;
  /** `usage.prompt_tokens`, `usage.input_tokens` for responses. */
  readonly promptTokens: number;
}

const read = "2026-11-25";
/** 1. https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken, "… prompt tokens counted by the OpenAI API". */
const cookbook = "OpenAI cookbook, How to count tokens with tiktoken";
/** 2. Its version of 2023, https://github.com/openai/openai-cookbook/blob/06d9feb5e21e6fdc85f3ddce7731e05892758cd7. */
const cookbook2023 = "OpenAI cookbook, How to count tokens with tiktoken (2023)";
/** 3. https://github.com/openai/openai-openapi/blob/006e34bedf5bc884774aa8550715f4f4daef3334/openapi.yaml, examples. */
const openapi = "OpenAI API description, examples (2023)";
/** 4. https://cookbook.openai.com/examples/responses_api/reasoning_items. */
const reasoningItems = "OpenAI cookbook, Better performance from reasoning models";
/** 5. https://tykimos.github.io, "OpenAI API usage", 2023-08-29: the answer of the API to the reference's own example. */
const tykimos = "tykimos.github.io, OpenAI API usage, 2023-08-29";
/**
 * 6. https://github.com/hmarr/openai-chat-tokens/blob/08d8ec0290482881f00bde4a5a1e96b6ccd5bad0/tests/token-counts.test.ts:
 * each count was checked there against the API (gpt-3.5-turbo, 2023).
 */
const hmarr = "hmarr/openai-chat-tokens, counts checked against the API (2023)";
/** 7. https://platform.openai.com/docs/api-reference/responses/create, first example (2025). */
const apiReference = "OpenAI API reference, Create a model response (2025)";

const jargon = [
  {
    role: "system",
    content: "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
  },
  { role: "system", name: "example_user", content: "New synergies will help drive top-line growth." },
  { role: "system", name: "example_assistant", content: "Things working well together will increase revenue." },
  {
    role: "system",
    name: "example_user",
    content: "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
  },
  {
    role: "system",
    name: "example_assistant",
    content: "Let's talk later when we're less busy about how to do better.",
  },
  {
    role: "user",
    content: "This late pivot means we don't have time to boil the ocean for the client deliverable.",
  },
];

const location = { type: "string", description: "The city and state, e.g. San Francisco, CA" };
const units = ["celsius", "fahrenheit"];
const weather = (unit: JsonObject): JsonObject => ({
  name: "get_current_weather",
  description: "Get the current weather in a given location",
  parameters: { type: "object", properties: { location, unit }, required: ["location"] },
});

const weatherChat = {
  messages: [
    { role: "system", content: "You are a helpful assistant that can answer to questions about the weather." },
    { role: "user", content: "What's the weather like in San Francisco?" },
  ],
  tools: [
    {
      type: "function",
      function: weather({ type: "string", description: "The unit of temperature to return", enum: units }),
    },
  ],
};

const chat = (source: string, model: string, request: JsonObject, promptTokens: number): PublishedCount => ({
  source,
  read,
  operation: "chat.completions",
  model,
  request,
  promptTokens,
});

const hello = [
  { role: "system", content: "You are a helpful assistant." },
  { role: "user", content: "Hello!" },
];

const user = (content: string): JsonObject => ({ role: "user", content });
const system = (content: string): JsonObject => ({ role: "system", content });
const result = (name: string, content: string): JsonObject => ({ role: "function", name, content });
const call = (text: string): JsonObject => ({
  role: "assistant",
  content: "",
  function_call: { name: "do_stuff", arguments: text },
});
const declared = (name: string, properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  name,
  ...more,
  parameters: { type: "object", properties },
});
const doStuff = declared("do_stuff", {});
const bing = { description: "Do a bing bong" };

const recipe = {
  name: "get_recipe",
  parameters: {
    type: "object",
    required: ["ingredients", "instructions", "time_to_cook"],
    properties: {
      ingredients: {
        type: "array",
        items: {
          type: "object",
          required: ["name", "unit", "amount"],
          properties: {
            name: { type: "string" },
            unit: { enum: ["grams", "ml", "cups", "pieces", "teaspoons"], type: "string" },
            amount: { type: "number" },
          },
        },
      },
      instructions: {
        type: "array",
        items: { type: "string" },
        description: "Steps to prepare the recipe (no numbering)",
      },
      time_to_cook: { type: "number", description: "Total time to prepare the recipe in minutes" },
    },
  },
};

const checked = (messages: readonly JsonObject[], promptTokens: number, functions?: readonly JsonObject[]) =>
  chat(hmarr, "gpt-3.5-turbo", functions === undefined ? { messages } : { messages, functions }, promptTokens);

export const publishedCounts: readonly PublishedCount[] = [
  ...["gpt-3.5-turbo", "gpt-4-0613", "gpt-4"].map((model) => chat(cookbook, model, { messages: jargon }, 129)),
  ...["gpt-4o", "gpt-4o-mini"].map((model) => chat(cookbook, model, { messages: jargon }, 124)),
  ...["gpt-3.5-turbo", "gpt-4"].map((model) => chat(cookbook, model, weatherChat, 105)),
  ...["gpt-4o", "gpt-4o-mini"].map((model) => chat(cookbook, model, weatherChat, 101)),
  chat(cookbook2023, "gpt-3.5-turbo-0301", { messages: jargon }, 127),
  ...["gpt-3.5-turbo-0613", "gpt-4-0314"].map((model) => chat(cookbook2023, model, { messages: jargon }, 129)),
  chat(
    openapi,
    "gpt-3.5-turbo-0613",
    {
      messages: [user("What's the weather like in Boston today?")],
      functions: [weather({ type: "string", enum: units })],
      function_call: "auto",
    },
    82,
  ),
  {
    source: openapi,
    read,
    operation: "completions",
    model: "gpt-3.5-turbo-instruct",
    request: { prompt: "Say this is a test" },
    promptTokens: 5,
  },
  {
    source: reasoningItems,
    read,
    operation: "responses",
    model: "o4-mini-2025-04-16",
    request: { input: "tell me a joke" },
    promptTokens: 10,
  },
  chat(tykimos, "gpt-3.5-turbo-0613", { messages: hello }, 19),
  checked([user("hello")], 8),
  checked([user("hello world")], 9),
  checked([system("hello")], 8),
  checked([system("hello:")], 9),
  checked(
    [system("# Important: you're the best robot"), user("hello robot"), { role: "assistant", content: "hello world" }],
    27,
  ),
  checked([user("hello")], 31, [declared("foo", {})]),
  checked([user("hello")], 36, [declared("foo", {}, { description: "Do a foo" })]),
  checked([user("hello")], 49, [declared("bing_bong", { foo: { type: "string" } }, bing)]),
  checked([user("hello")], 57, [
    declared("bing_bong", { foo: { type: "string" }, bar: { type: "number", description: "A number" } }, bing),
  ]),
  checked([user("hello")], 68, [
    declared(
      "bing_bong",
      {
        foo: {
          type: "object",
          properties: { bar: { type: "string", enum: ["a", "b", "c"] }, baz: { type: "boolean" } },
        },
      },
      bing,
    ),
  ]),
  checked([user("hello world"), result("do_stuff", "{}")], 15),
  checked([user("hello world"), result("do_stuff", '{"foo": "bar", "baz": 1.5}')], 28),
  checked([result("dance_the_tango", '{"a": { "b" : { "c": false}}}')], 24),
  checked([call('{"foo": "bar", "baz": 1.5}')], 26),
  checked([call('{"foo":"bar", "baz":\n\n 1.5}')], 25),
  checked([system("Hello"), user("Hi there")], 35, [doStuff]),
  checked([system("Hello:"), user("Hi there")], 35, [doStuff]),
  checked([system("Hello:"), system("Hello"), user("Hi there")], 40, [doStuff]),
  checked([user("hello")], 106, [recipe]),
];

/** Published counts that the rule does not explain, with what is known of the reason. They are not counted as hits. */
export const contradictions: readonly (PublishedCount & { readonly why: string; readonly estimate: number })[] = [
  {
    ...chat(openapi, "gpt-3.5-turbo-0613", { messages: hello }, 9),
    estimate: 19,
    why: "not the answer to this request: its id is `chatcmpl-123`, and 9 is the count of `Hello!` alone. The API itself answered 19 (tykimos, above)",
  },
  {
    source: apiReference,
    read,
    operation: "responses",
    model: "gpt-4.1-2025-04-14",
    request: { input: "Tell me a three sentence bedtime story about a unicorn." },
    promptTokens: 36,
    estimate: 18,
    why: "twice the count of the text with its message; the answer is dated a month before the model it names came out, so request and answer were not made together",
  },
];
