/**
 * The part of the port that reads single events, customers and what was set aside.
 *
 * Promise: pages are in a fixed order and continue where the last one ended, also while events arrive; a tenant sees its
 * own only (S4).
 */
import type { FieldProblem } from "@cmdrdata/protocol";

import type { Dimension, ReceivedBody, TimeRange, UsageFilter, UsageSums } from "./store.ts";

/** One page: `limit` items at most, and where the next page begins if there is one. */
export interface Page<Item, Cursor> {
  readonly items: readonly Item[];
  readonly next: Cursor | undefined;
}

/** Events of a tenant by time, the newest first. */
export interface EventQuery extends TimeRange {
  readonly tenant: string;
  /** On fixed dimensions only. */
  readonly filters: readonly UsageFilter[];
  /** Only events with a problem of this code. */
  readonly flag?: string;
  readonly after?: EventCursor;
  readonly limit: number;
}

/** The last event of a page. */
export interface EventCursor {
  readonly eventTimeMs: number;
  readonly sequence: number;
}

/** What is known of an event without reading it. */
export interface EventSummary {
  readonly id: string;
  readonly sequence: number;
  readonly eventTimeMs: number;
  readonly receivedAtMs: number;
  readonly dimensions: Readonly<Record<Dimension, string | null>>;
  readonly inputTokens: number | null;
  readonly cachedInputTokens: number | null;
  readonly outputTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly totalTokens: number | null;
  readonly durationUs: number | null;
  readonly costPicoUsd: bigint | null;
  readonly unpricedReason: string | null;
  readonly problems: readonly FieldProblem[];
}

/** Where an event stands in a body as it was received. */
export interface BodyReference {
  readonly bodyId: number;
  readonly position: number;
}

/** A second version of an id: other content than the first, which stays. */
export interface Conflict {
  readonly number: number;
  readonly id: string;
  readonly contentHash: string;
  readonly customerId: string | null;
  readonly eventTimeMs: number;
  readonly firstReceivedAtMs: number;
  readonly lastReceivedAtMs: number;
  readonly timesReceived: number;
  readonly body: BodyReference | null;
  /** The event as JSON. */
  readonly event: string;
}

/** An event that is held back from the sums, with the reasons. */
export interface Quarantined {
  readonly number: number;
  /** The UTC day that is part of its identity. */
  readonly identityDay: number;
  readonly id: string;
  readonly contentHash: string;
  readonly customerId: string | null;
  readonly eventTimeMs: number;
  readonly receivedAtMs: number;
  readonly reasons: readonly FieldProblem[];
  readonly problems: readonly FieldProblem[];
  readonly body: BodyReference | null;
  /** The event as JSON. */
  readonly event: string;
}

/** Everything about one event. `counted` is what is in the sums, `quarantined` what is held back. */
export interface EventStory {
  readonly identityDay: number;
  readonly contentHash: string;
  readonly counted:
    | (EventSummary & {
        readonly bookVersion: string;
        /** The lines of the cost, as JSON. */
        readonly costLines: string;
        readonly body: BodyReference | null;
        /** The event as JSON. */
        readonly event: string;
      })
    | undefined;
  readonly quarantined: Quarantined | undefined;
  readonly conflicts: readonly Conflict[];
}

/** A customer with its usage over a range. `null` is the usage nobody is named for. */
export interface CustomerSummary {
  readonly customerId: string | null;
  /** Starts of the first and the last 15 minutes with a call. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly sums: UsageSums;
}

export interface NumberedQuery {
  readonly tenant: string;
  /** The number of the last item of the page before. */
  readonly after?: number;
  readonly limit: number;
}

export interface LedgerReader {
  events(query: EventQuery): Promise<Page<EventSummary, EventCursor>>;
  /** All events of that id: more than one where an id that is no UUIDv7 came on several days. */
  eventStories(query: { readonly tenant: string; readonly id: string }): Promise<readonly EventStory[]>;
  /** In order of id, the one of nobody first. */
  customers(query: { readonly tenant: string } & TimeRange): Promise<readonly CustomerSummary[]>;
  /** In order of first receipt. */
  conflicts(query: NumberedQuery): Promise<Page<Conflict, number> & { readonly total: number }>;
  /** A body as it was received, compressed; `undefined` when it is not there, or not any more. */
  body(query: { readonly tenant: string; readonly bodyId: number }): Promise<ReceivedBody | undefined>;
  /** In order of receipt. */
  quarantined(query: NumberedQuery): Promise<Page<Quarantined, number> & { readonly total: number }>;
}
