/**
 * The tracker's face: what a client of any provider's SDK holds.
 *
 * D1 nothing here throws into, or waits in, the caller's program. D2 memory is bounded in events and bytes.
 * D3 at any moment `captured = delivered + duplicates + rejected + spooled + sum(dropped) + held`.
 * D4 delivery is at least once with a stable id, so that the ledger counts once.
 * D5 what is in the spool outlives the process, and is delivered by the next one. D6 the program ends as it would without.
 */
import type { UsageEvent } from "@cmdrdata/protocol";

import type { HistogramReading, MeasureName, MeasureObserver } from "./delivery/measures.ts";
import type { ProviderHealth } from "./delivery/providers.ts";
import type { TrackerHealth } from "./health.ts";

/** Why an event was dropped. */
export type DropReason =
  | "queue_full"
  | "too_large"
  | "no_key"
  | "unauthorized"
  | "retry_exhausted"
  | "refused"
  | "unreadable"
  | "shutdown"
  | "spool_full"
  | "spool_failed";

/** What was wrong with a request that took nothing: docs/metrics.md says what to do about each. */
export type FailureCode =
  | "unreachable"
  | "unavailable"
  | "redirected"
  | "reply_unreadable"
  | "unauthorized"
  | "too_large"
  | "refused";

export interface LastFailure {
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly code: FailureCode;
  /** Without secrets. */
  readonly message: string;
}

/** `unconfigured`: no key was given; events are held within bounds. `shut_down`: every further event is dropped and counted. */
export type TrackerState = "running" | "unconfigured" | "shut_down";

/** The tracker's own numbers, since it was made. Counts are events unless their name says otherwise. */
export interface TrackerMetrics {
  readonly state: TrackerState;
  readonly captured: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly rejected: number;
  /**
   * Left on the disk: at the end, for want of room in memory, or when their time to be retried was over. Who takes them over,
   * this process or another, counts them as `captured` and as `adopted`.
   */
  readonly spooled: number;
  /** Of the captured ones: those taken over from the disk. */
  readonly adopted: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Being completed, queued, in a request, or waiting for its retry. */
  readonly held: number;
  readonly heldBytes: number;
  /** Captured events that name no customer, and those whose given customer id could not be used. */
  readonly unattributed: number;
  readonly attributionErrors: number;
  readonly requests: number;
  readonly retries: number;
  /** Bytes sent, after compression. */
  readonly sentBytes: number;
  /** Requests that took nothing, by what was wrong. */
  readonly failures: Readonly<Record<FailureCode, number>>;
  /** How often the circuit opened. */
  readonly circuitOpened: number;
  /** Epoch milliseconds. */
  readonly lastSuccessAtMs: number | null;
  readonly lastError: LastFailure | null;
  readonly histograms: Readonly<Record<MeasureName, HistogramReading>>;
  /** The calls of the program, by the provider whose API they were made to. */
  readonly providers: Readonly<Record<string, Pick<ProviderHealth, "calls" | "errors" | "errorsByType">>>;
}

export interface Tracker {
  /**
   * Takes an event, as it is now: a copy within the bounds of the protocol, for which no accessor and no `toJSON` is run.
   * What of it cannot be used is left out and said. Never throws, never waits; what cannot be held is dropped and counted.
   */
  capture(event: UsageEvent): void;
  /** The same without a copy, for an SDK that makes its events of checked parts: nobody may change it any more. */
  captureChecked(event: UsageEvent): void;
  /**
   * Takes an event whose content is made later, off the program's path. It counts as captured and held from now on.
   * Never throws, never waits.
   *
   * @param fallback - the event as far as it is known: sent when `complete` fails, is not done 10 s after this call, or
   *   is not done within half the time that a `flush` or a `shutdown` has; also when there is no room for `materialBytes`,
   *   or no longer, since other events need it
   * @param complete - makes the same call's event, with the same id. It is called in a turn of the event loop of its own,
   *   one such call at a time, and should not take long at a stretch
   * @param materialBytes - memory that `complete` holds on to, about; it counts as held
   */
  captureLater(fallback: UsageEvent, complete: () => UsageEvent | Promise<UsageEvent>, materialBytes?: number): void;
  /**
   * Resolves, and never rejects, when every event captured before the call has its outcome, or after `flushTimeoutMs`.
   * What other processes left and there is room for is captured by the call itself.
   */
  flush(): Promise<void>;
  /**
   * Flushes for at most `deadlineMs` (default 5,000), then leaves what is left in the spool, or drops and counts it where
   * there is none, and closes the connections.
   */
  shutdown(deadlineMs?: number): Promise<void>;
  /**
   * Calls `last` before the tracker or its process ends, so that what it captures then is delivered or kept like the rest:
   * at `shutdown()`, when the process has nothing left to do, before a signal ends it, at `exit`. Perhaps more than once.
   * What it throws is ignored.
   */
  beforeEnd(last: () => void): void;
  /** The tracker's own numbers. */
  metrics(): TrackerMetrics;
  /** How the tracker, the collector and the providers' APIs are, as last seen; nothing is asked for it. */
  health(): TrackerHealth;
  /**
   * Has each value of the histograms told as it is measured, off the program's path.
   *
   * @returns ends it
   */
  observe(observer: MeasureObserver): () => void;
}
