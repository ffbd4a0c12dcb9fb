/**
 * What an event is grouped by and what it adds to the sums, the same for every engine.
 *
 * Promise: every event has exactly one value, or `null`, for each dimension, so that the groups of any grouping are
 * disjoint and complete (S5).
 */
import type { UsageEvent } from "@cmdrdata/protocol";

import { bucketMs, type Dimension } from "./store.ts";

/** All dimensions, in the order of the roll-up's key. */
export const dimensions: readonly Dimension[] = [
  "customer_id",
  "model",
  "operation",
  "provider",
  "service_tier",
  "error_type",
];

/** The longest duration that is counted, in microseconds: 31 days. A longer one is a broken clock, not a call. */
export const longestDurationUs = 2_678_400_000_000;

/**
 * The value of each dimension.
 *
 * A call that failed names no model in its response and counts under the model it asked for. `error_type` is `null`
 * without an error and `unknown` for an error without a type.
 */
export function dimensionsOf(event: UsageEvent): Readonly<Record<Dimension, string | null>> {
  return {
    customer_id: event.customer_id,
    model: event.model ?? event.requested_model,
    operation: event.operation,
    provider: event.provider,
    service_tier: event.service_tier,
    error_type: event.error.occurred ? (event.error.type ?? "unknown") : null,
  };
}

/** The duration in whole microseconds; `null` when it is not known, or not believable. */
export function durationUsOf(event: UsageEvent): number | null {
  const milliseconds = event.latency.duration_ms;
  if (milliseconds === null) return null;
  const microseconds = Math.round(milliseconds * 1_000);
  return microseconds <= longestDurationUs ? microseconds : null;
}

/** The bucket a time falls in, by its start. */
export function bucketStartMs(timeMs: number): number {
  return Math.floor(timeMs / bucketMs) * bucketMs;
}

/**
 * The value of a metadata key: a text as it is (of at most 256 characters), a number or a flag as JSON writes it; `null`
 * for an empty text, for what has parts, and where the key is not there.
 */
export function metadataValueOf({ metadata }: Pick<UsageEvent, "metadata">, key: string): string | null {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : null;
  if (typeof value === "string") return value === "" ? null : value.slice(0, longestMetadataValue);
  return typeof value === "number" || typeof value === "boolean" ? JSON.stringify(value) : null;
}

const longestMetadataValue = 256;
