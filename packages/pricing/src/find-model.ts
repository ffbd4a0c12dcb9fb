/**
 * Finds the rate card for a model's name.
 *
 * Promise: the first model of the provider, in the book's order, of which a matcher fits, with a tenant's own prices over it.
 * Where there are more particular names of it (`dall-e-3-hd-1024x1792`), a model that has wholly such a name goes before.
 * Names are remembered, at most 1,000 per provider and tenant, so that the matchers run once per name and memory stays
 * bounded whatever names are sent.
 */
import type { ModelMatcher, PriceBook, PriceRow } from "./price-book.ts";
import { createRateCard, type RateCard } from "./rate-card.ts";
import { ownRows, type TenantTerm } from "./tenant-prices.ts";

/**
 * @param suffixes - what makes of the name more particular ones of the same model, the most particular first
 * @returns `undefined` for a provider or a name that has no price
 */
export type FindModel = (provider: string, name: string, suffixes?: readonly string[]) => RateCard | undefined;

type FindRows = (name: string) => readonly PriceRow[] | undefined;
type FindCard = (name: string, suffixes: readonly string[]) => RateCard | undefined;

const mostNames = 1_000;
const noSuffixes: readonly string[] = [];

/** A model hosted by Azure costs what it costs at OpenAI, unless the book has prices of Azure's own. */
const sameAs: Readonly<Record<string, string>> = { azure: "openai" };

/** @param terms - a tenant's own */
export function createFindModel(book: PriceBook, terms: readonly TenantTerm[] = []): FindModel {
  const providers = new Map<string, FindCard>();
  const names = [...book.models, ...terms].map((each) => each.provider);
  for (const provider of new Set(names)) providers.set(provider, remember(createFindCard(book, provider, terms)));
  return (provider, name, suffixes = noSuffixes) => {
    const find = providers.get(provider) ?? providers.get(sameAs[provider] ?? "");
    return find?.(name, suffixes);
  };
}

function createFindCard(book: PriceBook, provider: string, terms: readonly TenantTerm[]): FindCard {
  const find = createFindRows(book, provider, () => true);
  const findWhole = createFindRows(book, provider, isOfWholeNames);
  const cards = new Map<readonly PriceRow[], RateCard>();
  return (name, suffixes) => {
    const particular = suffixes.map((suffix) => name + suffix);
    const rows = firstOf(particular, findWhole) ?? find(name);
    const owned = ownRows(terms, provider, [name, ...particular.toReversed()]);
    if (owned.length > 0) return createRateCard(rows ?? [], owned);
    if (rows === undefined) return undefined;
    const card = cards.get(rows) ?? createRateCard(rows);
    cards.set(rows, card);
    return card;
  };
}

function firstOf(names: readonly string[], find: FindRows): readonly PriceRow[] | undefined {
  for (const name of names) {
    const rows = find(name);
    if (rows !== undefined) return rows;
  }
  return undefined;
}

function isOfWholeNames(matcher: ModelMatcher): boolean {
  return "equals" in matcher || ("regex" in matcher && /^\^.*\$$/.test(matcher.regex));
}

function createFindRows(book: PriceBook, provider: string, counts: (matcher: ModelMatcher) => boolean): FindRows {
  // Azure has its own prices where the book has a model of its; else those of the same name.
  const from = book.models.some((model) => model.provider === provider) ? provider : sameAs[provider];
  const models = book.models
    .filter((model) => model.provider === from)
    .map(({ match, rows }) => ({ fits: match.filter(counts).map(createFits), rows }));
  return (name) => {
    const lower = name.toLowerCase();
    return models.find(({ fits }) => fits.some((fit) => fit(lower, name)))?.rows;
  };
}

type Fits = (lowerName: string, name: string) => boolean;

function createFits(matcher: ModelMatcher): Fits {
  if ("equals" in matcher) return (lower) => lower === matcher.equals;
  if ("startsWith" in matcher) return (lower) => lower.startsWith(matcher.startsWith);
  if ("endsWith" in matcher) return (lower) => lower.endsWith(matcher.endsWith);
  if ("contains" in matcher) return (lower) => lower.includes(matcher.contains);
  const pattern = new RegExp(matcher.regex);
  return (_lower, name) => pattern.test(name);
}

function remember(find: FindCard): FindCard {
  const known = new Map<string, RateCard | undefined>();
  return (name, suffixes) => {
    // No name has a line break.
    const key = suffixes.length === 0 ? name : [name, ...suffixes].join("\n");
    const value = known.get(key);
    if (value !== undefined || known.has(key)) return value;
    if (known.size >= mostNames) known.clear();
    const found = find(name, suffixes);
    known.set(key, found);
    return found;
  };
}
