/**
 * What lies between the SDK and the collector on a bad day: a real HTTP server that answers 503 for a while, and sends
 * on some batches twice, as a network that swallowed the first answer would make a client do.
 */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

import type { UsageEvent } from "@cmdrdata/protocol";

export interface FaultyLink {
  /** What the SDK is told is the collector. */
  readonly endpoint: string;
  /** Events that went on to the collector, each once. */
  readonly events: ReadonlyMap<string, UsageEvent>;
  readonly refused: () => number;
  readonly sentTwice: () => number;
  close(): Promise<void>;
}

/** @param faults.refuse - how many requests get a 503 first; @param faults.twice - how many of the next are sent on twice */
export async function faultyLink(
  target: string,
  faults: { readonly refuse: number; readonly twice: number },
): Promise<FaultyLink> {
  const events = new Map<string, UsageEvent>();
  let [refused, sentTwice] = [0, 0];
  const server = createServer((request, response) => void handle(request, response));
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    if (refused < faults.refuse) {
      refused += 1;
      response.writeHead(503, { "retry-after": "0" }).end();
      return;
    }
    for (const event of decode(request.headers, body)) events.set(event.id ?? "", event);
    if (sentTwice < faults.twice) {
      sentTwice += 1;
      await forward(target, request.headers, body);
    }
    const answer = await forward(target, request.headers, body);
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/events`,
    events,
    refused: () => refused,
    sentTwice: () => sentTwice,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Sends a request on as it came. */
export function forward(target: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Response> {
  const { authorization = "", "content-encoding": encoding } = headers;
  const passed = {
    authorization,
    "content-type": "application/json",
    ...(encoding ? { "content-encoding": encoding } : {}),
  };
  return fetch(`${target}/api/events`, { method: "POST", headers: passed, body: new Uint8Array(body) });
}

function decode(headers: IncomingHttpHeaders, body: Buffer): readonly UsageEvent[] {
  const text = (headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("utf8");
  return (JSON.parse(text) as { readonly events: readonly UsageEvent[] }).events;
}
