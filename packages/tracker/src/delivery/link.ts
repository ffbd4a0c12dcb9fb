/**
 * The link to the collector as this tracker knows it: the breaker with its clock and random numbers, what last went well
 * and ill, and one line in the log for each change.
 */
import type { Clock } from "../clock.ts";
import { type Logger, redactSecrets } from "../logger.ts";
import type { Random } from "../random.ts";
import type { FailureCode, LastFailure } from "../tracker.ts";
import type { BackoffPolicy } from "./backoff.ts";
import { describeChange } from "./breaker-log.ts";
import { admitsFromMs, type BreakerEvent, type BreakerState, initialBreaker, nextBreaker } from "./breaker.ts";
import type { SendOutcome } from "./read-response.ts";

export interface LinkDeps {
  readonly clock: Pick<Clock, "now" | "monotonicNow">;
  readonly random: Random;
  readonly logger: Logger;
  /** Something was taken after failures. */
  readonly onRecovered: () => void;
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

  constructor(policy: BackoffPolicy, deps: LinkDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  admitsFromMs(): number | undefined {
    return admitsFromMs(this.breaker);
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
    const message = redactSecrets(outcome.detail);
    this.failures[code] += 1;
    this.lastError = { atMs: this.#deps.clock.now(), code, message };
    this.#deps.onFailure(this.lastError);
    this.#advance(this.#eventOf(outcome), message);
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
    if (change === undefined) return;
    if (change === "recovered") this.#deps.onRecovered();
    const { level, text } = describeChange(change, state.failures, detail);
    this.#deps.logger[level](text);
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
