// The OpenAI API for the demo, without a key and without the internet: the third-party emulator @copilotkit/aimock,
// told what to answer and how many tokens that took.
import { setTimeout } from "node:timers/promises";

import { LLMock } from "@copilotkit/aimock";

/** How long an answer that is not streamed takes, roughly. */
const thinkingMs = 35;

/**
 * Starts it on a free port of this machine.
 * @returns {Promise<{ url: string, detailedUrl: string, stop: () => Promise<void> }>} `detailedUrl` serves answers with
 *   cached and reasoning tokens, which the emulator itself cannot
 */
export async function startEmulator() {
  const emulator = new LLMock({ host: "127.0.0.1", port: 0, latency: 15, chunkSize: 12 });
  emulator.on(
    { predicate: (request) => request.model === "gpt-4o-retired" },
    {
      error: {
        message: "The model `gpt-4o-retired` does not exist",
        type: "invalid_request_error",
        code: "model_not_found",
      },
      status: 404,
    },
  );
  emulator.on({ predicate: asksForTool }, { toolCalls: [{ name: "get_weather", arguments: '{"city":"Paris"}' }] });
  emulator.on({ predicate: () => true }, answer);
  emulator.mount("/v1/embeddings", route(embedding));
  emulator.mount("/detailed", route(reasoned));
  const url = await emulator.start();
  return { url: `${url}/v1`, detailedUrl: `${url}/detailed/v1`, stop: () => emulator.stop() };
}

const snapshots = { "gpt-4o": "gpt-4o-2024-08-06", "gpt-4o-mini": "gpt-4o-mini-2024-07-18" };
const sentences = [
  "Your order left the warehouse this morning and should arrive on Thursday.",
  "Here is the summary you asked for: revenue grew by 12 percent, costs by 4.",
  "I have drafted a reply to the customer; please read it before you send it.",
];

/** About four characters a token, as the tokenizers give for English. @param {string} text */
const tokensIn = (text) => Math.max(1, Math.ceil(text.length / 4));

/** A model that is given a tool calls it, once it is asked about the weather. @param {any} request */
function asksForTool({ tools, messages }) {
  const last = messages.at(-1);
  return tools?.length > 0 && last?.role === "user" && String(last.content).includes("weather");
}

/** @param {{ model: string, messages: readonly { content: unknown }[] }} request */
function answer(request) {
  const prompt = request.messages
    .map(({ content }) => (typeof content === "string" ? content : JSON.stringify(content)))
    .join("\n");
  const content = sentences[prompt.length % sentences.length] ?? "";
  const model = snapshots[/** @type {keyof typeof snapshots} */ (request.model)] ?? request.model;
  const [input, output] = [tokensIn(prompt) * 40, tokensIn(content) * 5];
  return {
    content,
    model,
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      input_tokens: input,
      output_tokens: output,
      total_tokens: input + output,
    },
  };
}

/** @param {{ model: string, input: string | readonly string[] }} request */
function embedding(request) {
  const inputs = typeof request.input === "string" ? [request.input] : request.input;
  const tokens = inputs.reduce((sum, text) => sum + tokensIn(text), 0) * 25;
  const vector = Buffer.from(new Float32Array([0.1, 0.2, 0.3, 0.4]).buffer).toString("base64");
  return {
    object: "list",
    model: request.model,
    data: inputs.map((_text, index) => ({ object: "embedding", index, embedding: vector })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

let responses = 0;

/** An answer of a reasoning model to a long, mostly cached prompt. */
function reasoned() {
  responses += 1;
  const content = [{ type: "output_text", text: "Approve the refund.", annotations: [] }];
  return {
    id: `resp_demo_${responses}`,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    status: "completed",
    model: "gpt-5-mini-2025-08-07",
    service_tier: "default",
    output: [{ type: "message", id: `msg_demo_${responses}`, status: "completed", role: "assistant", content }],
    usage: {
      input_tokens: 4_200,
      input_tokens_details: { cached_tokens: 3_072 },
      output_tokens: 640,
      output_tokens_details: { reasoning_tokens: 512 },
      total_tokens: 4_840,
    },
  };
}

/** @param {(body: any) => unknown} respond @returns {import("@copilotkit/aimock").Mountable} */
function route(respond) {
  return {
    async handleRequest(request, response) {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      await setTimeout(thinkingMs);
      const body = respond(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      response.writeHead(200, {
        "content-type": "application/json",
        "x-request-id": `req_demo_${Math.random().toString(36).slice(2)}`,
      });
      response.end(JSON.stringify(body));
      return true;
    },
  };
}
