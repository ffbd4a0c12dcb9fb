export { priceBook } from "./price-book.ts";
export { createPricer } from "./create-pricer.ts";

export type { Cost, CostLine, PriceUnit, Pricer, UnpricedReason } from "./cost.ts";
export type { ModelMatcher, PriceBook, PricedModel, PriceRow, PriceSource } from "./price-book.ts";
