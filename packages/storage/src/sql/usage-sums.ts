/** The sums of a roll-up, read from its rows. Money is two integers that are put together again here. */
import { rollUpSums } from "../event-row.ts";
import { joinMoney } from "../money.ts";
import type { UsageSums } from "../store.ts";
import type { List, Row } from "./sql.ts";

/** The money of a row that has `cost_milli_usd` and `cost_rest_pico_usd`; `undefined` where they are null. */
export function moneyOf(row: Row): bigint | undefined {
  const milliUsd = row["cost_milli_usd"];
  if (milliUsd === null || milliUsd === undefined) return undefined;
  return joinMoney(BigInt(milliUsd as string), BigInt(row["cost_rest_pico_usd"] as string));
}

/** The columns that {@link sumsOf} reads, in their order. */
export const sumColumns: readonly string[] = [...rollUpSums, "errors", "unattributed"];

const place = (name: string): number => sumColumns.indexOf(name);
const calls = place("calls");
const errors = place("errors");
const unattributed = place("unattributed");
const inputTokens = place("input_tokens");
const cachedInputTokens = place("cached_input_tokens");
const outputTokens = place("output_tokens");
const reasoningTokens = place("reasoning_tokens");
const totalTokens = place("total_tokens");
const milliUsd = place("cost_milli_usd");
const restPicoUsd = place("cost_rest_pico_usd");
const unpricedCalls = place("unpriced_calls");
const durationUs = place("duration_us");
const timedCalls = place("timed_calls");

/** @param from - where in the list {@link sumColumns} begin */
export function sumsOf(list: List, from: number): UsageSums {
  return {
    calls: Number(list[from + calls]),
    errors: Number(list[from + errors]),
    unattributed: Number(list[from + unattributed]),
    inputTokens: Number(list[from + inputTokens]),
    cachedInputTokens: Number(list[from + cachedInputTokens]),
    outputTokens: Number(list[from + outputTokens]),
    reasoningTokens: Number(list[from + reasoningTokens]),
    totalTokens: Number(list[from + totalTokens]),
    costPicoUsd: joinMoney(BigInt(list[from + milliUsd] as string), BigInt(list[from + restPicoUsd] as string)),
    unpricedCalls: Number(list[from + unpricedCalls]),
    durationUs: Number(list[from + durationUs]),
    timedCalls: Number(list[from + timedCalls]),
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
