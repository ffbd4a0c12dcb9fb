/**
 * The tracker: takes events at any time, sends them in batches when it is time, and accounts for each.
 *
 * | at              | event                                   | does                                             |
 * | any             | capture                                 | holds the event, or drops and counts it          |
 * | any             | captureLater                            | the same; queues it once its content is made     |
 * | any             | no room for another event               | makes no more of the newest that wait for it     |
 * | any             | batch full, oldest old enough, flush    | sends, when the breaker lets it by               |
 * | sending         | answer, or none                         | tells the breaker; does with the batch what      |
 * |                 |                                         | delivery/retry.ts says: out, again, or dropped   |
 * | any             | shutdown, at its deadline               | drops and counts what is held, closes            |
 *
 * When requests may go is decided in delivery/breaker.ts.
 *
 * D1 to D4 as in tracker.ts. Nothing is sent from within `capture`: the caller's program goes on at once.
 */
import type { UsageEvent } from "@cmdrdata/protocol";

import { type Account, createAccount } from "./account.ts";
import { type Cancel, type Clock, systemClock } from "./clock.ts";
import { exchange } from "./exchange.ts";
import { type Batch, createHolding, type HeldEvent, weigh } from "./delivery/holding.ts";
import type { MeasureObserver } from "./delivery/measures.ts";
import { type Complete, createPending, type Pending } from "./delivery/pending.ts";
import type { SendOutcome } from "./delivery/read-response.ts";
import { bareEvents, isOver, judge, overReason, type RetryTerms } from "./delivery/retry.ts";
import { type SpoolHealth, spoolOff, type TrackerHealth } from "./health.ts";
import { type Logger, safeLogger } from "./logger.ts";
import type { TrackerConfig } from "./options.ts";
import { type Random, systemRandom } from "./random.ts";
import type { DropReason, Tracker, TrackerMetrics, TrackerState } from "./tracker.ts";
import { createTransport } from "./transport/create-transport.ts";
import type { Transport } from "./transport/transport.ts";

export interface TrackerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  /** Called once, when the tracker begins to shut down: from then on it is of no use to anybody new. */
  readonly onShutdown: () => void;
  /** How the spool is, where there is one. */
  readonly spoolHealth: () => SpoolHealth;
}

const defaultShutdownMs = 5_000;
/** So long after its capture an event that is still being made goes as its fallback. */
const completeWithinMs = 10_000;

export function createTracker(config: TrackerConfig, given: Partial<TrackerDeps> = {}): Tracker {
  return new DeliveringTracker(config, {
    clock: given.clock ?? systemClock,
    random: given.random ?? systemRandom,
    transport: given.transport ?? createTransport(config.ca),
    onShutdown: given.onShutdown ?? (() => {}),
    spoolHealth: given.spoolHealth ?? (() => spoolOff),
  });
}

/** Ends a `flush` when every event up to `upTo` has its outcome. */
interface Waiter {
  readonly upTo: number;
  readonly done: () => void;
}

/** How an event's content is made that is not known at its capture. */
interface Later {
  readonly complete: Complete;
  readonly materialBytes: number;
}

class DeliveringTracker implements Tracker {
  readonly #config: TrackerConfig;
  readonly #deps: TrackerDeps;
  readonly #logger: Logger;
  readonly #holding = createHolding();
  readonly #account: Account;
  readonly #pending: Pending;
  #state: TrackerState;
  /** Batches that failed, in order; they go before the queue. */
  #again: Batch[] = [];
  /** The service takes single bare events only. */
  #singly = false;
  /** Events up to this number are sent without waiting for a full batch. */
  #flushUpTo = 0;
  #lastNumber = 0;
  #timer: { readonly atMs: number; readonly cancel: Cancel } | undefined;
  #waiters: Waiter[] = [];
  #shutdown: Promise<void> | undefined;

  constructor(config: TrackerConfig, deps: TrackerDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#logger = safeLogger(config.logger);
    this.#pending = createPending(deps.clock, completeWithinMs, (held, made) => this.#completed(held, made));
    this.#account = createAccount(config, { ...deps, logger: this.#logger, holding: this.#holding });
    this.#state = config.apiKey === undefined ? "unconfigured" : "running";
    if (this.#state === "unconfigured") {
      this.#logger.warn("cmdrdata: no key was given (trackerKey or CMDRDATA_API_KEY): usage is held and not sent");
    }
  }

