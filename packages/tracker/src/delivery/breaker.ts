/**
 * When requests may go to the collector: a circuit breaker. Pure: `create-tracker.ts` owns the clock, the random numbers
 * and the requests.
 *
 * | from      | event                                 | to        | does                                              |
 * | closed    | sent                                  | closed    | takes one of two places                           |
 * | closed    | taken                                 | closed    | failures := 0; "recovered" if there were any      |
 * | closed    | failed, not the fifth in a row        | closed    | failures + 1; waits; "failing" at the first       |
 * | closed    | failed, the fifth in a row            | open      | failures + 1; waits; "opened"                     |
 * | closed    | key refused                           | open      | failures + 1; waits the cap; "key_refused"        |
 * | open      | sent, none under way, wait is over    | half-open | lets one probe by                                 |
 * | open      | taken, failed (sent before it opened) | open      | nothing, but a longer `Retry-After` is kept to    |
 * | open      | key refused (sent before it opened)   | open      | waits the cap; "key_refused" if not said yet      |
 * | half-open | taken                                 | closed    | failures := 0; "recovered"                        |
 * | half-open | failed                                | open      | failures + 1; waits                               |
 * | half-open | key refused                           | open      | failures + 1; waits the cap; "key_refused" if new |
 * | half-open | batch refused                         | open      | the next probe may go at once                     |
 * | any other | batch refused                         | the same  | nothing: the batch is at fault, not the collector |
 *
 * A wait is `Retry-After` where the collector gave one, else the backoff; it never shortens one that is under way.
 *
 * B1 nothing is sent before `notBeforeMs`, whatever else went well or ill meanwhile.
 * B2 at most two requests are under way; after a failure a new one goes only when none is, until one is taken.
 * B3 while open nothing is under way but what was sent before it opened; half-open, exactly the one probe.
 * B4 what was sent before it opened neither closes it nor counts as a failure.
 * B5 "failing", "opened" and "key_refused" are each said at most once between two "recovered".
 * B6 however many fail, the wait is at most the cap, or what `Retry-After` asks (read-response.ts bounds that).
 */
import { backoffMs, type BackoffPolicy } from "./backoff.ts";

export interface BreakerState {
  readonly name: "closed" | "open" | "half-open";
  /** In a row, since something was last taken. */
  readonly failures: number;
  /** The key was refused, and nothing has been taken since. */
  readonly keyRefused: boolean;
  /** Monotonic. */
  readonly notBeforeMs: number;
  /** Requests under way. */
  readonly underWay: number;
}

/** `batch-refused` is an answer about the batch: too large, or an event in it that the collector will not read. */
export type BreakerEvent =
  | { readonly kind: "sent" }
  | { readonly kind: "taken" }
  | { readonly kind: "batch-refused" }
  | { readonly kind: "key-refused"; readonly nowMs: number }
  | {
      readonly kind: "failed";
      readonly nowMs: number;
      /** What `Retry-After` asks for. */
      readonly afterMs: number | undefined;
      /** From 0 to below 1: where in the backoff's range the wait is. */
      readonly jitter: number;
    };

/** What is worth a line in the log. */
export type BreakerChange = "failing" | "opened" | "key_refused" | "recovered";

export interface BreakerStep {
  readonly state: BreakerState;
  readonly change: BreakerChange | undefined;
}

/** The two requests that go at once while all is well. */
const places = 2;
const openAfterFailures = 5;

export const initialBreaker: BreakerState = {
  name: "closed",
  failures: 0,
  keyRefused: false,
  notBeforeMs: 0,
  underWay: 0,
};

/** @returns the monotonic time from which on a request may be sent; `undefined` when first one under way must end */
export function admitsFromMs(state: BreakerState): number | undefined {
  const free = state.failures > 0 ? 1 : places;
  return state.underWay < free ? state.notBeforeMs : undefined;
}

/**
 * @param event - `sent` only when {@link admitsFromMs} has come; each `sent` is followed by exactly one of the others
 */
export function nextBreaker(state: BreakerState, event: BreakerEvent, policy: BackoffPolicy): BreakerStep {
  if (event.kind === "sent") {
    const name = state.name === "open" ? "half-open" : state.name;
    return unchanged({ ...state, name, underWay: state.underWay + 1 });
  }
  const ended = { ...state, underWay: state.underWay - 1 };
  switch (event.kind) {
    case "taken":
      return taken(ended);
    case "batch-refused":
      return unchanged(ended.name === "half-open" ? { ...ended, name: "open" } : ended);
    case "key-refused":
      return keyRefused(ended, event.nowMs + policy.retryCapMs);
    case "failed":
      return failed(ended, event, policy);
  }
}

function unchanged(state: BreakerState): BreakerStep {
  return { state, change: undefined };
}

function taken(state: BreakerState): BreakerStep {
  if (state.name === "open" || state.failures === 0) return unchanged(state);
  return { state: { ...state, name: "closed", failures: 0, keyRefused: false }, change: "recovered" };
}

function keyRefused(state: BreakerState, waitUntilMs: number): BreakerStep {
  const failures = state.name === "open" ? state.failures : state.failures + 1;
  const next: BreakerState = { ...waiting(state, waitUntilMs), name: "open", failures, keyRefused: true };
  return { state: next, change: state.keyRefused ? undefined : "key_refused" };
}

function failed(
  state: BreakerState,
  { nowMs, afterMs, jitter }: Extract<BreakerEvent, { kind: "failed" }>,
  policy: BackoffPolicy,
): BreakerStep {
  if (state.name === "open") return unchanged(afterMs === undefined ? state : waiting(state, nowMs + afterMs));
  const failures = state.failures + 1;
  const waitMs = afterMs ?? backoffMs(failures, policy, jitter);
  const next = { ...waiting(state, nowMs + waitMs), failures };
  if (state.name === "half-open") return unchanged({ ...next, name: "open" });
  if (failures >= openAfterFailures) return { state: { ...next, name: "open" }, change: "opened" };
  return { state: next, change: failures === 1 ? "failing" : undefined };
}

function waiting(state: BreakerState, untilMs: number): BreakerState {
  return { ...state, notBeforeMs: Math.max(state.notBeforeMs, untilMs) };
}
