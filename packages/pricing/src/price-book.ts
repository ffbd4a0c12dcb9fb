/**
 * The price book: dated, integer prices of models.
 *
 * Promise: a price is an integer number of pico-USD per unit, holds from one instant to another, and says where it is
 * from. The first model whose matcher fits a name is the one: their order is part of the book.
 */
import type { PriceUnit } from "./cost.ts";
import { compiledBook } from "./price-book.generated.ts";

/** How a model is recognised by its name; all but `regex` without regard to case. */
export type ModelMatcher =
  | { readonly equals: string }
  | { readonly startsWith: string }
  | { readonly endsWith: string }
  | { readonly contains: string }
  | { readonly regex: string };

/** One price. A unit a model has no row for is not sold by that unit. */
export interface PriceRow {
  readonly unit: PriceUnit;
  /** `default` for the ordinary prices; `null` for a fee that is the same in every tier. */
  readonly serviceTier: string | null;
  /** Holds for requests with more input tokens than this, for all their tokens; `null` for any request. */
  readonly aboveInputTokens: number | null;
  /** Holds for requests with at most so many; what larger ones cost may not be known. */
  readonly atMostInputTokens: number | null;
  /** UTC dates: holds from the start of the first to the start of the second; `null` is without bound. */
  readonly effectiveFrom: string | null;
  readonly effectiveTo: string | null;
  readonly picoUsdPerUnit: number;
  /** A name of the book's `sources`. */
  readonly source: string;
}

/** Where prices are from. */
export interface PriceSource {
  readonly url: string;
  /** The day it was looked up there, `YYYY-MM-DD`. */
  readonly checkedAt: string;
  readonly note: string;
}

/** A model, by any of its names. */
export interface PricedModel {
  readonly provider: string;
  readonly id: string;
  /** Fits if any of these does. */
  readonly match: readonly ModelMatcher[];
  readonly rows: readonly PriceRow[];
}

export interface PriceBook {
  /** Names the content: another set of prices has another version. */
  readonly version: string;
  readonly sources: Readonly<Record<string, PriceSource>>;
  readonly models: readonly PricedModel[];
}

/** The book that comes with this version of cmdrdata, compiled by `npm run prices:compile`. */
export const priceBook: PriceBook = compiledBook;
