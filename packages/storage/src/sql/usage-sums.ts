/** The sums of a roll-up, read from its rows. Money is two integers that are put together again here. */
import type { UsageSums } from "../store.ts";
import { joinMoney } from "../money.ts";
import type { Row } from "./sql.ts";

/** The money of a row that has `cost_milli_usd` and `cost_rest_pico_usd`; `undefined` where they are null. */
export function moneyOf(row: Row): bigint | undefined {
  const milliUsd = row["cost_milli_usd"];
  if (milliUsd === null || milliUsd === undefined) return undefined;
  return joinMoney(BigInt(milliUsd as string), BigInt(row["cost_rest_pico_usd"] as string));
}

/** Needs `errors` and `unattributed` beside `rollUpSums`. */
export function sumsOf(row: Row): UsageSums {
  const count = (name: string): number => Number(row[name]);
  return {
    calls: count("calls"),
    errors: count("errors"),
    unattributed: count("unattributed"),
    inputTokens: count("input_tokens"),
    cachedInputTokens: count("cached_input_tokens"),
    outputTokens: count("output_tokens"),
    reasoningTokens: count("reasoning_tokens"),
    totalTokens: count("total_tokens"),
    costPicoUsd: moneyOf(row) ?? 0n,
    unpricedCalls: count("unpriced_calls"),
    durationUs: count("duration_us"),
    timedCalls: count("timed_calls"),
  };
}

/** Adds two groups. A number is exact up to 2^53. */
export function addSums(a: UsageSums, b: UsageSums): UsageSums {
  return {
    calls: a.calls + b.calls,
    errors: a.errors + b.errors,
    unattributed: a.unattributed + b.unattributed,
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    totalTokens: a.totalTokens + b.totalTokens,
    costPicoUsd: a.costPicoUsd + b.costPicoUsd,
    unpricedCalls: a.unpricedCalls + b.unpricedCalls,
    durationUs: a.durationUs + b.durationUs,
    timedCalls: a.timedCalls + b.timedCalls,
  };
}

/** The sums of nothing. */
export const noUsage: UsageSums = {
  calls: 0,
  errors: 0,
  unattributed: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
  costPicoUsd: 0n,
  unpricedCalls: 0,
  durationUs: 0,
  timedCalls: 0,
};
