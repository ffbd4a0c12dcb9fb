/**
 * The link to the collector as this tracker knows it: the breaker with its clock and random numbers, what last went well
 * and ill, and one line in the log for each change. Bad news that repeats itself is said late rather than never, so that
 * the log's last line of it is true.
 */
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Random } from "../random.ts";
import { redactSecrets } from "../redact.ts";
import type { FailureCode, LastFailure } from "../tracker.ts";
import type { BackoffPolicy } from "./backoff.ts";
import { describeChange } from "./breaker-log.ts";
import {
  admitsFromMs,
  type BreakerChange,
  type BreakerEvent,
  type BreakerState,
  initialBreaker,
  nextBreaker,
} from "./breaker.ts";
import type { SendOutcome } from "./read-response.ts";

const longestDetail = 1_000;

export interface LinkDeps {
  readonly clock: Pick<Clock, "now" | "monotonicNow">;
  readonly random: Random;
  readonly log: Log;
  readonly onFailure: (failure: LastFailure) => void;
}

export interface Link {
  readonly breaker: BreakerState;
  /** Epoch milliseconds. */
  readonly lastSuccessAtMs: number | null;
  readonly lastError: LastFailure | null;
  /** Answers, and missing ones, that took nothing, by what was wrong. */
  readonly failures: Readonly<Record<FailureCode, number>>;
  /** How often the breaker opened. */
  readonly circuitOpened: number;
  /** Monotonic time from which on a request may go; `undefined` when first one under way must end. */
  admitsFromMs(): number | undefined;
  /** After a failure nothing goes for a while from now on. */
  waits(): boolean;
  /** A request goes; each is followed by one `ended`. */
  sent(): void;
  ended(outcome: SendOutcome): void;
}

export function createLink(policy: BackoffPolicy, deps: LinkDeps): Link {
  return new CollectorLink(policy, deps);
}

class CollectorLink implements Link {
  readonly #policy: BackoffPolicy;
  readonly #deps: LinkDeps;
  readonly failures: Record<FailureCode, number> = {
    unreachable: 0,
    unavailable: 0,
    redirected: 0,
    reply_unreadable: 0,
    unauthorized: 0,
    too_large: 0,
    refused: 0,
  };
  breaker: BreakerState = initialBreaker;
  lastSuccessAtMs: number | null = null;
  lastError: LastFailure | null = null;
  circuitOpened = 0;
  /** What is to be said since things went ill: as soon as the log takes it, should it be a repetition now. */
  #unsaid: BreakerChange | undefined;
  /** Something was said since, so that its end is to be said too. */
  #complained = false;

  constructor(policy: BackoffPolicy, deps: LinkDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  admitsFromMs(): number | undefined {
    return admitsFromMs(this.breaker);
  }

  waits(): boolean {
    const { failures, notBeforeMs } = this.breaker;
    return failures > 0 && notBeforeMs > this.#deps.clock.monotonicNow();
  }

  sent(): void {
    this.#advance({ kind: "sent" }, "");
  }

  ended(outcome: SendOutcome): void {
    if (outcome.kind === "accepted") {
      this.lastSuccessAtMs = this.#deps.clock.now();
      return this.#advance({ kind: "taken" }, "");
    }
    const code = failureCode(outcome);
    const message = redactSecrets(outcome.detail.slice(0, longestDetail));
    this.failures[code] += 1;
    this.lastError = { atMs: this.#deps.clock.now(), code, message };
    this.#deps.onFailure(this.lastError);
    this.#advance(this.#eventOf(outcome), outcome.kind === "split" ? "" : message);
  }

  #eventOf(outcome: Exclude<SendOutcome, { kind: "accepted" }>): BreakerEvent {
    const nowMs = this.#deps.clock.monotonicNow();
    switch (outcome.kind) {
      case "split":
        return { kind: "batch-refused" };
      case "unauthorized":
        return { kind: "key-refused", nowMs };
      case "try-later":
        return { kind: "failed", nowMs, afterMs: outcome.afterMs, jitter: this.#deps.random() };
    }
  }

  #advance(event: BreakerEvent, detail: string): void {
    const before = this.breaker;
    const { state, change } = nextBreaker(before, event, this.#policy);
    this.breaker = state;
    if (before.name === "closed" && state.name === "open") this.circuitOpened += 1;
    if (change === "recovered") this.#sayRecovered();
    else this.#complain(change, detail);
  }

  #complain(change: BreakerChange | undefined, detail: string): void {
    this.#unsaid = change ?? this.#unsaid;
    if (this.#unsaid === undefined || detail === "") return;
    if (!this.#deps.log.say(describeChange(this.#unsaid, this.breaker.failures, detail))) return;
    this.#unsaid = undefined;
    this.#complained = true;
  }

  #sayRecovered(): void {
    if (this.#complained) this.#deps.log.say(describeChange("recovered", 0, ""));
    this.#unsaid = undefined;
    this.#complained = false;
  }
}

function failureCode(outcome: Exclude<SendOutcome, { kind: "accepted" }>): FailureCode {
  switch (outcome.kind) {
    case "split":
      return outcome.reason;
    case "unauthorized":
      return "unauthorized";
    case "try-later":
      return outcome.code;
  }
}
