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
 * | any             | shutdown, at its deadline; exit         | leaves what is held in the spool, or drops it    |
 * | any             | the process's end is near               | leaving.ts                                       |
 *
 * When requests may go is decided in delivery/breaker.ts.
 *
 * D1 to D6 as in tracker.ts. Nothing is sent from within `capture`: the caller's program goes on at once.
 */
import type { UsageEvent } from "@cmdrdata/protocol";

import { type Account, createAccount } from "./account.ts";
import { checkedEvent, checkedLater } from "./check-event.ts";
import { type Alarm, createAlarm } from "./delivery/alarm.ts";
import { exchange } from "./exchange.ts";
import type { HeldEvent } from "./delivery/held-event.ts";
import { type Batch, createHolding } from "./delivery/holding.ts";
import type { MeasureObserver } from "./delivery/measures.ts";
import { type Complete, createPending, type Pending } from "./delivery/pending.ts";
import type { SendOutcome } from "./delivery/read-response.ts";
import { bareEvents, isOver, judge, overReason, type RetryTerms } from "./delivery/retry.ts";
import { createWaiting, type Waiting } from "./delivery/waiting.ts";
import { weigh } from "./delivery/weigh.ts";
import { type SpoolHealth, spoolOff, type TrackerHealth, withoutQuery } from "./health.ts";
import { keepAwake } from "./keep-awake.ts";
import { createLeaving, type TrackerLeaving } from "./leaving.ts";
import { createLog, type Log } from "./log.ts";
import { onlySingleEvents, spoolLine, withoutKey } from "./log-lines.ts";
import type { TrackerConfig } from "./options.ts";
import { createSpooling, type Spooling } from "./spooling.ts";
import { completeDeps, type TrackerDeps } from "./tracker-deps.ts";
import type { DropReason, Tracker, TrackerMetrics, TrackerState } from "./tracker.ts";

const defaultShutdownMs = 5_000;
/** So long after its capture an event that is still being made goes as its fallback. */
const completeWithinMs = 10_000;

export function createTracker(config: TrackerConfig, given: Partial<TrackerDeps> = {}): Tracker {
  return new DeliveringTracker(config, completeDeps(config, given));
}

/** How an event's content is made that is not known at its capture. */
interface Later {
  readonly complete: Complete;
  readonly materialBytes: number;
}

class DeliveringTracker implements Tracker {
  readonly #config: TrackerConfig;
  readonly #deps: TrackerDeps;
  readonly #log: Log;
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
  readonly #alarm: Alarm;
  readonly #waiting: Waiting;
  readonly #spooling: Spooling;
  readonly #leaving: TrackerLeaving;
  #shutdown: Promise<void> | undefined;
  readonly #say = (fault: string, text: string): void => this.#account.setAside(fault, text);

  constructor(config: TrackerConfig, deps: TrackerDeps) {
    this.#config = config;
    this.#deps = deps;
    const context = { component: "tracker", endpoint: withoutQuery(config.endpoint) };
    this.#log = createLog(config.logger, { level: config.logLevel, clock: deps.clock, context });
    this.#pending = createPending(deps.clock, completeWithinMs, (held, made) => this.#completed(held, made));
    this.#waiting = createWaiting(deps.clock);
    this.#alarm = createAlarm(deps.clock, () => this.#sendWhatIsDue());
    const spool = deps.openSpool((problem) => this.#log.say(spoolLine(problem)));
    this.#spooling = createSpooling(this.#holding, spool, deps.clock, config);
    const spoolHealth = (): SpoolHealth => spool?.health() ?? spoolOff;
    this.#account = createAccount(config, { ...deps, log: this.#log, holding: this.#holding, spoolHealth });
    this.#leaving = this.#createLeaving();
    this.#state = config.apiKey === undefined ? "unconfigured" : "running";
    if (this.#state === "unconfigured") this.#log.say(withoutKey);
    this.#spooling.start({
      wanted: () => this.#state === "running" && this.#account.link.breaker.failures === 0,
      adopted: (held) => this.#adopted(held),
    });
  }

  #createLeaving(): TrackerLeaving {
    return createLeaving({
      exitFlushMs: this.#config.exitFlushMs,
      clock: this.#deps.clock,
      spooling: this.#spooling,
      held: () => (this.#state === "running" ? this.#holding.events : 0),
      lastNumber: () => this.#lastNumber,
      deliver: (withinMs) => this.#waitForAll(withinMs),
      stop: () => this.#waiting.stop(),
      waits: () => this.#account.link.waits(),
      end: () => this.#letGo(),
    });
  }

  capture(event: UsageEvent): void {
    this.#takeSafely(checkedEvent(event, this.#say));
  }

