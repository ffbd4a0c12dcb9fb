/** A real HTTP server that answers like the OpenAI API, from a script, and keeps every request byte by byte. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { chatChunks, chatCompletion, embedding, response, responseEvents } from "./fixtures.ts";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** Name and value by turns, as on the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** Resolves when the client closed the connection before the answer was complete. */
  readonly left: Promise<void>;
}

/** `drop` cuts the connection; `hold` sends nothing more and keeps it open. */
type StreamStep = object | "drop" | "hold";

type Reply =
  | {
      readonly kind: "json";
      readonly status?: number;
      readonly body: unknown;
      readonly headers?: Record<string, string>;
    }
  | {
      readonly kind: "text";
      readonly text: string;
      readonly status?: number;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: "stream"; readonly steps: readonly StreamStep[] }
  | { readonly kind: "drop" }
  | { readonly kind: "hold" };

export interface ScriptedOpenAI {
  readonly baseURL: string;
  readonly requests: SeenRequest[];
  /** Answers to the next requests, in order; then the ordinary ones. */
  readonly next: Reply[];
  close(): Promise<void>;
}

export async function startScriptedOpenAI(): Promise<ScriptedOpenAI> {
  const requests: SeenRequest[] = [];
  const next: Reply[] = [];
  const server = createServer((request, answer) => {
    void reply(request, answer);
  });
  async function reply(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await readBody(request);
    requests.push(see(request, answer, body));
    send(answer, next.shift() ?? ordinaryReply(request, body), `req_${requests.length}`);
  }
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    requests,
    next,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function see(request: IncomingMessage, answer: ServerResponse, body: string): SeenRequest {
  const left = new Promise<void>((resolve) =>
    answer.once("close", () => {
      if (!answer.writableFinished) resolve();
    }),
  );
  const { method = "", url = "", rawHeaders } = request;
  return { method, path: url, rawHeaders, body, left };
}

/** What the API would answer. */
function ordinaryReply(request: IncomingMessage, body: string): Reply {
  const [path = ""] = (request.url ?? "").split("?");
  const asked = JSON.parse(body.startsWith("{") ? body : "{}") as {
    stream?: boolean;
    stream_options?: { include_usage?: boolean };
  };
  if (path.endsWith("/chat/completions")) {
    if (asked.stream !== true) return { kind: "json", body: chatCompletion };
    return { kind: "stream", steps: chatChunks(asked.stream_options?.include_usage === true) };
  }
  if (path.endsWith("/responses")) {
    return asked.stream === true ? { kind: "stream", steps: responseEvents() } : { kind: "json", body: response };
  }
  if (path.endsWith("/embeddings")) return { kind: "json", body: embedding };
  if (path.includes("/models")) return { kind: "json", body: { object: "list", data: [{ id: "gpt-4o" }] } };
  return { kind: "json", status: 404, body: { error: { message: "no such path", code: "unknown_url" } } };
}

function send(answer: ServerResponse, reply: Reply, requestId: string): void {
  if (reply.kind === "hold") return;
  if (reply.kind === "drop") return void answer.destroy();
  if (reply.kind === "stream") return sendStream(answer, reply.steps, requestId);
  const text = reply.kind === "json" ? JSON.stringify(reply.body) : reply.text;
  const headers = { "content-type": "application/json", "x-request-id": requestId, ...reply.headers };
  answer.writeHead(reply.status ?? 200, headers).end(text);
}

function sendStream(answer: ServerResponse, steps: readonly StreamStep[], requestId: string): void {
  answer.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "x-request-id": requestId });
  for (const step of steps) {
    if (step === "hold") return;
    if (step === "drop") {
      // After what was written has gone out, so that the client sees it first.
      answer.write(": \n\n", () => answer.destroy());
      return;
    }
    const { type } = step as { type?: string };
    answer.write(`${type === undefined ? "" : `event: ${type}\n`}data: ${JSON.stringify(step)}\n\n`);
  }
  answer.end("data: [DONE]\n\n");
}
