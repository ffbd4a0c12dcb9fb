/**
 * A WebSocket server over TLS, as the SDK asks for one: it says what a test tells it to say, and keeps what it was sent.
 * Certificate: signed by itself, so clients must not check it.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

import { selfSigned } from "@cmdrdata/testkit";
import { type RawData, type WebSocket, WebSocketServer } from "ws";

/** How a connection came in. */
interface Upgrade {
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface RealtimeServer {
  /** `https://127.0.0.1:PORT/v1` */
  readonly baseURL: string;
  readonly upgrades: Upgrade[];
  /** What clients sent, parsed. */
  readonly received: unknown[];
  /** Codes with which connections ended, as the server saw it. */
  readonly closed: number[];
  /** What is done with the next connections, in order; after that nothing is. */
  readonly next: ((socket: WebSocket) => unknown)[];
  close(): Promise<void>;
}

export async function startRealtimeServer(): Promise<RealtimeServer> {
  const https = createServer(selfSigned());
  const sockets = new WebSocketServer({ server: https, handleProtocols: () => "realtime" });
  const server = {
    upgrades: [] as Upgrade[],
    received: [] as unknown[],
    closed: [] as number[],
    next: [] as RealtimeServer["next"],
  };
  sockets.on("connection", (socket, { url = "", headers }) => {
    const { "sec-websocket-key": _key, ...others } = headers;
    server.upgrades.push({ url, headers: others });
    socket.on("message", (data) => server.received.push(readFrame(data)));
    socket.on("close", (code) => server.closed.push(code));
    void server.next.shift()?.(socket);
  });
  await listen(https);
  const { port } = https.address() as AddressInfo;
  return {
    ...server,
    baseURL: `https://127.0.0.1:${port}/v1`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((closed) => https.close(closed));
    },
  };
}

async function listen(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}

/** What a client sent. */
export function readFrame(data: RawData): object {
  return JSON.parse((data as Buffer).toString()) as object;
}

/** Sends events of the server, each as a frame. */
export function tell(socket: WebSocket, ...events: readonly object[]): void {
  for (const event of events) socket.send(JSON.stringify(event));
}
