/** One batch's way to the collector and what its answer, or the lack of one, means. Never throws. */
import { encodeBody } from "@cmdrdata/protocol";

import type { Clock } from "./clock.ts";
import type { Transport } from "./transport/transport.ts";
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

export async function exchange(
  batch: Batch,
  { endpoint, apiKey, timeoutMs }: ExchangeTerms,
  { clock, transport }: ExchangeDeps,
): Promise<Exchange> {
  try {
    const encoded = batch.events.map((event) => event.encoded ?? "{}");
    const body = batch.bare ? encoded.join() : encodeBody(encoded);
    const headers = { "content-type": "application/json", authorization: `Bearer ${apiKey}` };
    const response = await transport.send({ url: endpoint, headers, body, timeoutMs });
    return { outcome: readResponse(response, batch, clock.now()), sentBytes: response.sentBytes };
  } catch (error) {
    const detail = `no answer from the collector: ${error instanceof Error ? error.message : String(error)}`;
    return { outcome: { kind: "try-later", code: "unreachable", afterMs: undefined, detail }, sentBytes: 0 };
  }
}
