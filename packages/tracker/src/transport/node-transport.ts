/**
 * Sends over Node's own `http` and `https`, on connections of its own.
 *
 * Promise: at most two connections, kept alive; none of them keeps the process alive, but for at most 3 s while it comes
 * about; an answer is read up to a bound; a redirect is not followed, so that the key goes nowhere else. (The built-in
 * `fetch` has no such agent, keeps the process alive, and costs more.)
 */
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { untraced } from "./untraced.ts";

const compress = promisify(gzip);

/** Below this many characters compression costs more than it saves. */
const compressFrom = 1_024;
const longestConnectMs = 3_000;
const maxResponseBytes = 5 * 1024 * 1024;
const agentOptions = { keepAlive: true, maxSockets: 2, maxFreeSockets: 2 };

export function createNodeTransport(): Transport {
  const http = new HttpAgent(agentOptions);
  const https = new HttpsAgent(agentOptions);
  let closed = false;
  return {
    send: async (request) => {
      const { body, headers } = await encode(request);
      if (closed) throw new Error("the transport is closed");
      return new Promise((resolve, reject) => {
        const secure = new URL(request.url).protocol === "https:";
        const options = { method: "POST", headers, signal: AbortSignal.timeout(request.timeoutMs) };
        const sent: ClientRequest = untraced(() =>
          secure
            ? httpsRequest(request.url, { ...options, agent: https })
            : httpRequest(request.url, { ...options, agent: http }),
        );
        // The agent takes a hold on the process each time it hands out a socket.
        sent.on("socket", (socket) => {
          socket.unref();
          if (socket.connecting) boundConnecting(socket);
        });
        sent.on("error", reject);
        sent.on("response", (response) => readResponse(response, body.byteLength, resolve, reject));
        sent.end(body);
      });
    },
    close: () => {
      closed = true;
      http.destroy();
      https.destroy();
    },
  };
}

/**
 * Gives a connection only so long to come about: until then it keeps the process alive, unref'd or not, since a pending
 * connect is a request of its own to the event loop. (So is the look-up of a name, which ends by the system's own limit.)
 */
function boundConnecting(socket: Socket): void {
  const tooLate = (): void => void socket.destroy(new Error(`no connection within ${longestConnectMs} ms`));
  socket.setTimeout(longestConnectMs, tooLate);
  socket.once("connect", () => socket.setTimeout(0).off("timeout", tooLate));
}

async function encode(
  request: TransportRequest,
): Promise<{ body: Uint8Array; headers: Record<string, string | number> }> {
  const plain = request.body.length < compressFrom;
  const bytes = Buffer.from(request.body);
  const body = plain ? bytes : await compress(bytes, { level: 1 });
  const headers = { ...request.headers, "content-length": body.byteLength };
  return { body, headers: plain ? headers : { ...headers, "content-encoding": "gzip" } };
}

function readResponse(
  response: IncomingMessage,
  sentBytes: number,
  resolve: (response: TransportResponse) => void,
  reject: (cause: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > maxResponseBytes)
      response.destroy(new Error(`expected an answer of at most ${maxResponseBytes} bytes`));
  });
  response.on("error", reject);
  response.on("end", () => {
    const headers = Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
    );
    resolve({ status: response.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString("utf8"), sentBytes });
  });
}
