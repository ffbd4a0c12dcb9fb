/**
 * Prices events by a book: P1 to P4 as in cost.ts.
 *
 * What decides, first to last: a call that costs nothing whatever the book says; the model, as the response names it, else
 * as the request does; the service tier; the rates at the time of the call; the parts of what was used (split-usage.ts).
 * Estimated usage is priced like reported usage.
 */
import { errorTypes, type UsageEvent } from "@cmdrdata/protocol";

import type { Cost, CostLine, Pricer, UnpricedReason } from "./cost.ts";
import { createFindModel, type FindModel } from "./find-model.ts";
import { type PriceBook, priceBook } from "./price-book.ts";
import { type RateCard, type Rates, ratesAt } from "./rate-card.ts";
import { type Part, splitUsage } from "./split-usage.ts";

/** Tiers billed at the ordinary prices; `auto` is what a request asks for, and the response names only what differs. */
const ordinaryTiers: ReadonlySet<string> = new Set(["default", "standard", "auto"]);

/** @param book - by default the book that comes with this version */
export function createPricer(book: PriceBook = priceBook): Pricer {
  const findModel = createFindModel(book);
  return {
    price(event, atMs) {
      const lines = costsNothing(event) ? [] : linesOf(event, atMs, findModel);
      return costOf(lines, book.version);
    },
  };
}

function costOf(lines: readonly CostLine[] | UnpricedReason, bookVersion: string): Cost {
  if (typeof lines === "string") return { kind: "unpriced", reason: lines, bookVersion };
  const picoUsd = lines.reduce((sum, line) => sum + line.picoUsd, 0n);
  return { kind: "priced", picoUsd, bookVersion, lines };
}

function linesOf(event: UsageEvent, atMs: number, findModel: FindModel): readonly CostLine[] | UnpricedReason {
  if (event.model === null && event.requested_model === null) return "model_missing";
  const card = findCard(event, findModel);
  if (card === undefined) return "model_unknown";
  if (event.service_tier !== null && !ordinaryTiers.has(event.service_tier)) return "tier_unpriced";
  const rates = ratesAt(card, atMs, event.input_tokens ?? 0);
  if (rates === undefined) return "unit_unpriced";
  if (isFree(rates)) return [];
  const split = splitUsage(event, rates);
  return typeof split === "string" ? split : split.map((part) => lineOf(part, rates));
}

function findCard(event: UsageEvent, findModel: FindModel): RateCard | undefined {
  for (const name of [event.model, event.requested_model]) {
    const card = name === null ? undefined : findModel(event.provider, name);
    if (card !== undefined) return card;
  }
  return undefined;
}

/**
 * A refused call (P3), or one that failed and reports that it used nothing. Numbers that a provider reported are believed
 * over the kind of error.
 */
function costsNothing({ error, usage, input_tokens: input, output_tokens: output }: UsageEvent): boolean {
  if (!error.occurred) return false;
  const refused = wasRefused(error.type);
  if (refused && usage.source !== "reported") return true;
  const used =
    (input ?? 0) > 0 || (output ?? 0) > 0 || Object.values(usage.quantities).some((quantity) => quantity > 0);
  return !used && (refused || (input === 0 && output === 0));
}

function wasRefused(type: string | null): boolean {
  return type !== null && Object.hasOwn(errorTypes, type) && errorTypes[type as keyof typeof errorTypes].refused;
}

/** A model of which everything is sold at 0 costs nothing, also when it does not say what was used (moderation). */
function isFree(rates: Rates): boolean {
  return Object.values(rates).every(({ picoUsdEach }) => picoUsdEach === 0n);
}

function lineOf([unit, quantity]: Part, rates: Rates): CostLine {
  // splitUsage gives only units that have a rate.
  const { picoUsdEach, source } = rates[unit] as NonNullable<Rates[typeof unit]>;
  return { unit, quantity, picoUsdEach, picoUsd: picoUsdEach * BigInt(quantity), source };
}
