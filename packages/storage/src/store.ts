/**
 * The port behind which usage is kept. One contract suite (`@cmdrdata/storage/contract`) proves it for every engine.
 *
 * S1 durable: what `append` has answered survives `kill -9` of the process.
 * S2 once: an event is identified by tenant, id and the UTC day of identityTimeMs; appended again, however late, it changes
 *    nothing, and the first version stays.
 * S3 whole: event row and roll-up change in one transaction; only a newly inserted event increments; a batch is all or nothing.
 * S4 apart: a tenant never sees, and never collides with, another tenant's rows or keys.
 * S5 sums: the rows of any grouping and any cut of a time range into ranges add up to the total, to the integer.
 * S6 unpriced is counted as unpriced; it never adds a cost, and is never shown as one.
 */
import type { FieldProblem, UsageEvent } from "@cmdrdata/protocol";

import type { KeyStore } from "./key-store.ts";
import type { LedgerKeeper } from "./ledger-keeper.ts";
import type { LedgerReader } from "./ledger-reader.ts";
import type { PriceStore } from "./price-store.ts";
import type { RerateStore } from "./rerate-store.ts";

/** The length of a roll-up bucket: every IANA zone's day is a whole number of them. */
export const bucketMs = 900_000;

/** What an event costs, as decided when it was taken. `picoUsd` is an integer number of 1e-12 US dollars. */
export type EventCost =
  | {
      readonly kind: "priced";
      readonly picoUsd: bigint;
      readonly bookVersion: string;
      readonly lines: readonly CostLine[];
    }
  | { readonly kind: "unpriced"; readonly reason: string; readonly bookVersion: string };

/** One line of a cost: `quantity` units at `picoUsdEach`; `source` says where the price is from. */
export interface CostLine {
  readonly unit: string;
  readonly quantity: number;
  readonly picoUsdEach: bigint;
  readonly picoUsd: bigint;
  readonly source: string;
}

/** An event ready to be stored. */
export interface PricedEvent {
  readonly tenant: string;
  /** The event's identity within the tenant: 1 to 256 characters. */
  readonly id: string;
  /** Epoch ms that every resend of this event repeats (from the id or the event's own timestamp); 0 when it has none. */
  readonly identityTimeMs: number;
  /** When the call was made, epoch ms; decides the bucket. */
  readonly eventTimeMs: number;
  /** When the collector took it, epoch ms. */
  readonly receivedAtMs: number;
  readonly event: UsageEvent;
  /** The event as JSON, where it has been written already. */
  readonly encoded?: string | undefined;
  /** Hash of the event's content; two versions of one id differ in it. */
  readonly contentHash: string;
  /** What was set aside while reading the event. */
  readonly problems: readonly FieldProblem[];
  readonly cost: EventCost;
  /** Where it stands in the body it came in; that is kept with the first event that is not a mere resend. */
  readonly origin?: EventOrigin | undefined;
  /** Why it is held back from the sums; none by default. */
  readonly doubts?: readonly FieldProblem[] | undefined;
}

/** A place in a body as it was received. Events of one body share one `body` object. */
export interface EventOrigin {
  /** A body that is stored already is named by its number. */
  readonly body: ReceivedBody | number;
  readonly position: number;
}

/** The body of one request, compressed. */
export interface ReceivedBody {
  readonly encoding: "gzip" | "zstd";
  readonly bytes: Uint8Array;
}

/**
 * `conflict`: the id was known with other content; that second version is kept beside the first. `expired`: it is older
 * than what is kept (retention), so that nobody can say whether it was counted; it is not stored.
 */
export type AppendOutcome =
  | { readonly kind: "inserted" }
  /** Stored, and held back from the sums. */
  | { readonly kind: "quarantined" }
  | { readonly kind: "duplicate"; readonly conflict: boolean }
  | { readonly kind: "expired" };

/** The dimensions by which usage can be grouped; `dimensionsOf` in dimensions.ts says what each is for an event. */
export type Dimension = "customer_id" | "model" | "operation" | "provider" | "service_tier" | "error_type";

/** What usage can be grouped and filtered by: a dimension, or a key of the metadata that the tenant has declared. */
export type GroupKey = Dimension | MetadataKey;
export type MetadataKey = `metadata.${string}`;

/** Keeps what has one of the values; `null` is an event without a value. */
export interface UsageFilter {
  readonly key: GroupKey;
  readonly values: readonly (string | null)[];
}

/** A stretch of time, epoch ms, `start` included and `end` not; both on a bucket boundary. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** Usage of one tenant over ranges that do not overlap, in order. Each range gives rows of its own. */
export interface UsageQuery {
  readonly tenant: string;
  readonly ranges: readonly TimeRange[];
  /** At most one metadata key, counting that of the filters. */
  readonly groupBy: readonly GroupKey[];
  /** All of them hold. */
  readonly filters?: readonly UsageFilter[];
}

/**
 * Sums over the events of a group. Counts unknown to the sender add nothing.
 *
 * Engines sum in 64-bit integers; a number here is exact up to 2^53, and the nearest double above.
 */
export interface UsageSums {
  readonly calls: number;
  readonly errors: number;
  /** Calls without a customer. */
  readonly unattributed: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
  readonly costPicoUsd: bigint;
  /** Calls whose cost is not known; they add nothing to `costPicoUsd`. */
  readonly unpricedCalls: number;
  /** Sum, in microseconds, and number of the durations that were reported; one of over 31 days is not believed. */
  readonly durationUs: number;
  readonly timedCalls: number;
}

/** One group of one range. `group` holds the grouped dimensions only; `null` is an event without that value. */
export interface UsageRow {
  readonly rangeStartMs: number;
  readonly group: { readonly [K in GroupKey]?: string | null };
  readonly sums: UsageSums;
}

export type { ApiKey, KeyStore, NewApiKey, Scope, TenantRecord } from "./key-store.ts";

/** Holds S1 to S6. */
export interface UsageStore extends LedgerReader, LedgerKeeper, KeyStore, PriceStore, RerateStore {
  /**
   * Stores a batch in one transaction and answers after commit: one outcome per event, in order. Conflicts and events in doubt,
   * which are in no sum, may be a second one; if that fails, nothing is answered, and the batch sent again completes it.
   */
  append(batch: readonly PricedEvent[]): Promise<readonly AppendOutcome[]>;
  /** Rows ordered by range, then by group; a range or group without events has no row. */
  usage(query: UsageQuery): Promise<readonly UsageRow[]>;
  /** Resolves when the engine answers and its schema is the one this version needs; rejects with the reason. */
  check(): Promise<void>;
  close(): Promise<void>;
}
