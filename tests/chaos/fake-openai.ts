/**
 * OpenAI as far as the chaos suite needs it: chat completions that say which call they answer, whole, streamed, or refused,
 * with token counts that follow from the call's number, so that the ledger can be checked call by call.
 */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { tokensOf } from "./calls.mjs";

export interface FakeOpenAI {
  readonly baseURL: string;
  close(): Promise<void>;
}

export async function startOpenAI(): Promise<FakeOpenAI> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(JSON.parse(Buffer.concat(chunks).toString()) as Body, response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Body {
  readonly messages: readonly { readonly content: string }[];
  readonly stream?: boolean;
}

const common = { created: 1_795_000_000, model: "gpt-4o-2024-08-06", service_tier: "default" };

function answer({ messages, stream }: Body, response: ServerResponse): void {
  const [what = "", call = ""] = messages[0]?.content.split(" ") ?? [];
  const id = `chatcmpl-${call}`;
  const requestId = { "x-request-id": `req-${call}` };
  if (what === "refuse") {
    const error = { message: "no such thing", type: "invalid_request_error", code: "refused", param: null };
    response.writeHead(400, { "content-type": "application/json", ...requestId }).end(JSON.stringify({ error }));
    return;
  }
  const usage = usageOf(Number(call));
  if (stream !== true) {
    const message = { role: "assistant", content: `echo ${call}` };
    const whole = { id, object: "chat.completion", ...common, choices: [{ index: 0, message, finish_reason: "stop" }] };
    response
      .writeHead(200, { "content-type": "application/json", ...requestId })
      .end(JSON.stringify({ ...whole, usage }));
    return;
  }
  const chunk = (choices: readonly object[], reported: object | null): string =>
    `data: ${JSON.stringify({ id, object: "chat.completion.chunk", ...common, choices, usage: reported })}\n\n`;
  response.writeHead(200, { "content-type": "text/event-stream", ...requestId });
  for (const content of ["echo ", call])
    response.write(chunk([{ index: 0, delta: { content }, finish_reason: null }], null));
  response.write(chunk([{ index: 0, delta: {}, finish_reason: "stop" }], null));
  response.end(`${chunk([], usage)}data: [DONE]\n\n`);
}

function usageOf(call: number): object {
  const { input, output } = tokensOf(call);
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}
