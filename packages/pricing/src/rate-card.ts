/**
 * A model's rows, arranged so that the rates of a request are found with two short walks: by time, then by size.
 *
 * Promise: for every service tier, instant and size of request the rates are those of the rows that hold then; where two
 * rows of a unit hold, the one for larger requests does. A tier without a row of its own is not sold.
 */
import type { PriceUnit } from "./cost.ts";
import type { PriceRow } from "./price-book.ts";

interface Rate {
  readonly picoUsdEach: bigint;
  readonly source: string;
}

/** The rate of each unit that is sold; `null` for one that is sold apart at a price that is not known. */
export type Rates = { readonly [U in PriceUnit]?: Rate | null };

/** The rates of requests with more input tokens than `above`. */
interface Step {
  readonly above: number;
  readonly rates: Rates;
}

/** From `fromMs` until the next period. */
interface Period {
  readonly fromMs: number;
  readonly steps: readonly Step[];
}

/** The periods of each service tier; periods and steps in rising order. */
export type RateCard = ReadonlyMap<string, readonly Period[]>;

/** The rates of one request, and whether those of a smaller one are others. */
export interface FoundRates {
  readonly rates: Rates;
  readonly smallest: boolean;
}

/** @param own - rows that go before the others, whatever the size of the request */
export function createRateCard(rows: readonly PriceRow[], own: readonly PriceRow[] = []): RateCard {
  const all = [...rows, ...own];
  const tiers = new Set(all.flatMap(({ serviceTier }) => serviceTier ?? []));
  return new Map([...tiers].map((tier) => [tier, periodsOf(all, tier, new Set(own))]));
}

/** @returns `undefined` when the model has no prices at that time; see {@link RateCard} for a tier that is not sold */
export function ratesAt(periods: readonly Period[], atMs: number, inputTokens: number): FoundRates | undefined {
  const steps = periods.findLast(({ fromMs }) => fromMs <= atMs)?.steps;
  const step = steps?.findLast(({ above }) => inputTokens > above);
  return step === undefined ? undefined : { rates: step.rates, smallest: step === steps?.[0] };
}

function periodsOf(all: readonly PriceRow[], tier: string, own: ReadonlySet<PriceRow>): readonly Period[] {
  const rows = all.filter(({ serviceTier }) => serviceTier === tier || serviceTier === null);
  const edges = rows.flatMap((row) => [startMs(row), endMs(row)]).filter((edge) => edge !== Infinity);
  return rising(edges).map((fromMs) => {
    const holds = (row: PriceRow): boolean => startMs(row) <= fromMs && fromMs < endMs(row);
    const ordinary = all.filter((row) => row.serviceTier === "default" && holds(row));
    return { fromMs, steps: stepsOf(rows.filter(holds), ordinary, own) };
  });
}

function stepsOf(
  rows: readonly PriceRow[],
  ordinary: readonly PriceRow[],
  own: ReadonlySet<PriceRow>,
): readonly Step[] {
  const rank = (row: PriceRow): number => (own.has(row) ? Infinity : aboveOf(row));
  return rising(rows.flatMap((row) => [aboveOf(row), row.atMostInputTokens ?? aboveOf(row)])).map((above) => {
    const holds = rows.filter((row) => aboveOf(row) <= above && (row.atMostInputTokens ?? Infinity) > above);
    const rates: { [U in PriceUnit]?: Rate | null } = {};
    // To write to the cache costs more than to read what is not in it: never sold as that.
    if (ordinary.some(({ unit }) => unit === "cache_write_tokens")) rates.cache_write_tokens = null;
    for (const row of holds.toSorted((left, right) => (rank(left) < rank(right) ? -1 : 1))) {
      rates[row.unit] = { picoUsdEach: BigInt(row.picoUsdPerUnit), source: row.source };
    }
    return { above, rates };
  });
}

function aboveOf({ aboveInputTokens }: PriceRow): number {
  return aboveInputTokens ?? -1;
}

export function startMs({ effectiveFrom }: PriceRow): number {
  return effectiveFrom === null ? -Infinity : Date.parse(effectiveFrom);
}

export function endMs({ effectiveTo }: PriceRow): number {
  return effectiveTo === null ? Infinity : Date.parse(effectiveTo);
}

function rising(values: readonly number[]): readonly number[] {
  return [...new Set(values)].toSorted((left, right) => left - right);
}
