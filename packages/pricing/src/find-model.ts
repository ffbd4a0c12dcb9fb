/**
 * Finds the rate card for a model's name.
 *
 * Promise: the first model of the provider, in the book's order, of which a matcher fits. Names are remembered, at most
 * 1,000 per provider, so that the matchers run once per name and memory stays bounded whatever names are sent.
 */
import type { ModelMatcher, PriceBook } from "./price-book.ts";
import { createRateCard, type RateCard } from "./rate-card.ts";

/** @returns `undefined` for a provider or a name the book does not know */
export type FindModel = (provider: string, name: string) => RateCard | undefined;

type FindByName = (name: string) => RateCard | undefined;

const mostNames = 1_000;

/** A model hosted by Azure costs what it costs at OpenAI, unless the book has prices of Azure's own. */
const sameAs: Readonly<Record<string, string>> = { azure: "openai" };

export function createFindModel(book: PriceBook): FindModel {
  const providers = new Map<string, FindByName>();
  for (const provider of new Set(book.models.map((model) => model.provider))) {
    providers.set(provider, remember(createFindByName(book, provider)));
  }
  return (provider, name) => {
    const find = providers.get(provider) ?? providers.get(sameAs[provider] ?? "");
    return find?.(name);
  };
}

function createFindByName(book: PriceBook, provider: string): FindByName {
  const models = book.models
    .filter((model) => model.provider === provider)
    .map((model) => ({ fits: model.match.map(createFits), card: createRateCard(model.rows) }));
  return (name) => {
    const lower = name.toLowerCase();
    return models.find(({ fits }) => fits.some((fit) => fit(lower, name)))?.card;
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

function remember(find: FindByName): FindByName {
  const known = new Map<string, RateCard | undefined>();
  return (name) => {
    const card = known.get(name);
    if (card !== undefined || known.has(name)) return card;
    if (known.size >= mostNames) known.clear();
    const found = find(name);
    known.set(name, found);
    return found;
  };
}
