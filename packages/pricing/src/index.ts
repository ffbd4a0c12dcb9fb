export { priceBook } from "./price-book.ts";
export { createPricer } from "./create-pricer.ts";
export { largestMove, upgradeBook } from "./upgrade-book.ts";

export type { Cost, CostLine, PriceUnit, Pricer, UnpricedReason } from "./cost.ts";
export type { ModelMatcher, PriceBook, PricedModel, PriceRow, PriceSource } from "./price-book.ts";
export type { TermsByTenant } from "./create-pricer.ts";
export type { TenantAdjustment, TenantPrice, TenantTerm } from "./tenant-prices.ts";
export type { PriceChange, Upgrade } from "./upgrade-book.ts";
