/**
 * Turns the raw body of one request into events ready to be stored: decode, parse, identify, price.
 *
 * Promise: a request is refused whole only when its body cannot be read; nothing of it is stored then. Decompression
 * stops at the body limit, whatever the archive claims.
 */
import { gunzipSync } from "node:zlib";

import type { Pricer } from "@cmdrdata/pricing";
import { type BodyItem, bodyTooLarge, CmdrdataError, type FlaggedField, limits, parseBody } from "@cmdrdata/protocol";
import type { PricedEvent } from "@cmdrdata/storage";

import { identifyEvent } from "./identify.ts";

/** The body of one authenticated request, as it came. */
export interface RawRequest {
  readonly tenant: string;
  readonly body: Uint8Array;
  readonly encoding: "identity" | "gzip";
  readonly receivedAtMs: number;
}

/** One event of a request, ready to be stored, or refused by itself. */
export type PreparedItem =
  | { readonly kind: "event"; readonly priced: PricedEvent; readonly flagged: readonly Omit<FlaggedField, "index">[] }
  | Extract<BodyItem, { readonly kind: "refused" }>;

/** @throws CmdrdataError with one of the codes of `parseBody`, or `CMDR_ENCODING_UNSUPPORTED` for a body that is no gzip */
export function prepareRequest(request: RawRequest, pricer: Pricer): readonly PreparedItem[] {
  return parseBody(decodeText(decodeBody(request))).map((item) =>
    item.kind === "refused" ? item : prepareEvent(item, request, pricer),
  );
}

function decodeBody(request: RawRequest): Uint8Array {
  if (request.encoding === "identity") return request.body;
  try {
    return gunzipSync(request.body, { maxOutputLength: limits.bodyBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw bodyTooLarge(limits.bodyBytes + 1);
    throw new CmdrdataError("CMDR_ENCODING_UNSUPPORTED", "expected a gzip body, got one that does not decompress", {
      cause,
    });
  }
}

/** A byte that is no UTF-8 would become U+FFFD, whatever it was: two ids could become one, and a call be lost. */
function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (cause) {
    throw new CmdrdataError("CMDR_BODY_NOT_JSON", "expected JSON in UTF-8, got bytes that are not UTF-8", { cause });
  }
}

function prepareEvent(
  item: Extract<BodyItem, { readonly kind: "event" }>,
  request: RawRequest,
  pricer: Pricer,
): PreparedItem {
  const { event, problems, refusedId } = item;
  const identity = identifyEvent(event, refusedId);
  const eventTimeMs = event.timestamp === null ? request.receivedAtMs : Date.parse(event.timestamp);
  const flags = event.timestamp === null ? [...problems, noTimestamp] : problems;
  const priced: PricedEvent = {
    tenant: request.tenant,
    ...identity,
    eventTimeMs,
    receivedAtMs: request.receivedAtMs,
    event,
    problems: flags,
    cost: pricer.price(event, eventTimeMs),
  };
  return { kind: "event", priced, flagged: flags.map((problem) => ({ id: identity.id, ...problem })) };
}

const noTimestamp = {
  code: "CMDR_FIELD_MISSING",
  field: "timestamp",
  message: "expected the time of the call, got none; the time of receipt is used",
} as const;