  captureChecked(event: UsageEvent): void {
    this.#takeSafely(event);
  }

  captureLater(fallback: UsageEvent, complete: Complete, materialBytes = 0): void {
    this.#takeSafely(checkedEvent(fallback, this.#say), { complete: () => checkedLater(complete), materialBytes });
  }

  /** @param event - `undefined`: what came cannot be read at all, as a proxy may be */
  #takeSafely(event: UsageEvent | undefined, later?: Later): void {
    try {
      this.#take(event, later);
    } catch {
      // Of an event that was not checked after all.
      this.#account.dropped("unreadable", event && { event });
    }
    keepAwake(this.#config.waitUntil, () => this.flush(), this.#say);
  }

  #take(event: UsageEvent | undefined, later?: Later): void {
    this.#account.captured(event);
    if (event === undefined) return this.#account.dropped("unreadable");
    if (this.#state === "shut_down") return this.#takeTooLate(event);
    const { queueEvents, queueBytes } = this.#config;
    const room = (): number => queueBytes - this.#holding.bytes - bytes;
    const bytes = weigh(event);
    // An event without what was to be made of it is worth more than no event.
    if (room() < 0) this.#pending.giveBack(-room());
    const roomBytes = room();
    if ((this.#holding.events >= queueEvents || roomBytes < 0) && !this.#makeRoom(bytes)) {
      return this.#account.dropped(this.#state === "unconfigured" ? "no_key" : "queue_full", { event });
    }
    const nowMs = this.#deps.clock.monotonicNow();
    // What is not sent need not be made, and what there is no room for cannot be.
    if (later !== undefined && this.#state === "running" && later.materialBytes <= roomBytes) {
      const held = this.#held(this.#holding.hold(event, nowMs, later.materialBytes));
      this.#spooling.captured(held);
      return this.#pending.add(held, later.complete);
    }
    this.#spooling.captured(this.#held(this.#holding.add(event, nowMs, bytes)));
    this.#plan();
  }

  /** The oldest that wait go to the disk, if there is one, until it is their turn again. */
  #makeRoom(bytes: number): boolean {
    const { queueEvents, queueBytes } = this.#config;
    // A whole batch even for a service that takes single events: each is a file.
    const batch = this.#spooling.takesMore ? this.#takeQueued(this.#config.batchEvents) : undefined;
    if (batch === undefined) return false;
    if (!this.#leave(batch)) this.#again.push(...(this.#singly ? bareEvents(batch) : [batch]));
    return this.#holding.events < queueEvents && this.#holding.bytes + bytes <= queueBytes;
  }

  /** @returns whether the batch is on the disk now, for whoever has room for it */
  #leave({ events }: Batch): boolean {
    if (!this.#spooling.leave(events)) return false;
    const nowMs = this.#deps.clock.monotonicNow();
    for (const event of events) {
      this.#release(event, nowMs);
      this.#account.spooled();
    }
    return true;
  }

  #held(held: HeldEvent): HeldEvent {
    // Before that there is nothing to leave with.
    if (this.#lastNumber === 0) this.#deps.exitHooks.add(this.#leaving);
    this.#lastNumber = held.number;
    return held;
  }

  /** While the program ends: the next process sends it, if there is a disk. */
  #takeTooLate(event: UsageEvent): void {
    this.#holding.add(event, this.#deps.clock.monotonicNow());
    this.#letGo();
  }

