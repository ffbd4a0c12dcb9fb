/**
 * A tenant's own terms: prices of its own, and mark-ups or discounts.
 *
 * T1 a price of its own takes the place of the book's for that unit, in that service tier, for the names it fits and while
 * it holds, for requests of any size; one that fits only a more particular name goes before one that fits the model's.
 * T2 an adjustment multiplies the whole cost of a call by an exact fraction, rounded half up to the pico-dollar; of several
 * that fit, the one with the longest pattern holds, of those the one that began last.
 */
import type { PriceUnit } from "./cost.ts";
import type { PriceRow } from "./price-book.ts";

/** What calls a term is for: a provider, and a model's name, in which `*` stands for any characters. */
interface TermScope {
  readonly provider: string;
  readonly model: string;
  /** RFC 3339 or `YYYY-MM-DD`, UTC; `null` is without bound. */
  readonly effectiveFrom: string | null;
  readonly effectiveTo: string | null;
}

export interface TenantPrice extends TermScope {
  readonly kind: "price";
  readonly unit: PriceUnit;
  readonly serviceTier: string;
  readonly picoUsdPerUnit: number;
}

/** `numerator: 11, denominator: 10` is a mark-up of 10 %. */
export interface TenantAdjustment extends TermScope {
  readonly kind: "adjustment";
  readonly numerator: number;
  readonly denominator: number;
}

export type TenantTerm = TenantPrice | TenantAdjustment;

/**
 * The prices that fit, as rows, of which the last holds.
 *
 * @param names - of one model, the more particular ones last
 */
export function ownRows(terms: readonly TenantTerm[], provider: string, names: readonly string[]): readonly PriceRow[] {
  const prices = terms.filter((term) => term.kind === "price");
  const firstFit = (term: TenantPrice): number => names.findIndex((name) => fits(term, provider, name));
  return names.flatMap((_name, index) => rowsOf(prices.filter((term) => firstFit(term) === index)));
}

function rowsOf(prices: readonly TenantPrice[]): readonly PriceRow[] {
  return prices.map((price) => {
    const { unit, serviceTier, effectiveFrom, effectiveTo, picoUsdPerUnit } = price;
    const size = { aboveInputTokens: null, atMostInputTokens: null };
    return { unit, serviceTier, ...size, effectiveFrom, effectiveTo, picoUsdPerUnit, source: "tenant" };
  });
}

/** T2. @returns `undefined` when no adjustment fits */
export function adjustmentOf(
  terms: readonly TenantTerm[],
  call: { readonly provider: string; readonly names: readonly string[]; readonly atMs: number },
): TenantAdjustment | undefined {
  const { provider, names, atMs } = call;
  const holds = (term: TenantTerm): term is TenantAdjustment =>
    term.kind === "adjustment" &&
    names.some((name) => fits(term, provider, name)) &&
    atMs >= startOf(term) &&
    (term.effectiveTo === null || atMs < Date.parse(term.effectiveTo));
  return terms.filter(holds).toSorted(byPrecedence).at(-1);
}

/** Rounded half up. */
export function adjust(picoUsd: bigint, { numerator, denominator }: TenantAdjustment): bigint {
  const [up, down] = [BigInt(numerator), BigInt(denominator)];
  return (2n * picoUsd * up + down) / (2n * down);
}

function byPrecedence(left: TermScope, right: TermScope): number {
  return left.model.length - right.model.length || startOf(left) - startOf(right);
}

function startOf({ effectiveFrom }: TermScope): number {
  return effectiveFrom === null ? 0 : Date.parse(effectiveFrom);
}

function fits(term: TermScope, provider: string, name: string): boolean {
  return term.provider === provider && matches(term.model.toLowerCase(), name.toLowerCase());
}

/** Without a regular expression: a pattern with many stars must not take a name's time to the power of them. */
function matches(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
