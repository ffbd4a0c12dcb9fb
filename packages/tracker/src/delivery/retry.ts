/**
 * What becomes of a batch after an answer: the retry and split decision. Pure: `create-tracker.ts` counts and sends.
 *
 * | the answer                | the batch                          | what becomes of it                               |
 * | accepted                  | any                                | ended: each event has its outcome in the reply   |
 * | too large, refused        | several events                     | again, in halves, at once                        |
 * | refused                   | one event, in a body of our form   | again, at once, as the bare event                |
 * | too large; refused bare   | one event                          | dropped: it is the one at fault                  |
 * | no answer, any other      | its time is not over               | again, when the breaker lets it by               |
 * | no answer, any other      | tried for `retryForMs`             | dropped                                          |
 *
 * A service that takes single events only (the original's does) refuses every body of our form, and takes the first bare
 * event: it is known by that, and gets single bare events from then on. Every other loses one request per bad event.
 *
 * R1 what goes again is exactly the batch's events, in order, each once.
 * R2 only an event alone is dropped for what it is, so that a bad one costs none of its neighbours.
 * R3 a batch of n events that is refused whatever its form comes to its end after less than 3n answers.
 * R4 parts inherit the time of the first attempt: no attempt is planned for later than `retryForMs` after it.
 */
import type { DropReason } from "../tracker.ts";
import type { Batch } from "./holding.ts";
import type { SendOutcome } from "./read-response.ts";

export type Verdict =
  | { readonly kind: "ended" }
  /** `atOnce` goes before what else is to be sent again, otherwise after it. */
  | { readonly kind: "again"; readonly batches: readonly Batch[]; readonly atOnce: boolean }
  | { readonly kind: "dropped"; readonly reason: DropReason };

export interface RetryTerms {
  readonly retryForMs: number;
  /** Monotonic time of the next attempt. */
  readonly notBeforeMs: number;
  /** The service takes single events only. */
  readonly singly: boolean;
}

export function judge(batch: Batch, outcome: SendOutcome, terms: RetryTerms): Verdict {
  switch (outcome.kind) {
    case "accepted":
      return { kind: "ended" };
    case "split":
      return split(batch, outcome.reason, terms.singly);
    case "unauthorized":
    case "try-later": {
      if (!isOver(batch, terms)) return { kind: "again", batches: [batch], atOnce: false };
      return { kind: "dropped", reason: overReason(outcome.kind) };
    }
  }
}

/** Whether the batch's time will be over when the next attempt may be made. */
export function isOver({ firstSentAtMs }: Batch, { retryForMs, notBeforeMs }: RetryTerms): boolean {
  return notBeforeMs - firstSentAtMs > retryForMs;
}

/** What is dropped when its time is over is counted by why it was not taken last. */
export function overReason(kind: "unauthorized" | "try-later"): DropReason {
  return kind === "unauthorized" ? "unauthorized" : "retry_exhausted";
}

/** One batch per event, each to be sent bare. */
export function bareEvents({ events, firstSentAtMs }: Batch): Batch[] {
  return events.map((event) => ({ events: [event], firstSentAtMs, bare: true }));
}

function split(batch: Batch, reason: "too_large" | "refused", singly: boolean): Verdict {
  const { events, firstSentAtMs, bare } = batch;
  if (events.length > 1) {
    const batches = singly ? bareEvents(batch) : halves(events).map((half) => ({ events: half, firstSentAtMs, bare }));
    return { kind: "again", batches, atOnce: true };
  }
  if (reason === "refused" && !bare) return { kind: "again", batches: bareEvents(batch), atOnce: true };
  return { kind: "dropped", reason };
}

function halves<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}
