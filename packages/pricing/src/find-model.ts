/**
 * Finds the rate card for a model's name.
 *
 * Promise: the first model of the provider, in the book's order, of which a matcher fits, with a tenant's own prices over it.
 * Names are remembered, at most 1,000 per provider and tenant, so that the matchers run once per name and memory stays
 * bounded whatever names are sent.
 */
import type { ModelMatcher, PriceBook, PriceRow } from "./price-book.ts";
import { createRateCard, type RateCard } from "./rate-card.ts";
import { ownRows, type TenantTerm } from "./tenant-prices.ts";

/** @returns `undefined` for a provider or a name that has no price */
export type FindModel = (provider: string, name: string) => RateCard | undefined;

type FindByName<T> = (name: string) => T | undefined;

const mostNames = 1_000;

/** A model hosted by Azure costs what it costs at OpenAI, unless the book has prices of Azure's own. */
const sameAs: Readonly<Record<string, string>> = { azure: "openai" };

/** @param terms - a tenant's own */
export function createFindModel(book: PriceBook, terms: readonly TenantTerm[] = []): FindModel {
  const providers = new Map<string, FindByName<RateCard>>();
  const names = [...book.models, ...terms].map((each) => each.provider);
  for (const provider of new Set(names)) {
    const find = createFindRows(book, provider);
    providers.set(provider, remember(createFindCard(find, (name) => ownRows(terms, provider, name))));
  }
  return (provider, name) => {
    const find = providers.get(provider) ?? providers.get(sameAs[provider] ?? "");
    return find?.(name);
  };
}

function createFindCard(find: FindByName<readonly PriceRow[]>, own: (name: string) => readonly PriceRow[]) {
  const cards = new Map<readonly PriceRow[], RateCard>();
  return (name: string): RateCard | undefined => {
    const rows = find(name);
    const owned = own(name);
    if (owned.length > 0) return createRateCard(rows ?? [], owned);
    if (rows === undefined) return undefined;
    const card = cards.get(rows) ?? createRateCard(rows);
    cards.set(rows, card);
    return card;
  };
}

function createFindRows(book: PriceBook, provider: string): FindByName<readonly PriceRow[]> {
  // Azure has its own prices where the book has a model of its; else those of the same name.
  const from = book.models.some((model) => model.provider === provider) ? provider : sameAs[provider];
  const models = book.models
    .filter((model) => model.provider === from)
    .map(({ match, rows }) => ({ fits: match.map(createFits), rows }));
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

function remember<T>(find: FindByName<T>): FindByName<T> {
  const known = new Map<string, T | undefined>();
  return (name) => {
    const value = known.get(name);
    if (value !== undefined || known.has(name)) return value;
    if (known.size >= mostNames) known.clear();
    const found = find(name);
    known.set(name, found);
    return found;
  };
}
