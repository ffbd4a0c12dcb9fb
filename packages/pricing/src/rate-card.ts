/**
 * A model's rows, arranged so that the rates of a request are found with two short walks: by time, then by context.
 *
 * Promise: for every instant and size of request the rates are those of the rows that hold then; where two rows of a unit
 * hold, the one for larger requests does.
 */
import type { PriceUnit } from "./cost.ts";
import type { PriceRow, PricedModel } from "./price-book.ts";

interface Rate {
  readonly picoUsdEach: bigint;
  readonly source: string;
}

/** The rate of each unit that is sold. */
export type Rates = { readonly [U in PriceUnit]?: Rate };

/** The rates of requests with more input tokens than `above`. */
interface Tier {
  readonly above: number;
  readonly rates: Rates;
}

/** From `fromMs` until the next period. */
interface Period {
  readonly fromMs: number;
  readonly tiers: readonly Tier[];
}

/** Periods and tiers, each in rising order. */
export interface RateCard {
  readonly periods: readonly Period[];
}

export function createRateCard({ rows }: PricedModel): RateCard {
  const edges = rows.flatMap((row) => [startMs(row), endMs(row)]).filter((edge) => edge !== Infinity);
  return {
    periods: rising(edges).map((fromMs) => ({
      fromMs,
      tiers: tiersOf(rows.filter((row) => startMs(row) <= fromMs && fromMs < endMs(row))),
    })),
  };
}

/** @returns `undefined` when the model has no prices at that time */
export function ratesAt(card: RateCard, atMs: number, inputTokens: number): Rates | undefined {
  const period = card.periods.findLast(({ fromMs }) => fromMs <= atMs);
  return period?.tiers.findLast(({ above }) => inputTokens > above)?.rates;
}

function tiersOf(rows: readonly PriceRow[]): readonly Tier[] {
  return rising(rows.map(aboveOf)).map((above) => {
    const rates: { [U in PriceUnit]?: Rate } = {};
    for (const row of rows.filter((candidate) => aboveOf(candidate) <= above).toSorted(byTier)) {
      rates[row.unit] = { picoUsdEach: BigInt(row.picoUsdPerUnit), source: row.source };
    }
    return { above, rates };
  });
}

const byTier = (left: PriceRow, right: PriceRow): number => (aboveOf(left) < aboveOf(right) ? -1 : 1);

function aboveOf({ aboveInputTokens }: PriceRow): number {
  return aboveInputTokens ?? -1;
}

function startMs({ effectiveFrom }: PriceRow): number {
  return effectiveFrom === null ? -Infinity : Date.parse(effectiveFrom);
}

function endMs({ effectiveTo }: PriceRow): number {
  return effectiveTo === null ? Infinity : Date.parse(effectiveTo);
}

function rising(values: readonly number[]): readonly number[] {
  return [...new Set(values)].toSorted((left, right) => left - right);
}
