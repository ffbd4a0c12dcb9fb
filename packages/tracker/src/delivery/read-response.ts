/**
 * What an answer of the collector means for the batch that was sent. Pure.
 *
 * | answer                                    | outcome                                              |
 * | 200 that accounts for every event         | accepted: the batch has its outcomes                 |
 * | 200 that cannot be read or does not add up| try-later: the ledger takes each id once             |
 * | 413                                       | split: halves are sent; a single event is too large  |
 * | 400, 422                                  | split: halves are sent; a single event is refused    |
 * | 401, 403                                  | unauthorized: hold, and ask again rarely             |
 * | everything else, and no answer            | try-later, with the server's `Retry-After` if given  |
 */
import { CmdrdataError, type IngestReply, parseReply } from "@cmdrdata/protocol";

/** What is read of an answer. */
interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

export type SendOutcome =
  | { readonly kind: "accepted"; readonly reply: IngestReply }
  | { readonly kind: "split"; readonly reason: "too_large" | "refused"; readonly detail: string }
  | { readonly kind: "unauthorized"; readonly detail: string }
  | { readonly kind: "try-later"; readonly afterMs: number | undefined; readonly detail: string };

/** The longest a server may make us wait. */
const maxRetryAfterMs = 300_000;

/**
 * @param events - how many were in the batch
 * @param nowMs - wall clock, for a `Retry-After` that is a date
 */
export function readResponse(response: Answer, events: number, nowMs: number): SendOutcome {
  const { status } = response;
  if (status === 200) return readAccepted(response, events);
  const detail = `the collector answered ${status}`;
  if (status === 413) return { kind: "split", reason: "too_large", detail };
  if (status === 400 || status === 422) return { kind: "split", reason: "refused", detail };
  if (status === 401 || status === 403) return { kind: "unauthorized", detail };
  return { kind: "try-later", afterMs: readRetryAfter(response.headers["retry-after"], nowMs), detail };
}

/** @returns milliseconds to wait, from seconds or an HTTP date (RFC 9110, 10.2.3); `undefined` when absent or neither */
export function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : readHttpDate(text) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), maxRetryAfterMs);
}

/** `Date.parse` alone takes "-1" for a date. Every form of an HTTP date starts with its weekday. */
function readHttpDate(text: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : NaN;
}

function readAccepted(response: Answer, events: number): SendOutcome {
  try {
    const reply = parseReply(response.text);
    const accounted = reply.accepted + reply.duplicates + reply.rejected.length;
    if (accounted === events) return { kind: "accepted", reply };
    return {
      kind: "try-later",
      afterMs: undefined,
      detail: `the collector accounted for ${accounted} of ${events} events`,
    };
  } catch (error) {
    const detail = CmdrdataError.is(error) ? error.message : "the collector's answer cannot be read";
    return { kind: "try-later", afterMs: undefined, detail };
  }
}
