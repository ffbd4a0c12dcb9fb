/**
 * What the tracker knows of its events, the collector and the providers: counted, measured, told to the program's hooks and
 * said in its log. `metrics()` and `health()` are read from here.
 */
import type { IngestReply, RejectedEvent, UsageEvent } from "@cmdrdata/protocol";

import type { Clock } from "./clock.ts";
import { countCaptured, createCounters, readMetrics } from "./delivery/counters.ts";
import type { HeldEvent } from "./delivery/held-event.ts";
import type { Batch, Holding } from "./delivery/holding.ts";
import { createLink, type Link } from "./delivery/link.ts";
import { createMeasures, type Measures } from "./delivery/measures.ts";
import { createProviders } from "./delivery/providers.ts";
import type { SendOutcome } from "./delivery/read-response.ts";
import { describeHealth, type SpoolHealth, type TrackerHealth } from "./health.ts";
import { createHooks, type Hooks } from "./hooks.ts";
import { eventContext } from "./event-context.ts";
import type { Log } from "./log.ts";
import type { TrackerConfig } from "./options.ts";
import type { Random } from "./random.ts";
import type { DropReason, TrackerMetrics, TrackerState } from "./tracker.ts";

export interface AccountDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly holding: Holding;
  readonly spoolHealth: () => SpoolHealth;
}

export interface Account {
  readonly link: Link;
  readonly observe: Measures["observe"];
  /** @param event - `undefined` for what cannot be read */
  captured(event: UsageEvent | undefined): void;
  /** A part of an event was. @param fault - the same name for the same fault */
  setAside(fault: string, text: string): void;
  /** One that another process captured, and left. */
  adopted(): void;
  /** @param dropped - whose event it is, where that is known */
  dropped(reason: DropReason, dropped?: Pick<HeldEvent, "event">): void;
  /** Left on the disk for another process. */
  spooled(): void;
  /** A held event has its outcome, whichever. @param nowMs - monotonic */
  ended(held: HeldEvent, nowMs: number): void;
  /** A request goes. @returns takes its outcome */
  sent(batch: Batch): (outcome: SendOutcome, sentBytes: number) => void;
  metrics(state: TrackerState): TrackerMetrics;
  health(state: TrackerState, singly: boolean): TrackerHealth;
  /** Tells the hooks what they have not been told yet. */
  close(): void;
}

export function createAccount(config: TrackerConfig, deps: AccountDeps): Account {
  return new TrackerAccount(config, deps);
}

class TrackerAccount implements Account {
  readonly #config: TrackerConfig;
  readonly #deps: AccountDeps;
  readonly #counters = createCounters();
  readonly #measures = createMeasures();
  readonly #providers = createProviders();
  readonly #hooks: Hooks;
  readonly link: Link;
  readonly observe: Measures["observe"] = (observer) => this.#measures.observe(observer);

  constructor(config: TrackerConfig, deps: AccountDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#hooks = createHooks(config.hooks, deps.clock);
    this.link = createLink(config, {
      ...deps,
      onFailure: (failure) => this.#hooks.failed(failure),
    });
  }

  captured(event: UsageEvent | undefined): void {
    countCaptured(this.#counters, event);
    if (event !== undefined) this.#providers.see(event, this.#deps.clock.now());
  }

  setAside(fault: string, text: string): void {
    this.#deps.log.say({ level: "warn", what: fault, message: text });
  }

  adopted(): void {
    this.#counters.captured += 1;
    this.#counters.adopted += 1;
  }

  spooled(): void {
    this.#counters.spooled += 1;
  }

  dropped(reason: DropReason, dropped?: Pick<HeldEvent, "event">): void {
    this.#counters.dropped[reason] += 1;
    this.#hooks.dropped(reason);
    const message = `cmdrdata: events are being dropped (${reason}); metrics() counts them`;
    this.#deps.log.say({ level: "warn", what: reason, message, context: () => eventContext(dropped?.event) });
  }

  ended(held: HeldEvent, nowMs: number): void {
    this.#measures.record("heldMs", nowMs - held.capturedAtMs);
  }

  sent(batch: Batch): (outcome: SendOutcome, sentBytes: number) => void {
    const { clock } = this.#deps;
    const startedMs = clock.monotonicNow();
    if (this.link.breaker.failures > 0) this.#counters.retries += 1;
    this.#counters.requests += 1;
    this.#measures.record("batchEvents", batch.events.length);
    this.link.sent();
    return (outcome, sentBytes) => {
      this.#counters.sentBytes += sentBytes;
      this.#measures.record("requestMs", clock.monotonicNow() - startedMs);
      this.link.ended(outcome);
      if (outcome.kind === "accepted") this.#taken(batch, outcome.reply);
    };
  }

  metrics(state: TrackerState): TrackerMetrics {
    return readMetrics({
      state,
      counters: this.#counters,
      holding: this.#deps.holding,
      link: this.link,
      measures: this.#measures,
      providers: this.#providers,
    });
  }

  health(state: TrackerState, singly: boolean): TrackerHealth {
    const { clock, holding, spoolHealth } = this.#deps;
    const { endpoint, queueEvents, queueBytes } = this.#config;
    const { breaker, lastSuccessAtMs, lastError } = this.link;
    return describeHealth({
      state,
      atMs: clock.now(),
      monotonicNowMs: clock.monotonicNow(),
      queue: {
        events: holding.events,
        maxEvents: queueEvents,
        bytes: holding.bytes,
        maxBytes: queueBytes,
        oldestCapturedAtMs: holding.first()?.capturedAtMs,
        dropped: Object.values(this.#counters.dropped).reduce((sum, count) => sum + count, 0),
      },
      breaker,
      spool: spoolHealth(),
      collector: { endpoint, lastSuccessAtMs, lastError, singleEventsOnly: singly },
      providers: this.#providers.read(),
    });
  }

  close(): void {
    this.#hooks.end();
  }

  #taken(batch: Batch, reply: IngestReply): void {
    this.#counters.delivered += reply.accepted;
    this.#counters.duplicates += reply.duplicates;
    this.#rejected(batch, reply.rejected);
    this.#hooks.delivered(reply);
    const rejected = new Set(reply.rejected.map(({ index }) => index));
    const nowMs = this.#deps.clock.monotonicNow();
    batch.events.forEach(({ capturedAtMs }, index) => {
      if (!rejected.has(index)) this.#measures.record("deliveryMs", nowMs - capturedAtMs);
    });
  }

  #rejected({ events }: Batch, rejected: readonly RejectedEvent[]): void {
    this.#counters.rejected += rejected.length;
    for (const { code, field, index } of rejected) {
      const message = `cmdrdata: the collector rejected an event: ${nameOf(code)} in ${nameOf(field)}`;
      this.#deps.log.say({
        level: "warn",
        what: nameOf(code),
        message,
        context: () => eventContext(events[index]?.event),
      });
    }
  }
}

/** Whatever answers at the endpoint could repeat there what it was sent: only what looks like a name is said. */
function nameOf(text: string): string {
  return /^[\w.[\]-]{1,100}$/.test(text) ? text : "…";
}
