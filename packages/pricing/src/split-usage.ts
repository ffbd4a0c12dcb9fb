/**
 * Splits what a call used into parts that do not overlap, each sold at one rate.
 *
 * A provider reports totals, and details that are subsets of them. Details are of two sorts: from the cache or not (cached,
 * cache_write), and by kind (audio, image). Within a sort they are disjoint; between the sorts they may overlap (cached
 * audio), and how much they do is not reported. So:
 *
 * R1 A detail with a rate of its own is taken out of the total and sold at that rate; one without is sold as what it is a
 *    part of (reasoning tokens are output tokens; a model without a rate for cached tokens gives no discount).
 * R2 Audio without a rate of its own is not priced: nowhere is it sold at the rate of text.
 * R3 If details of both sorts have rates of their own and both are there, the overlap decides and is not known: unpriced.
 *    In no tier are tokens written to the cache sold as something else, where they have a rate of their own in another.
 * R4 A detail larger than its total, or a total larger than the sum, means that the numbers cannot be trusted: unpriced.
 * R5 What is sold by something else than tokens (seconds, characters, images, sessions, trained tokens) needs no tokens.
 */
import type { Quantities, UsageEvent } from "@cmdrdata/protocol";

import type { PriceUnit, UnpricedReason } from "./cost.ts";
import type { Rates } from "./rate-card.ts";

/** A number of units of one kind. */
export type Part = readonly [unit: PriceUnit, quantity: number];

/** The parts, or why there are none. */
export type Split = readonly Part[] | UnpricedReason;

/** Counts that are not reported are not there. */
const noInput = { cached: 0, cache_write: 0, audio: 0, image: 0 };
const noOutput = { reasoning: 0, audio: 0, image: 0 };

/** What is counted by something else than tokens, and whether a part of one can be used. */
const countedKinds = {
  images: "whole",
  audio_seconds: "fraction",
  characters: "whole",
  video_seconds: "fraction",
  web_search_calls: "whole",
  file_search_calls: "whole",
  container_sessions: "whole",
  trained_tokens: "whole",
} as const satisfies Readonly<Record<keyof Quantities, "whole" | "fraction">>;
const countedNames = Object.keys(countedKinds) as (keyof Quantities)[];

/** Fees beside what the call itself is sold by. */
const fees: ReadonlySet<PriceUnit> = new Set<PriceUnit>(["web_search_calls", "file_search_calls"]);

/** The token units by which a model may sell what is counted in another way too; then the count is not billed again. */
const soldByToken: { readonly [K in keyof Quantities]?: readonly PriceUnit[] } = {
  images: ["input_image_tokens", "output_image_tokens"],
  audio_seconds: ["input_audio_tokens", "output_audio_tokens"],
};

export function splitUsage(event: UsageEvent, rates: Rates): Split {
  const quantities = splitQuantities(event, rates);
  // First: where something is counted in another way, tokens that are not known are no reason (training, sound).
  if (typeof quantities === "string") return quantities;
  if (needsNoTokens(event, rates, quantities)) return quantities;
  const splits = [splitInput(event, rates), splitOutput(event, rates)];
  const reason = splits.find((split) => typeof split === "string");
  return reason ?? [...(splits as readonly (readonly Part[])[]).flat(), ...quantities];
}

/** R5. A model that sells tokens too has told none. */
function needsNoTokens(event: UsageEvent, rates: Rates, quantities: readonly Part[]): boolean {
  if (quantities.every(([unit]) => fees.has(unit))) return false;
  const told = event.input_tokens !== null || event.output_tokens !== null;
  return !told || (rates.input_tokens === undefined && rates.output_tokens === undefined);
}

function splitInput({ input_tokens: total, total_tokens: sum, usage }: UsageEvent, rates: Rates): Split {
  if (total === null) return "usage_unknown";
  const { cached, cache_write, audio, image } = { ...noInput, ...usage.input };
  if (isInconsistent([cached + cache_write, audio + image], total, sum)) return "usage_inconsistent";
  if (audio > 0 && rates.input_audio_tokens === undefined) return "unit_unpriced";
  if (cache_write > 0 && rates.cache_write_tokens === null) return "unit_unpriced";
  const fromCache = sold(rates, ["cached_input_tokens", cached], ["cache_write_tokens", cache_write]);
  const byKind = sold(rates, ["input_audio_tokens", audio], ["input_image_tokens", image]);
  if (fromCache.length > 0 && byKind.length > 0) return "usage_unknown";
  return withRest(["input_tokens", total], [...fromCache, ...byKind], rates);
}

/** Embeddings have no output, so that none is reported. */
function splitOutput(event: UsageEvent, rates: Rates): Split {
  const { output_tokens: total, total_tokens: sum, usage } = event;
  if (total === null) {
    return rates.output_tokens === undefined || event.operation === "embeddings" ? [] : "usage_unknown";
  }
  const { reasoning, audio, image } = { ...noOutput, ...usage.output };
  if (isInconsistent([reasoning, audio + image], total, sum)) return "usage_inconsistent";
  if (audio > 0 && rates.output_audio_tokens === undefined) return "unit_unpriced";
  const byKind = sold(rates, ["output_audio_tokens", audio], ["output_image_tokens", image]);
  return withRest(["output_tokens", total], byKind, rates);
}

function splitQuantities(event: UsageEvent, rates: Rates): Split {
  const parts: Part[] = [];
  for (const name of countedNames) {
    const quantity = event.usage.quantities[name] ?? 0;
    if (quantity === 0) continue;
    if (rates[name] === undefined) {
      if (isSoldByToken(name, event, rates)) continue;
      return "unit_unpriced";
    }
    if (countedKinds[name] === "whole" && !Number.isSafeInteger(quantity)) return "usage_inconsistent";
    parts.push([name, quantity]);
  }
  return parts;
}

/** Speech is sold by the character or by the token, depending on the model. */
function isSoldByToken(name: keyof Quantities, { operation }: UsageEvent, rates: Rates): boolean {
  if (name === "characters") return operation === "audio.speech" && rates.input_tokens !== undefined;
  return soldByToken[name]?.some((unit) => rates[unit] !== undefined) ?? false;
}

function isInconsistent(details: readonly number[], total: number, sum: number | null): boolean {
  return details.some((detail) => detail > total) || (sum !== null && total > sum);
}

function sold(rates: Rates, ...parts: readonly Part[]): readonly Part[] {
  return parts.filter(([unit, quantity]) => quantity > 0 && (rates[unit] ?? undefined) !== undefined);
}

/** The details, and what is left of the total, sold at the total's own rate. */
function withRest([unit, total]: Part, details: readonly Part[], rates: Rates): Split {
  const rest = details.reduce((left, [, quantity]) => left - quantity, total);
  if (rest === 0) return details;
  return rates[unit] === undefined ? "unit_unpriced" : [[unit, rest], ...details];
}