  capture(event: UsageEvent): void {
    this.#takeSafely(event);
  }

  captureLater(fallback: UsageEvent, complete: Complete, materialBytes = 0): void {
    this.#takeSafely(fallback, { complete, materialBytes });
  }

  #takeSafely(event: UsageEvent, later?: Later): void {
    try {
      this.#take(event, later);
    } catch {
      // Reading what the program handed over threw, as a proxy or a cycle does.
      this.#drop("unreadable");
    }
  }

  #take(event: UsageEvent, later?: Later): void {
    this.#account.captured(event);
    if (this.#state === "shut_down") return this.#drop("shutdown");
    const { queueEvents, queueBytes } = this.#config;
    const room = (): number => queueBytes - this.#holding.bytes - bytes;
    const bytes = weigh(event);
    // An event without what was to be made of it is worth more than no event.
    if (room() < 0) this.#pending.giveBack(-room());
    const roomBytes = room();
    if (this.#holding.events >= queueEvents || roomBytes < 0) {
      return this.#drop(this.#state === "unconfigured" ? "no_key" : "queue_full");
    }
    const nowMs = this.#deps.clock.monotonicNow();
    // What is not sent need not be made, and what there is no room for cannot be.
    if (later !== undefined && this.#state === "running" && later.materialBytes <= roomBytes) {
      const held = this.#holding.hold(event, nowMs, later.materialBytes);
      this.#lastNumber = held.number;
      return this.#pending.add(held, later.complete);
    }
    this.#lastNumber = this.#holding.add(event, nowMs).number;
    this.#plan();
  }

  #completed(held: HeldEvent, made: UsageEvent | undefined): void {
    // After shutdown every event has been counted already.
    if (this.#state === "shut_down") return;
    this.#holding.enqueue(held, made, this.#config.queueBytes);
    this.#plan();
  }

  async flush(): Promise<void> {
    await this.#waitForAll(this.#config.flushTimeoutMs);
  }

  shutdown(deadlineMs: number = defaultShutdownMs): Promise<void> {
    this.#shutdown ??= this.#end(deadlineMs);
    return this.#shutdown;
  }

  metrics(): TrackerMetrics {
    return this.#account.metrics(this.#state);
  }

  health(): TrackerHealth {
    return this.#account.health(this.#state, this.#singly);
  }

  observe(observer: MeasureObserver): () => void {
    return this.#account.observe(observer);
  }

  async #end(deadlineMs: number): Promise<void> {
    this.#deps.onShutdown();
    await this.#waitForAll(deadlineMs);
    const reason = this.#state === "unconfigured" ? "no_key" : "shutdown";
    this.#state = "shut_down";
    for (const held of this.#holding.all()) {
      this.#release(held);
      this.#drop(reason);
    }
    this.#again = [];
    this.#pending.giveUp(Infinity);
    this.#timer?.cancel();
    this.#settle();
    this.#deps.transport.close();
    this.#account.close();
  }

  /** Resolves when everything captured so far has its outcome, or after `timeoutMs`. Keeps the process alive meanwhile. */
  #waitForAll(timeoutMs: number): Promise<void> {
    if (this.#state !== "running" || this.#holding.events === 0) return Promise.resolve();
    this.#flushUpTo = this.#lastNumber;
    return new Promise((resolve) => {
      const { clock } = this.#deps;
      const upTo = this.#lastNumber;
      const cancel = clock.schedule(timeoutMs, () => this.#stopWaiting(waiter), true);
      // So that there is time left to send what cannot be completed.
      const cancelHalf = clock.schedule(timeoutMs / 2, () => this.#pending.giveUp(upTo));
      const done = (): void => {
        cancel();
        cancelHalf();
        resolve();
      };
      const waiter: Waiter = { upTo, done };
      this.#waiters.push(waiter);
      this.#plan();
    });
  }

  #stopWaiting(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((each) => each !== waiter);
    waiter.done();
  }

  /** Tells those who wait, and looks for what to send next. */
  #settle(): void {
    const oldest = this.#holding.oldest();
    for (const waiter of this.#waiters.filter(({ upTo }) => upTo < oldest)) this.#stopWaiting(waiter);
    if (this.#state === "running") this.#plan();
  }

  /** Sets the timer to when there is something to send; an earlier one stays. */
  #plan(): void {
    const atMs = this.#nextSendAtMs();
    if (atMs === undefined || (this.#timer !== undefined && this.#timer.atMs <= atMs)) return;
    this.#timer?.cancel();
    const delayMs = Math.max(0, atMs - this.#deps.clock.monotonicNow());
    const cancel = this.#deps.clock.schedule(delayMs, () => {
      this.#timer = undefined;
      this.#sendWhatIsDue();
    });
    this.#timer = { atMs, cancel };
  }

  /** Monotonic time at which the next batch is due; `undefined` when nothing is, or all requests are in use. */
  #nextSendAtMs(): number | undefined {
    const fromMs = this.#account.link.admitsFromMs();
    if (this.#state !== "running" || fromMs === undefined) return undefined;
    const [first] = this.#holding.queue;
    if (this.#again.length > 0) return fromMs;
    if (first === undefined) return undefined;
    const full = this.#holding.queue.length >= this.#config.batchEvents || first.number <= this.#flushUpTo;
    return Math.max(fromMs, full ? 0 : first.capturedAtMs + this.#config.flushAfterMs);
  }

  #sendWhatIsDue(): void {
    for (;;) {
      const nowMs = this.#deps.clock.monotonicNow();
      const dueMs = this.#nextSendAtMs();
      if (dueMs === undefined || dueMs > nowMs) break;
      const batch = this.#again.shift() ?? this.#takeBatch(nowMs);
      if (batch !== undefined) void this.#send(batch);
    }
    this.#settle();
  }

  #takeBatch(nowMs: number): Batch | undefined {
    const bounds = this.#singly ? { ...this.#config, batchEvents: 1 } : this.#config;
    const batch = this.#holding.takeBatch(bounds, nowMs, () => this.#drop("unreadable"));
    return batch === undefined ? undefined : { ...batch, bare: this.#singly };
  }

  async #send(batch: Batch): Promise<void> {
    const answered = this.#account.sent(batch);
    const { outcome, sentBytes } = await exchange(batch, this.#config, this.#deps);
    // After shutdown every event has been counted already.
    if (this.#state !== "running") return;
    answered(outcome, sentBytes);
    this.#conclude(batch, outcome);
    this.#settle();
  }

  #conclude(batch: Batch, outcome: SendOutcome): void {
    if (outcome.kind === "accepted") this.#finish(batch);
    const verdict = judge(batch, outcome, this.#terms());
    if (verdict.kind === "dropped") this.#dropBatch(batch, verdict.reason);
    if (verdict.kind === "again" && verdict.atOnce) this.#again.unshift(...verdict.batches);
    else if (verdict.kind === "again") this.#again.push(...verdict.batches);
    if (outcome.kind !== "accepted" && outcome.kind !== "split") this.#dropOver(overReason(outcome.kind));
  }

  /** Those that wait for their turn behind others must not outlive their time either. */
  #dropOver(reason: DropReason): void {
    const terms = this.#terms();
    const over = this.#again.filter((batch) => isOver(batch, terms));
    this.#again = this.#again.filter((batch) => !isOver(batch, terms));
    for (const batch of over) this.#dropBatch(batch, reason);
  }

  #terms(): RetryTerms {
    const { retryForMs } = this.#config;
    return { retryForMs, notBeforeMs: this.#account.link.breaker.notBeforeMs, singly: this.#singly };
  }

  #dropBatch({ events }: Batch, reason: DropReason): void {
    for (const event of events) {
      this.#release(event);
      this.#drop(reason);
    }
  }

  #release(held: HeldEvent): void {
    this.#holding.release(held);
    this.#account.ended(held);
  }

  /** Each event of the batch has its outcome. */
  #finish(batch: Batch): void {
    for (const event of batch.events) this.#release(event);
    if (!batch.bare || this.#singly) return;
    this.#singly = true;
    this.#again = this.#again.flatMap(bareEvents);
    this.#logger.info("cmdrdata: the service takes single events only; they are sent one by one from now on");
  }

  #drop(reason: DropReason): void {
    this.#account.dropped(reason);
  }
}
