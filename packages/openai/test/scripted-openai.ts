/** A real HTTP server that answers like the OpenAI API, from a script, and keeps every request byte by byte. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { chatChunks, chatCompletion, embedding, response, responseEvents } from "./fixtures.ts";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** Name and value by turns, as on the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** The body as it came: a form may have bytes that are no text. */
  readonly bytes: Uint8Array;
  /** Resolves when the client closed the connection before the answer was complete. */
  readonly left: Promise<void>;
  readonly answer: SeenAnswer;
}

/** What became of an answer, up to now. */
interface SeenAnswer {
  /** The client closed the connection before the answer was complete. */
  aborted: boolean;
  /** Pieces of a stream that were written. */
  pieces: number;
  /** The client did not read on, so that no more could be written. */
  stalled: boolean;
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
      readonly text: string | Uint8Array;
      readonly status?: number;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: "stream"; readonly steps: readonly StreamStep[] }
  /** As many pieces as the client takes, up to a number that no buffer holds. */
  | { readonly kind: "flood"; readonly piece: object; readonly pieces: number }
  /** Step by step, as the test says; of another type than a stream's where one is given. */
  | {
      readonly kind: "line";
      readonly line: (answer: ServerResponse, request: SeenRequest) => void;
      readonly contentType?: string;
    }
  | { readonly kind: "after"; readonly until: Promise<unknown>; readonly reply: Reply }
  | { readonly kind: "drop" }
  | { readonly kind: "hold" };

export interface ScriptedOpenAI {
  readonly baseURL: string;
  readonly requests: SeenRequest[];
  /** Answers to the next requests, in order; then the ordinary ones. */
  readonly next: Reply[];
  /** Resolves when so many requests have come. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startScriptedOpenAI(): Promise<ScriptedOpenAI> {
  const requests: SeenRequest[] = [];
  const next: Reply[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, answer) => {
    void reply(request, answer);
  });
  async function reply(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const bytes = await readBody(request);
    const seen = see(request, answer, bytes);
    requests.push(seen);
    for (const check of waiting) check();
    await send(answer, next.shift() ?? ordinaryReply(request, seen.body), {
      seen,
      requestId: `req_${requests.length}`,
    });
  }
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    requests,
    next,
    arrived: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (requests.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    // The client left while it sent.
  }
  return Buffer.concat(parts);
}

function see(request: IncomingMessage, answer: ServerResponse, bytes: Buffer): SeenRequest {
  const seen: SeenAnswer = { aborted: false, pieces: 0, stalled: false };
  const left = new Promise<void>((resolve) =>
    answer.once("close", () => {
      if (answer.writableFinished) return;
      // One that the server itself cut is not the client's doing.
      seen.aborted = !cut.has(answer);
      resolve();
    }),
  );
  const { method = "", url = "", rawHeaders } = request;
  return { method, path: url, rawHeaders, body: bytes.toString("utf8"), bytes, left, answer: seen };
}

/** Answers that the server cut. */
const cut = new WeakSet<ServerResponse>();

export function cutOff(answer: ServerResponse): void {
  cut.add(answer);
  answer.destroy();
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

interface Context {
  readonly seen: SeenRequest;
  readonly requestId: string;
}

async function send(answer: ServerResponse, reply: Reply, context: Context): Promise<void> {
  switch (reply.kind) {
    case "hold":
      return;
    case "drop":
      return cutOff(answer);
    case "after":
      await reply.until;
      return send(answer, reply.reply, context);
    case "line":
      openStream(answer, context, reply.contentType);
      return reply.line(answer, context.seen);
    case "stream":
      openStream(answer, context);
      return sendSteps(answer, reply.steps);
    case "flood":
      openStream(answer, context);
      return flood(answer, reply, context.seen.answer);
    case "json":
    case "text": {
      const text = reply.kind === "json" ? JSON.stringify(reply.body) : reply.text;
      const headers = { "content-type": "application/json", "x-request-id": context.requestId, ...reply.headers };
      answer.writeHead(reply.status ?? 200, headers).end(text);
    }
  }
}

function openStream(
  answer: ServerResponse,
  { requestId }: Context,
  contentType = "text/event-stream; charset=utf-8",
): void {
  answer.writeHead(200, { "content-type": contentType, "x-request-id": requestId });
  answer.flushHeaders();
}

function sendSteps(answer: ServerResponse, steps: readonly StreamStep[]): void {
  for (const step of steps) {
    if (step === "hold") return;
    if (step === "drop") {
      // After what was written has gone out and a client on this event loop has read it: where both come at once, `fetch` fails
      // before it gives a response, and the SDK tries again.
      answer.write(": \n\n", () => setImmediate(setImmediate, () => cutOff(answer)));
      return;
    }
    answer.write(eventText(step));
  }
  answer.end("data: [DONE]\n\n");
}

/** A piece of a stream as it is on the wire. */
export function eventText(step: object): string {
  const { type, event = type, data = step } = step as { type?: string; event?: string; data?: object };
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}

async function flood(
  answer: ServerResponse,
  { piece, pieces }: { readonly piece: object; readonly pieces: number },
  seen: SeenAnswer,
): Promise<void> {
  const text = eventText(piece);
  const closed = new AbortController();
  answer.once("close", () => closed.abort());
  while (seen.pieces < pieces && !answer.destroyed) {
    seen.pieces += 1;
    if (answer.write(text)) continue;
    seen.stalled = true;
    try {
      await once(answer, "drain", { signal: closed.signal });
    } catch {
      // The client has left.
      return;
    }
    seen.stalled = false;
  }
  answer.end("data: [DONE]\n\n");
}
