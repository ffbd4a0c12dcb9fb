/**
 * What an answer of the collector means for the batch that was sent. Pure.
 *
 * | answer                                    | outcome                                              |
 * | 200 that accounts for every event         | accepted: the batch has its outcomes                 |
 * | 200 to a bare event, empty or other JSON  | accepted: the service's answers have another form    |
 * | any other 200                             | try-later: the ledger takes each id once             |
 * | 413                                       | split: halves are sent; a single event is too large  |
 * | 400, 422                                  | split: halves are sent; a single event is refused    |
 * | 401, 403                                  | unauthorized: hold, and ask again rarely             |
 * | 3xx                                       | try-later: not followed, the key is for nobody else  |
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
  | {
      readonly kind: "try-later";
      readonly code: "unreachable" | "unavailable" | "redirected" | "reply_unreadable";
      readonly afterMs: number | undefined;
      readonly detail: string;
    };

/** What an answer is read against. */
interface Sent {
  readonly events: readonly unknown[];
  readonly bare: boolean;
}

/** The longest a server may make us wait. */
const maxRetryAfterMs = 300_000;

/** @param nowMs - wall clock, for a `Retry-After` that is a date */
export function readResponse(response: Answer, sent: Sent, nowMs: number): SendOutcome {
  const { status } = response;
  if (status === 200) return readAccepted(response, sent);
  const detail = `the collector answered ${status}`;
  if (status === 413) return { kind: "split", reason: "too_large", detail };
  if (status === 400 || status === 422) return { kind: "split", reason: "refused", detail };
  if (status === 401 || status === 403) return { kind: "unauthorized", detail };
  const afterMs = readRetryAfter(response.headers["retry-after"], nowMs);
  if (status >= 300 && status < 400) {
    const advice = `${detail}, a redirect, which is not followed: set the endpoint to where the collector is`;
    return { kind: "try-later", code: "redirected", afterMs, detail: advice };
  }
  return { kind: "try-later", code: "unavailable", afterMs, detail };
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

function readAccepted({ text }: Answer, { events, bare }: Sent): SendOutcome {
  if (bare && isOtherReply(text)) return { kind: "accepted", reply: takenWhole };
  try {
    const reply = parseReply(text);
    const accounted = reply.accepted + reply.duplicates + reply.rejected.length;
    if (accounted === events.length) return { kind: "accepted", reply };
    return unreadable(`the collector accounted for ${accounted} of ${events.length} events`);
  } catch (error) {
    return unreadable(CmdrdataError.is(error) ? error.message : "the collector's answer cannot be read");
  }
}

const takenWhole: IngestReply = { accepted: 1, duplicates: 0, conflicts: 0, rejected: [], flagged: [] };

/** Whether it may be the answer of a service that is not ours: nothing, or JSON that says nothing of `accepted`. */
function isOtherReply(text: string): boolean {
  if (text.trim() === "") return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value !== "object" || value === null || !("accepted" in value);
  } catch {
    return false;
  }
}

function unreadable(detail: string): SendOutcome {
  return { kind: "try-later", code: "reply_unreadable", afterMs: undefined, detail };
}
