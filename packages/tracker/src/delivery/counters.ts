/** The tracker's own numbers. `captured` is the sum of all outcomes and what is held, at any moment (D3). */
import type { UsageEvent } from "@cmdrdata/protocol";

import type { DropReason, TrackerMetrics, TrackerState } from "../tracker.ts";
import type { Holding } from "./holding.ts";
import type { Link } from "./link.ts";
import type { Measures } from "./measures.ts";
import type { Providers } from "./providers.ts";

export interface Counters {
  captured: number;
  delivered: number;
  duplicates: number;
  rejected: number;
  spooled: number;
  adopted: number;
  readonly dropped: Record<DropReason, number>;
  unattributed: number;
  attributionErrors: number;
  requests: number;
  retries: number;
  sentBytes: number;
}

export function createCounters(): Counters {
  return {
    captured: 0,
    delivered: 0,
    duplicates: 0,
    rejected: 0,
    spooled: 0,
    adopted: 0,
    dropped: {
      queue_full: 0,
      too_large: 0,
      no_key: 0,
      unauthorized: 0,
      retry_exhausted: 0,
      refused: 0,
      unreadable: 0,
      shutdown: 0,
      spool_full: 0,
      spool_failed: 0,
    },
    unattributed: 0,
    attributionErrors: 0,
    requests: 0,
    retries: 0,
    sentBytes: 0,
  };
}

/** Counts an event in. @param event - `undefined` for what cannot be read */
export function countCaptured(counters: Counters, event: UsageEvent | undefined): void {
  counters.captured += 1;
  if (event === undefined) return;
  if (event.customer_id === null) counters.unattributed += 1;
  if (event.attribution_error !== null) counters.attributionErrors += 1;
}

/** Where the numbers are that `metrics` puts together. */
export interface MetricsSource {
  readonly state: TrackerState;
  readonly counters: Counters;
  readonly holding: Holding;
  readonly link: Link;
  readonly measures: Measures;
  readonly providers: Providers;
}

/** A copy of the numbers as they are now. */
export function readMetrics({ state, counters, holding, link, measures, providers }: MetricsSource): TrackerMetrics {
  const { dropped, ...counts } = counters;
  const { failures, circuitOpened, lastSuccessAtMs, lastError } = link;
  return {
    state,
    ...counts,
    dropped: { ...dropped },
    held: holding.events,
    heldBytes: holding.bytes,
    failures: { ...failures },
    circuitOpened,
    lastSuccessAtMs,
    lastError: lastError === null ? null : { ...lastError },
    histograms: measures.read(),
    providers: Object.fromEntries(
      Object.entries(providers.read()).map(([name, { calls, errors, errorsByType }]) => [
        name,
        { calls, errors, errorsByType },
      ]),
    ),
  };
}
