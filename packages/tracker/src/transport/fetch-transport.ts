/**
 * Sends with `fetch`, where there are no connections of one's own: in workers at the edge.
 *
 * Promise: an exchange ends within its time, also where the runtime does not heed an abort; an answer is read up to a bound;
 * a redirect is not followed, so that the key goes nowhere else. Whom to trust is the runtime's affair.
 */
import type { Clock } from "../clock.ts";
import { explainFailure } from "./explain-failure.ts";
import { answerTooLarge, answerTooLate, compressFrom, maxResponseBytes, transportClosed } from "./transport.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { untraced } from "./untraced.ts";

/** What it takes of the runtime. */
export interface FetchParts {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Where there is none, bodies go as they are. */
  readonly CompressionStream: typeof CompressionStream | undefined;
  readonly clock: Pick<Clock, "schedule">;
}

export function createFetchTransport(parts: FetchParts): Transport {
  const underWay = new Set<AbortController>();
  let closed = false;
  const send = async (request: TransportRequest): Promise<TransportResponse> => {
    if (closed) throw transportClosed();
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
    const cancel = parts.clock.schedule(request.timeoutMs, () => controller.abort(answerTooLate(request.timeoutMs)));
    underWay.add(controller);
    try {
      return await Promise.race([exchange(request, signal, parts), aborted]);
    } catch (failure) {
      throw explainFailure(failure);
    } finally {
      cancel();
      underWay.delete(controller);
    }
  };
  return {
    send,
    close: () => {
      closed = true;
      for (const controller of underWay) controller.abort(transportClosed());
    },
  };
}

async function exchange(request: TransportRequest, signal: AbortSignal, parts: FetchParts): Promise<TransportResponse> {
  const { body, headers } = await encode(request, parts.CompressionStream);
  signal.throwIfAborted();
  // Nothing else is said: some runtimes throw at settings that they do not have.
  const init: RequestInit = { method: "POST", headers, body, redirect: "manual", signal };
  const response = await untraced(() => parts.fetch(request.url, init));
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: await readText(response, signal),
    sentBytes: body.byteLength,
  };
}

async function encode(
  { body, headers }: TransportRequest,
  Compression: FetchParts["CompressionStream"],
): Promise<{ body: Uint8Array<ArrayBuffer>; headers: Readonly<Record<string, string>> }> {
  if (Compression === undefined || body.byteLength < compressFrom) return { body, headers };
  const packed = new Blob([body]).stream().pipeThrough(new Compression("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  return { body: bytes, headers: { ...headers, "content-encoding": "gzip" } };
}

async function readText({ body }: Response, signal: AbortSignal): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      bytes += value.byteLength;
      if (bytes > maxResponseBytes) throw answerTooLarge();
      text += decoder.decode(value, { stream: true });
    }
  } catch (failure) {
    // What is left of the answer is not waited for.
    void reader.cancel().catch(() => {});
    throw failure;
  }
}
