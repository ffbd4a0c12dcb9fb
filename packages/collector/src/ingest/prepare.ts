/**
 * Turns the raw body of one request into events ready to be stored: decode, parse, identify, price.
 *
 * Promise: a request is refused whole only when its body cannot be read; nothing of it is stored then. Decompression
 * stops at the body limit, whatever the archive claims.
 */
import type { Pricer } from "@cmdrdata/pricing";
import { type BodyItem, CmdrdataError, type FlaggedField, parseBody } from "@cmdrdata/protocol";
import type { EventOrigin, PricedEvent } from "@cmdrdata/storage";

import { identifyEvent } from "./identify.ts";
import { judgeTime } from "../judge-time.ts";
import { decompress, receivedBody } from "../received-body.ts";

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
  const items = parseBody(decodeText(decodeBody(request)));
  const body = receivedBody(request.body, request.encoding);
  return items.map((item, position) =>
    item.kind === "refused" ? item : prepareEvent(item, { ...request, origin: { body, position } }, pricer),
  );
}

function decodeBody({ body, encoding }: RawRequest): Uint8Array {
  if (encoding === "identity") return body;
  try {
    return decompress({ encoding, bytes: body });
  } catch (cause) {
    if (CmdrdataError.is(cause)) throw cause;
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

/** What is known of an event beside its content. */
interface Receipt {
  readonly tenant: string;
  readonly receivedAtMs: number;
  readonly origin?: EventOrigin | undefined;
}

/** Identifies, dates and prices one event that could be read. */
function prepareEvent(
  { event, problems, refusedId }: Omit<Extract<BodyItem, { readonly kind: "event" }>, "kind">,
  { tenant, receivedAtMs, origin }: Receipt,
  pricer: Pricer,
): Extract<PreparedItem, { readonly kind: "event" }> {
  const { id, identityTimeMs, contentHash, canonical } = identifyEvent(event, refusedId);
  const { eventTimeMs, flags, doubts } = judgeTime(event, problems, receivedAtMs);
  const odd = flags.length === 0 ? problems : [...problems, ...flags];
  const priced: PricedEvent = {
    tenant,
    id,
    identityTimeMs,
    contentHash,
    eventTimeMs,
    receivedAtMs,
    event,
    encoded: canonical,
    problems: odd,
    cost: pricer.price(event, eventTimeMs, tenant),
    origin,
    doubts,
  };
  return {
    kind: "event",
    priced,
    flagged: [...odd, ...doubts.filter((doubt) => !odd.includes(doubt))].map((problem) => ({ id, ...problem })),
  };
}
