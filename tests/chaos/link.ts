/**
 * What lies between the program and the collector: a real HTTP server that sends on what it gets, or treats it as its
 * weather of the moment says. It can also be away altogether: then nothing listens on its port.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

import { forward } from "../e2e/faulty-link.ts";

/** What becomes of a request. `dropped`: the collector has it, and its answer is lost. */
export type Weather =
  | "fine"
  | "hangs"
  | "slow"
  | "status 500"
  | "status 429"
  | "status 429 until"
  | "reset"
  | "cut"
  | "html"
  | "moved"
  | "dropped";

export interface Link {
  readonly endpoint: string;
  /** Decides about each request as it comes. */
  weather: () => Weather;
  /** URL of the collector; it changes when that is started anew. */
  target: string;
  /** How many requests met each weather. */
  readonly met: ReadonlyMap<Weather, number>;
  close(): Promise<void>;
  /** Listens again on the same port. */
  open(): Promise<void>;
}

export async function startLink(target: string): Promise<Link> {
  const met = new Map<Weather, number>();
  let port = 0;
  let server: Server | undefined;
  const link = {
    endpoint: "",
    weather: (): Weather => "fine",
    target,
    met,
    async open() {
      server = createServer((request, response) => {
        const weather = link.weather();
        met.set(weather, (met.get(weather) ?? 0) + 1);
        void handle(request, response, { weather, target: link.target });
      });
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
      ({ port } = server.address() as AddressInfo);
    },
    async close() {
      if (server === undefined) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      server = undefined;
    },
  };
  await link.open();
  link.endpoint = `http://127.0.0.1:${port}/api/events`;
  return link;
}

interface Passing {
  readonly weather: Weather;
  readonly target: string;
}

async function handle(request: IncomingMessage, response: ServerResponse, { weather, target }: Passing): Promise<void> {
  try {
    if (weather === "cut") {
      // In the middle of the batch.
      request.once("data", () => request.socket.destroy());
      return;
    }
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    await answers[weather](response, () => forward(target, request.headers, body));
  } catch {
    // The collector is down, or the program went away: either way this connection has ended.
    response.destroy();
  }
}

type Forward = () => Promise<Response>;

const inASecond = (): string => new Date(Date.now() + 1_000).toUTCString();

const answers: Readonly<
  Record<Exclude<Weather, "cut">, (response: ServerResponse, send: Forward) => void | Promise<void>>
> = {
  async fine(response, send) {
    const answer = await send();
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  },
  hangs() {},
  async slow(response, send) {
    const answer = await send();
    response.writeHead(answer.status, { "content-type": "application/json" });
    for (const byte of await answer.text()) {
      if (response.destroyed) return;
      response.write(byte);
      await setTimeout(2);
    }
    response.end();
  },
  "status 500": (response) => void response.writeHead(500).end("internal error"),
  "status 429": (response) => void response.writeHead(429, { "retry-after": "1" }).end(),
  "status 429 until": (response) => void response.writeHead(429, { "retry-after": inASecond() }).end(),
  reset: (response) => void response.socket?.resetAndDestroy(),
  html: (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome</html>"),
  moved: (response) => void response.writeHead(307, { location: "http://127.0.0.1:9/elsewhere" }).end(),
  async dropped(response, send) {
    await (await send()).text();
    response.destroy();
  },
};
