/**
 * What a usage event costs. Integers only: a price is pico-USD (1e-12 US dollars) per unit, a cost is a bigint of them.
 *
 * P1 a cost is the exact sum of its lines. P2 what cannot be priced exactly is `unpriced` with a reason, never $0.
 * P3 a call the provider refused with an HTTP error costs nothing: priced, with no lines. P4 the same event at the same
 * time on the same book always costs the same.
 */
import type { UsageEvent } from "@cmdrdata/protocol";

/**
 * One line of a cost: `quantity` units at `picoUsdEach`; `source` says where the price is from. Seconds may have a
 * fraction: they count to the millionth, and the line is rounded half up to the pico-dollar.
 */
export interface CostLine {
  /** `adjustment` is what a tenant's mark-up or discount adds or takes away. */
  readonly unit: PriceUnit | "adjustment";
  readonly quantity: number;
  readonly picoUsdEach: bigint;
  readonly picoUsd: bigint;
  readonly source: string;
}

export type PriceUnit =
  | "input_tokens"
  | "cached_input_tokens"
  | "cache_write_tokens"
  | "input_audio_tokens"
  | "input_image_tokens"
  | "output_tokens"
  | "output_audio_tokens"
  | "output_image_tokens"
  | "images"
  | "audio_seconds"
  | "characters"
  | "video_seconds"
  | "web_search_calls"
  | "file_search_calls"
  | "container_sessions"
  | "trained_tokens";

export type UnpricedReason =
  | "model_missing"
  | "model_unknown"
  | "usage_unknown"
  | "usage_inconsistent"
  | "unit_unpriced"
  | "tier_unpriced";

export type Cost =
  | {
      readonly kind: "priced";
      readonly picoUsd: bigint;
      readonly bookVersion: string;
      readonly lines: readonly CostLine[];
    }
  | { readonly kind: "unpriced"; readonly reason: UnpricedReason; readonly bookVersion: string };

export interface Pricer {
  /**
   * @param atMs - when the call was made, epoch ms: decides which dated price holds
   * @param tenant - whose own terms hold, if it has any
   */
  price(event: UsageEvent, atMs: number, tenant?: string): Cost;
}
