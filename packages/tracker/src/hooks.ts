/**
 * The program's own functions that are told what becomes of its events.
 *
 * Promise: they are called in a turn of the event loop of their own, never from within a call of the program's; what they
 * throw, or reject with, is ignored; they may call anything, also the tracker itself. News are summed up: however much
 * happens, each is called at most ten times a second, and nothing waits for them.
 */
import type { IngestReply } from "@cmdrdata/protocol";

import type { Cancel, Clock } from "./clock.ts";
import type { DropReason, FailureCode, LastFailure } from "./tracker.ts";

/** Events that were dropped for one reason since the last time. */
export interface DropNews {
  readonly reason: DropReason;
  readonly events: number;
}

/** Requests that failed in one way since the last time. */
export interface ErrorNews {
  readonly code: FailureCode;
  /** Of the last of them; without secrets. */
  readonly message: string;
  readonly requests: number;
}

/** What the collector took since the last time, in events. */
export interface DeliveryNews {
  readonly delivered: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly requests: number;
}

/** What they return is waited for by nobody. */
export interface TrackerHooks {
  readonly onDrop?: ((news: DropNews) => unknown) | undefined;
  readonly onError?: ((news: ErrorNews) => unknown) | undefined;
  readonly onDelivered?: ((news: DeliveryNews) => unknown) | undefined;
}

export const hookNames = ["onDrop", "onError", "onDelivered"] as const;

export interface Hooks {
  dropped(reason: DropReason): void;
  failed(failure: LastFailure): void;
  delivered(reply: IngestReply): void;
  /** Tells what is still to be told, now: the tracker comes to its end. */
  end(): void;
}

const betweenMs = 100;

export function createHooks(hooks: TrackerHooks, clock: Clock): Hooks {
  return hookNames.some((name) => hooks[name] !== undefined) ? new SummingHooks(hooks, clock) : noHooks;
}

const noHooks: Hooks = { dropped: () => {}, failed: () => {}, delivered: () => {}, end: () => {} };

class SummingHooks implements Hooks {
  readonly #hooks: TrackerHooks;
  readonly #clock: Clock;
  #drops = new Map<DropReason, number>();
  #errors = new Map<FailureCode, ErrorNews>();
  #deliveries: DeliveryNews | undefined;
  #cancel: Cancel | undefined;
  #notBeforeMs = 0;

  constructor(hooks: TrackerHooks, clock: Clock) {
    this.#hooks = hooks;
    this.#clock = clock;
  }

  dropped(reason: DropReason): void {
    if (this.#hooks.onDrop === undefined) return;
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1);
    this.#plan();
  }

  failed({ code, message }: LastFailure): void {
    if (this.#hooks.onError === undefined) return;
    this.#errors.set(code, { code, message, requests: (this.#errors.get(code)?.requests ?? 0) + 1 });
    this.#plan();
  }

  delivered({ accepted, duplicates, rejected }: IngestReply): void {
    if (this.#hooks.onDelivered === undefined) return;
    const before = this.#deliveries ?? { delivered: 0, duplicates: 0, rejected: 0, requests: 0 };
    this.#deliveries = {
      delivered: before.delivered + accepted,
      duplicates: before.duplicates + duplicates,
      rejected: before.rejected + rejected.length,
      requests: before.requests + 1,
    };
    this.#plan();
  }

  end(): void {
    this.#cancel?.();
    this.#tell();
  }

  #plan(): void {
    const delayMs = Math.max(0, this.#notBeforeMs - this.#clock.monotonicNow());
    this.#cancel ??= this.#clock.schedule(delayMs, () => this.#tell());
  }

  #tell(): void {
    this.#cancel = undefined;
    this.#notBeforeMs = this.#clock.monotonicNow() + betweenMs;
    const drops = this.#drops;
    const errors = this.#errors;
    const deliveries = this.#deliveries;
    // Before any hook is called: it may make news itself.
    this.#drops = new Map();
    this.#errors = new Map();
    this.#deliveries = undefined;
    for (const [reason, events] of drops) void call(this.#hooks.onDrop, { reason, events });
    for (const news of errors.values()) void call(this.#hooks.onError, news);
    if (deliveries !== undefined) void call(this.#hooks.onDelivered, deliveries);
  }
}

async function call<News>(hook: ((news: News) => unknown) | undefined, news: News): Promise<void> {
  try {
    // Awaited for the hook that is an async function.
    await hook?.(news);
  } catch {
    // The hook is the program's; its faults are not allowed to become ours.
  }
}
