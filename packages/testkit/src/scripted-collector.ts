/**
 * A collector for tests: a real HTTP server on a free port that takes each id once, records what came, and misbehaves
 * as told, one entry of the script per request; after the script it behaves.
 */
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as later } from "node:timers/promises";
import { gunzipSync } from "node:zlib";

import type { SelfSigned } from "./self-signed.ts";

/** How one request is treated. `commit` says whether its events are taken before the misbehaviour. */
export type ScriptedAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string | Uint8Array;
    }
  | { readonly kind: "drop-connection"; readonly commit: boolean }
  /** Behaves, so much later. */
  | { readonly kind: "slow"; readonly afterMs: number }
  /** Head at once, then byte by byte: never an end, and never a pause. */
  | { readonly kind: "drip" }
  /** As much as the client takes, and no end. */
  | { readonly kind: "endless" }
  | { readonly kind: "hang" };

export interface RecordedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly bodyBytes: number;
  readonly events: readonly { readonly id?: string }[];
}

export interface ScriptedCollector {
  /** URL of its `/api/events`. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Ids taken, each once. */
  readonly ids: ReadonlySet<string>;
  /** Connections accepted so far. */
  connections(): number;
  close(): Promise<void>;
}

/** @param tls - with which it speaks HTTPS; plain HTTP without */
export async function scriptedCollector(
  script: readonly ScriptedAnswer[] = [],
  tls?: SelfSigned,
): Promise<ScriptedCollector> {
  const left = [...script];
  const requests: RecordedRequest[] = [];
  const ids = new Set<string>();
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const recorded = record(request.headers, Buffer.concat(chunks));
      requests.push(recorded);
      answer(left.shift(), recorded, ids, response);
    });
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}/api/events`,
    requests,
    ids,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function record(headers: IncomingHttpHeaders, body: Buffer): RecordedRequest {
  const text = (headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("utf8");
  const value = JSON.parse(text) as RecordedRequest["events"][number] & Partial<Pick<RecordedRequest, "events">>;
  return { headers, bodyBytes: body.byteLength, events: value.events ?? [value] };
}

function answer(
  scripted: ScriptedAnswer | undefined,
  { events }: RecordedRequest,
  ids: Set<string>,
  response: ServerResponse,
): void {
  switch (scripted?.kind) {
    case "hang":
      return;
    case "slow":
      void later(scripted.afterMs).then(() => accept(events, ids, response));
      return;
    case "drip": {
      response.writeHead(200, { "content-type": "application/json" }).write("{");
      const next = (): void => {
        if (!response.destroyed) response.write(" ", () => setImmediate(next));
      };
      return next();
    }
    case "endless": {
      response.writeHead(200, { "content-type": "application/json" });
      const more = (): void => {
        while (!response.destroyed && response.write(" ".repeat(65_536))) continue;
      };
      response.on("drain", more);
      return more();
    }
    case "drop-connection":
      if (scripted.commit) take(events, ids);
      response.socket?.destroy();
      return;
    case "answer":
      response.writeHead(scripted.status, scripted.headers).end(scripted.body ?? "");
      return;
    case undefined:
      accept(events, ids, response);
  }
}

function accept(events: RecordedRequest["events"], ids: Set<string>, response: ServerResponse): void {
  const duplicates = take(events, ids);
  const reply = { accepted: events.length - duplicates, duplicates, rejected: [] };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
}

/** @returns how many were known already */
function take(events: RecordedRequest["events"], ids: Set<string>): number {
  const before = ids.size;
  for (const { id } of events) ids.add(String(id));
  return events.length - (ids.size - before);
}