  #adopted(held: HeldEvent): void {
    this.#account.adopted();
    this.#held(held);
    this.#plan();
  }

  #completed(held: HeldEvent, made: UsageEvent | undefined): void {
    // After shutdown every event has been counted already.
    if (this.#state === "shut_down") return;
    this.#holding.enqueue(held, made, this.#config.queueBytes);
    this.#spooling.captured(held);
    this.#plan();
  }

  async flush(): Promise<void> {
    this.#spooling.adoptAll();
    await this.#waitForAll(this.#config.flushTimeoutMs);
  }

  shutdown(deadlineMs: number = defaultShutdownMs): Promise<void> {
    this.#shutdown ??= this.#end(deadlineMs);
    return this.#shutdown;
  }

  beforeEnd(last: () => void): void {
    if (this.#state === "shut_down") return;
    this.#leaving.before(last);
    this.#deps.exitHooks.add(this.#leaving);
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
    this.#leaving.lastCaptures();
    await this.#waitForAll(deadlineMs);
    this.#letGo();
    this.#pending.giveUp(Infinity);
    this.#alarm.off();
    this.#settle();
    this.#deps.transport.close();
    this.#deps.exitHooks.remove(this.#leaving);
    this.#account.close();
  }

  /** Ends what is held, in the spool or by dropping it. From then on nothing is sent. */
  #letGo(): void {
    const lost = this.#state === "unconfigured" ? "no_key" : "shutdown";
    this.#state = "shut_down";
    this.#spooling.stop();
    const kept = this.#spooling.keepAll();
    const nowMs = this.#deps.clock.monotonicNow();
    for (const held of this.#holding.all()) {
      this.#holding.release(held);
      this.#account.ended(held, nowMs);
      if (kept.has(held)) this.#account.spooled();
      else this.#account.dropped(this.#spooling.present ? (kept.refused ?? "unreadable") : lost, held);
    }
    this.#spooling.release();
    this.#again = [];
  }

  /** Resolves when everything captured so far has its outcome, or after `timeoutMs`. Keeps the process alive meanwhile. */
  #waitForAll(timeoutMs: number): Promise<void> {
    if (this.#state !== "running" || this.#holding.events === 0) return Promise.resolve();
    const upTo = this.#lastNumber;
    this.#flushUpTo = upTo;
    // So that there is time left to send what cannot be completed.
    const waited = this.#waiting.wait(upTo, timeoutMs, () => this.#pending.giveUp(upTo));
    this.#plan();
    return waited;
  }

  /** Tells those who wait, and looks for what to send next. */
  #settle(): void {
    this.#spooling.note();
    this.#waiting.settle(this.#holding.oldest());
    if (this.#state === "running") this.#plan();
  }

  /** Sets the alarm to when there is something to send. */
  #plan(): void {
    this.#alarm.set(this.#nextSendAtMs());
  }

  /** Monotonic time at which the next batch is due; `undefined` when nothing is, or all requests are in use. */
  #nextSendAtMs(): number | undefined {
    const fromMs = this.#account.link.admitsFromMs();
    if (this.#state !== "running" || fromMs === undefined) return undefined;
    const [first] = this.#holding.queue;
    if (this.#again.length > 0) return fromMs;
    if (first === undefined) return undefined;
    const { batchEvents, flushAt } = this.#config;
    const full = this.#holding.queue.length >= Math.min(batchEvents, flushAt) || first.number <= this.#flushUpTo;
    return Math.max(fromMs, full ? 0 : first.capturedAtMs + this.#config.flushAfterMs);
  }

  #sendWhatIsDue(): void {
    for (;;) {
      const nowMs = this.#deps.clock.monotonicNow();
      const dueMs = this.#nextSendAtMs();
      if (dueMs === undefined || dueMs > nowMs) break;
      const batch = this.#again.shift() ?? this.#takeBatch();
      if (batch !== undefined) void this.#send(batch);
    }
    this.#settle();
  }

  #takeQueued(batchEvents: number): Batch | undefined {
    const bounds = { batchEvents, batchBytes: this.#config.batchBytes };
    return this.#holding.takeBatch(bounds, this.#deps.clock.monotonicNow(), () => this.#account.dropped("unreadable"));
  }

  #takeBatch(): Batch | undefined {
    const batch = this.#takeQueued(this.#singly ? 1 : this.#config.batchEvents);
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
    if (outcome.kind === "accepted" || outcome.kind === "split") return;
    this.#dropOver(overReason(outcome.kind));
    this.#leaving.refused();
  }

  /** Those that wait for their turn behind others must not outlive their time either. */
  #dropOver(reason: DropReason): void {
    const terms = this.#terms();
    const over = this.#again.filter((batch) => isOver(batch, terms));
    this.#again = this.#again.filter((batch) => !isOver(batch, terms));
    for (const batch of over) this.#dropBatch(batch, reason);
  }

  #terms(): RetryTerms {
    const { notBeforeMs } = this.#account.link.breaker;
    return { retryForMs: this.#config.retryForMs, notBeforeMs, singly: this.#singly };
  }

  #dropBatch(batch: Batch, reason: DropReason): void {
    if ((reason === "retry_exhausted" || reason === "unauthorized") && this.#leave(batch)) return;
    const nowMs = this.#deps.clock.monotonicNow();
    for (const event of batch.events) {
      this.#release(event, nowMs);
      this.#account.dropped(reason, event);
    }
  }

  #release(held: HeldEvent, nowMs: number): void {
    this.#holding.release(held);
    this.#account.ended(held, nowMs);
    this.#spooling.ended(held);
  }

  /** Each event of the batch has its outcome. */
  #finish(batch: Batch): void {
    const nowMs = this.#deps.clock.monotonicNow();
    for (const event of batch.events) this.#release(event, nowMs);
    if (!batch.bare || this.#singly) return;
    this.#singly = true;
    this.#again = this.#again.flatMap(bareEvents);
    this.#log.say(onlySingleEvents);
  }
}
