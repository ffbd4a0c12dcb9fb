/**
 * Sends over Node's own `http` and `https`, on connections of its own.
 *
 * Promise: at most two connections, kept alive; none of them keeps the process alive, but for at most 3 s while it comes
 * about; an answer is read up to a bound, packed and unpacked; a redirect is not followed, so that the key goes nowhere
 * else; a server that cannot prove who it is gets nothing, whatever the process's environment says. (The built-in `fetch`
 * has no such agent, keeps the process alive, and costs more.)
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";

import { systemClock } from "../clock.ts";
import type { NodeSockets } from "../node-builtin.ts";
import { explainFailure } from "./explain-failure.ts";
import { createPacker, type Packer } from "./packer.ts";
import { answerTooLarge, answerTooLate, compressFrom, maxResponseBytes, transportClosed } from "./transport.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { untraced } from "./untraced.ts";

const longestConnectMs = 3_000;
const agentOptions = { keepAlive: true, maxSockets: 2, maxFreeSockets: 2 };

/** @param ca - the authorities to trust, in PEM; `undefined`: those that Node trusts */
export function createNodeTransport({ http, https, zlib }: NodeSockets, ca?: readonly string[]): Transport {
  const plain = new http.Agent(agentOptions);
  const secure = new https.Agent({
    ...agentOptions,
    // Said here, NODE_TLS_REJECT_UNAUTHORIZED=0 does not undo it.
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ...(ca === undefined ? {} : { ca: [...ca] }),
  });
  const open: Open = (url, options) =>
    new URL(url).protocol === "https:"
      ? https.request(url, { ...options, agent: secure })
      : http.request(url, { ...options, agent: plain });
  const packer = createPacker(zlib);
  let closed = false;
  const exchange = async (request: TransportRequest): Promise<TransportResponse> => {
    const { body, headers } = await encode(request, packer);
    if (closed) throw transportClosed();
    const answer = await roundTrip({ ...request, headers, body }, open);
    return { ...answer, text: (await decode(answer, packer)).toString("utf8"), sentBytes: body.byteLength };
  };
  return {
    send: (request) =>
      exchange(request).catch((failure: unknown) => {
        throw explainFailure(failure);
      }),
    close: () => {
      closed = true;
      packer.close();
      plain.destroy();
      secure.destroy();
    },
  };
}

type Open = (url: string, options: RequestOptions) => ClientRequest;

interface EncodedRequest extends Pick<TransportRequest, "url" | "timeoutMs"> {
  readonly headers: Record<string, string | number>;
  readonly body: Uint8Array;
}

function roundTrip({ url, headers, body, timeoutMs }: EncodedRequest, open: Open): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = untraced(() => open(url, { method: "POST", headers }));
    // Not the `timeout` of a request, which begins anew with every byte; a signal for each would take a quarter of a ms.
    const cancel = systemClock.schedule(timeoutMs, () => failed(answerTooLate(timeoutMs)));
    const failed = (cause: Error): void => {
      cancel();
      reject(cause);
      sent.destroy();
    };
    // The agent takes a hold on the process each time it hands out a socket.
    sent.on("socket", (socket) => {
      socket.unref();
      if (socket.connecting) boundConnecting(socket);
    });
    sent.on("error", failed);
    sent.on("response", (response) => {
      const done = (answer: Answer): void => {
        cancel();
        resolve(answer);
      };
      readAnswer(response, done, failed);
    });
    sent.end(body);
  });
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

async function encode(request: TransportRequest, packer: Packer): Promise<Pick<EncodedRequest, "body" | "headers">> {
  const plain = request.body.byteLength < compressFrom;
  const body = plain ? request.body : await packer.gzip(request.body);
  const headers = { ...request.headers, "content-length": body.byteLength };
  return { body, headers: plain ? headers : { ...headers, "content-encoding": "gzip" } };
}

/** An answer as it came. */
interface Answer {
  readonly status: number;
  readonly headers: TransportResponse["headers"];
  readonly body: Buffer;
}

function readAnswer(
  response: IncomingMessage,
  resolve: (answer: Answer) => void,
  reject: (cause: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > maxResponseBytes) response.destroy(answerTooLarge());
  });
  response.on("error", reject);
  response.on("end", () => {
    const headers = Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
    );
    resolve({ status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) });
  });
}

/** Nothing packed is asked for; what lies between may pack an answer all the same. */
async function decode({ headers, body }: Answer, packer: Packer): Promise<Buffer> {
  if (headers["content-encoding"] !== "gzip") return body;
  try {
    return await packer.gunzip(body, maxResponseBytes);
  } catch (error) {
    throw (error as { readonly code?: string }).code === "ERR_BUFFER_TOO_LARGE" ? answerTooLarge() : error;
  }
}
