/** One batch's way to the collector and what its answer, or the lack of one, means. Never throws. */
import type { Clock } from "./clock.ts";
import type { Transport } from "./transport/transport.ts";
import { bareBodyOf, batchBodyOf } from "./delivery/batch-body.ts";
import type { Batch } from "./delivery/holding.ts";
import { readResponse, type SendOutcome } from "./delivery/read-response.ts";

interface ExchangeDeps {
  readonly clock: Pick<Clock, "now">;
  readonly transport: Transport;
}

interface ExchangeTerms {
  readonly endpoint: string;
  readonly apiKey: string | undefined;
  readonly timeoutMs: number;
}

export interface Exchange {
  readonly outcome: SendOutcome;
  /** Bytes of the body, after compression; 0 when there was no answer. */
  readonly sentBytes: number;
}

function bodyOf({ events, bare }: Batch): Uint8Array<ArrayBuffer> {
  const texts = events.flatMap(({ text }) => text ?? []);
  const [only] = texts;
  return bare && only !== undefined ? bareBodyOf(only) : batchBodyOf(texts);
}

export async function exchange(
  batch: Batch,
  { endpoint, apiKey, timeoutMs }: ExchangeTerms,
  { clock, transport }: ExchangeDeps,
): Promise<Exchange> {
  try {
    const body = bodyOf(batch);
    const headers = { "content-type": "application/json", authorization: `Bearer ${apiKey}` };
    const response = await transport.send({ url: endpoint, headers, body, timeoutMs });
    return { outcome: readResponse(response, batch, clock.now()), sentBytes: response.sentBytes };
  } catch (error) {
    const detail = `no answer from the collector: ${error instanceof Error ? error.message : String(error)}`;
    return { outcome: { kind: "try-later", code: "unreachable", afterMs: undefined, detail }, sentBytes: 0 };
  }
}
