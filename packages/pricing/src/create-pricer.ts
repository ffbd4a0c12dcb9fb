/**
 * Prices events by a book: P1 to P4 as in cost.ts.
 *
 * What decides, first to last: a call that costs nothing whatever the book says; the model, as the response names it, else
 * as the request does, in its quality and size and in its region where the book has a price for those; the service tier; the
 * rates at the time of the call; the parts of what was used (split-usage.ts).
 * Estimated usage is priced like reported usage.
 */
import { errorTypes, type UsageEvent } from "@cmdrdata/protocol";

import type { Cost, CostLine, Pricer, UnpricedReason } from "./cost.ts";
import { createFindModel, type FindModel } from "./find-model.ts";
import { type PriceBook, priceBook } from "./price-book.ts";
import { type FoundRates, type RateCard, type Rates, ratesAt } from "./rate-card.ts";
import { type Part, splitUsage } from "./split-usage.ts";
import { adjust, adjustmentOf, type TenantAdjustment, type TenantTerm } from "./tenant-prices.ts";

/** Tiers billed at the ordinary prices; `auto` is what a request asks for, and the response names only what differs. */
const ordinaryTiers: ReadonlySet<string> = new Set(["default", "standard", "auto"]);
/** OpenAI renamed priority processing to fast mode on 2026-07-30 and takes either name. */
const renamedTiers: Readonly<Record<string, string>> = { fast: "priority" };

/** @param book - by default the book that comes with this version */
export function createPricer(book: PriceBook = priceBook, terms: TermsByTenant = new Map()): Pricer {
  const plain: Desk = { findModel: createFindModel(book), terms: [] };
  const desks = new Map(
    [...terms].map(([tenant, own]) => [tenant, { findModel: createFindModel(book, own), terms: own }]),
  );
  return {
    price(event, atMs, tenant = "") {
      const lines = costsNothing(event) ? [] : linesOf(event, atMs, desks.get(tenant) ?? plain);
      return costOf(lines, book.version);
    },
  };
}

/** Each tenant's own terms. */
export type TermsByTenant = ReadonlyMap<string, readonly TenantTerm[]>;

/** What one tenant is priced by. */
interface Desk {
  readonly findModel: FindModel;
  readonly terms: readonly TenantTerm[];
}

function costOf(lines: readonly CostLine[] | UnpricedReason, bookVersion: string): Cost {
  if (typeof lines === "string") return { kind: "unpriced", reason: lines, bookVersion };
  return { kind: "priced", picoUsd: sumOf(lines), bookVersion, lines };
}

function linesOf(event: UsageEvent, atMs: number, { findModel, terms }: Desk): readonly CostLine[] | UnpricedReason {
  const names = namesOf(event);
  if (names.length === 0) return "model_missing";
  const suffixes = suffixesOf(event);
  const card = findCard(event.provider, names, suffixes, findModel);
  if (card === undefined) return "model_unknown";
  const periods = card.get(tierOf(event));
  if (periods === undefined) return "tier_unpriced";
  const found = ratesAt(periods, atMs, event.input_tokens ?? 0);
  if (found === undefined) return "unit_unpriced";
  if (isFree(found.rates)) return [];
  const split = canTellSize(event, found) ? splitUsage(event, found.rates) : "usage_unknown";
  if (typeof split === "string") return split;
  const lines = split.map((part) => lineOf(part, found.rates));
  const adjustment = adjustmentOf(terms, {
    provider: event.provider,
    names: suffixes.length === 0 ? names : [...names, ...particularNames(names, suffixes)],
    atMs,
  });
  return adjustment === undefined ? lines : adjusted(lines, adjustment);
}

function adjusted(lines: readonly CostLine[], adjustment: TenantAdjustment): readonly CostLine[] {
  const before = sumOf(lines);
  const picoUsd = adjust(before, adjustment) - before;
  if (picoUsd === 0n) return lines;
  const source = `tenant ${adjustment.numerator}/${adjustment.denominator}`;
  return [...lines, { unit: "adjustment", quantity: 1, picoUsdEach: picoUsd, picoUsd, source }];
}

function sumOf(lines: readonly CostLine[]): bigint {
  return lines.reduce((sum, line) => sum + line.picoUsd, 0n);
}

/** A container has no model: it is sold by its memory. */
function namesOf({ model, requested_model: requested, usage }: UsageEvent): readonly string[] {
  const names = [model, requested].filter((name) => name !== null);
  const memory = usage.raw?.["memory_limit"];
  const container = (usage.quantities.container_sessions ?? 0) > 0 && typeof memory === "string";
  return names.length === 0 && container ? [`container-${memory}`] : names;
}

const noSuffixes: readonly string[] = [];
const regional = "-regional";

/**
 * What a model's name has after it where it is sold in a particular way, the most particular first: `-hd-1024x1792` where
 * images or seconds have a price by quality and size, `-regional` where a host of one region costs more.
 */
function suffixesOf({ usage: { quality, size }, request: { region } }: UsageEvent): readonly string[] {
  const format = (quality === undefined ? "" : `-${quality}`) + (size === undefined ? "" : `-${size}`);
  if (region === undefined) return format === "" ? noSuffixes : [format];
  return format === "" ? [regional] : [format + regional, format, regional];
}

function particularNames(names: readonly string[], suffixes: readonly string[]): readonly string[] {
  return names.flatMap((name) => suffixes.map((suffix) => name + suffix));
}

function findCard(
  provider: string,
  names: readonly string[],
  suffixes: readonly string[],
  findModel: FindModel,
): RateCard | undefined {
  for (const name of names) {
    const card = findModel(provider, name, suffixes);
    if (card !== undefined) return card;
  }
  return undefined;
}

function tierOf({ service_tier: tier }: UsageEvent): string {
  if (tier === null || ordinaryTiers.has(tier)) return "default";
  return Object.hasOwn(renamedTiers, tier) ? (renamedTiers[tier] as string) : tier;
}

/**
 * The result of a batch or a run is the sum of many requests: together they may be long where each of them was short. A
 * background response is one request.
 */
function canTellSize({ operation }: UsageEvent, found: FoundRates): boolean {
  return found.smallest || operation === null || operation === "responses.result" || !operation.endsWith(".result");
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
  const all = Object.values(rates);
  return all.length > 0 && all.every((rate) => rate?.picoUsdEach === 0n);
}

const millionth = 1_000_000n;

function lineOf([unit, quantity]: Part, rates: Rates): CostLine {
  // splitUsage gives only units that have a rate.
  const { picoUsdEach, source } = rates[unit] as NonNullable<Rates[typeof unit]>;
  const picoUsd = Number.isSafeInteger(quantity)
    ? picoUsdEach * BigInt(quantity)
    : (picoUsdEach * BigInt(Math.round(quantity * Number(millionth))) + millionth / 2n) / millionth;
  return { unit, quantity, picoUsdEach, picoUsd, source };
}
