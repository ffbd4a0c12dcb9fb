/**
 * How the tracker is, as one value: a status for the whole and one for each part, with the numbers it is taken from. Pure.
 *
 * | status       | when                                                                                    |
 * | shut_down    | after `shutdown()`                                                                      |
 * | unconfigured | no key was given: events are held and not sent                                          |
 * | failing      | the circuit is open, or the queue is full: events are being lost, or soon will be       |
 * | degraded     | a part is not well, and nothing is lost by it                                           |
 * | ok           | else                                                                                    |
 */
import type { BreakerState } from "./delivery/breaker.ts";
import type { ProviderHealth } from "./delivery/providers.ts";
import type { LastFailure, TrackerState } from "./tracker.ts";

/** The spool on this machine's disk. `failed`: the disk takes nothing now; `full`: its bytes are used up. */
export interface SpoolHealth {
  readonly status: "off" | "ok" | "full" | "failed";
  readonly folder: string | null;
  /** Events of this tracker on the disk that have no outcome yet. */
  readonly events: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Records that could not be read, as those torn by a crash. */
  readonly damaged: number;
  /** What the disk last said; `null` while all is well. */
  readonly problem: string | null;
}

/** Without a spool. */
export const spoolOff: SpoolHealth = {
  status: "off",
  folder: null,
  events: 0,
  bytes: 0,
  maxBytes: 0,
  damaged: 0,
  problem: null,
};

/** `degraded` from four fifths of a bound on, `failing` where there is no room for another event. */
export interface QueueHealth {
  readonly status: "ok" | "degraded" | "failing";
  readonly events: number;
  readonly maxEvents: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** How long the oldest event has been held; 0 when there is none. */
  readonly oldestMs: number;
  /** Events dropped so far, for whatever reason. */
  readonly dropped: number;
}

export interface BreakerHealth {
  /** `degraded` after failures, `failing` while not closed. */
  readonly status: "ok" | "degraded" | "failing";
  readonly state: BreakerState["name"];
  readonly failuresInARow: number;
  readonly keyRefused: boolean;
  readonly requestsUnderWay: number;
  /** How long nothing is sent from now on; 0 when something may be. */
  readonly waitMs: number;
}

export interface CollectorHealth {
  /** `unknown` until a request has ended; else the breaker's. */
  readonly status: "unknown" | "ok" | "degraded" | "failing";
  /** The endpoint, without its query. */
  readonly endpoint: string;
  /** Epoch milliseconds. */
  readonly lastSuccessAtMs: number | null;
  readonly lastError: LastFailure | null;
  /** Whether it takes single bare events only. */
  readonly singleEventsOnly: boolean;
}

export interface TrackerHealth {
  readonly status: "ok" | "degraded" | "failing" | "unconfigured" | "shut_down";
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly queue: QueueHealth;
  readonly breaker: BreakerHealth;
  readonly spool: SpoolHealth;
  readonly collector: CollectorHealth;
  /** The APIs that the program calls, by name (`openai`, `azure`, …), as its calls last saw them. */
  readonly providers: Readonly<Record<string, ProviderHealth>>;
}

/** What health is taken from. */
export interface HealthSource {
  readonly state: TrackerState;
  readonly atMs: number;
  readonly monotonicNowMs: number;
  readonly queue: Omit<QueueHealth, "status" | "oldestMs"> & { readonly oldestCapturedAtMs: number | undefined };
  readonly breaker: BreakerState;
  readonly spool: SpoolHealth;
  readonly collector: Omit<CollectorHealth, "status">;
  readonly providers: Readonly<Record<string, ProviderHealth>>;
}

export function describeHealth(source: HealthSource): TrackerHealth {
  const { monotonicNowMs, spool, providers } = source;
  const queue = describeQueue(source.queue, monotonicNowMs);
  const breaker = describeBreaker(source.breaker, monotonicNowMs);
  const { lastSuccessAtMs, lastError } = source.collector;
  const collector = {
    status: lastSuccessAtMs === null && lastError === null ? ("unknown" as const) : breaker.status,
    ...source.collector,
    endpoint: withoutQuery(source.collector.endpoint),
  };
  const parts = [queue.status, breaker.status, spool.status, ...Object.values(providers).map(({ status }) => status)];
  return {
    status: overall(source.state, [queue.status, breaker.status], parts),
    atMs: source.atMs,
    queue,
    breaker,
    spool,
    collector,
    providers,
  };
}

function overall(state: TrackerState, own: readonly string[], parts: readonly string[]): TrackerHealth["status"] {
  if (state !== "running") return state;
  if (own.includes("failing")) return "failing";
  return parts.some((status) => !well.has(status)) ? "degraded" : "ok";
}

const well: ReadonlySet<string> = new Set(["ok", "off", "unknown"]);

/** From this part of a bound on, somebody should look. */
const nearlyFull = 0.8;

function describeQueue({ oldestCapturedAtMs, ...queue }: HealthSource["queue"], nowMs: number): QueueHealth {
  const used = Math.max(queue.events / queue.maxEvents, queue.bytes / queue.maxBytes);
  const full = queue.events >= queue.maxEvents || queue.bytes >= queue.maxBytes;
  return {
    status: full ? "failing" : used >= nearlyFull ? "degraded" : "ok",
    ...queue,
    oldestMs: oldestCapturedAtMs === undefined ? 0 : nowMs - oldestCapturedAtMs,
  };
}

function describeBreaker(state: BreakerState, nowMs: number): BreakerHealth {
  const { name, failures, keyRefused, notBeforeMs, underWay } = state;
  return {
    status: name !== "closed" ? "failing" : failures > 0 ? "degraded" : "ok",
    state: name,
    failuresInARow: failures,
    keyRefused,
    requestsUnderWay: underWay,
    waitMs: Math.max(0, notBeforeMs - nowMs),
  };
}

/** A query may hold a key. */
export function withoutQuery(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return `${origin}${pathname}`;
}
