/**
 * Takes a new seed of prices over into the book that is in use.
 *
 * B1 no price of a time before the upgrade changes: what differs holds from the upgrade on, or from the vendor's later date.
 * What had no price at all gets the new one for all times: nobody was ever priced by it.
 * B2 a price that moves by more than {@link largestMove}, or that is gone, waits for approval; until then the old one holds.
 * B3 upgrading again at the same time, or to the same seed, changes nothing.
 */
import { sha256 } from "@cmdrdata/protocol";

import type { PriceBook, PricedModel, PriceRow } from "./price-book.ts";
import { endMs, startMs } from "./rate-card.ts";

/** In percent of the old price. */
export const largestMove = 50;

/** One price that is other in the seed, for one unit, tier and size. */
export interface PriceChange {
  /** The same for the same change, whenever it is looked for. */
  readonly id: string;
  readonly model: string;
  readonly unit: string;
  readonly serviceTier: string | null;
  readonly aboveInputTokens: number | null;
  /** Pico-USD per unit at the time the change begins; `null` is no price. */
  readonly before: number | null;
  readonly after: number | null;
  /** From when it holds; `null` for all times. */
  readonly from: string | null;
  /** Whether it waits for approval. */
  readonly held: boolean;
}

export interface Upgrade {
  readonly book: PriceBook;
  readonly changes: readonly PriceChange[];
}

/** Details of token counts: without a price of their own they were sold as what they are a part of. */
const parts: ReadonlySet<string> = new Set([
  "cached_input_tokens",
  "cache_write_tokens",
  "input_audio_tokens",
  "input_image_tokens",
  "output_audio_tokens",
  "output_image_tokens",
]);

/** @param approved - ids of changes that may be taken over however far they go */
export function upgradeBook(
  book: PriceBook,
  seed: PriceBook,
  { atMs, approved = new Set() }: { readonly atMs: number; readonly approved?: ReadonlySet<string> },
): Upgrade {
  const changes: PriceChange[] = [];
  const known = new Map(book.models.map((model) => [keyOf(model), model]));
  const merged = seed.models.map((model) => mergeModel(known.get(keyOf(model)), model, { atMs, approved, changes }));
  const offered = new Set(seed.models.map(keyOf));
  // First: their names stay theirs whatever the seed's patterns are.
  const gone = book.models
    .filter((model) => !offered.has(keyOf(model)))
    .map((model) => mergeModel(model, { ...model, rows: [] }, { atMs, approved, changes }));
  const models = [...gone, ...merged];
  const sources = { ...book.sources, ...seed.sources };
  const same = JSON.stringify(models) === JSON.stringify(book.models);
  return { book: same ? book : { version: versionOf(seed, models), sources, models }, changes };
}

interface Merge {
  readonly atMs: number;
  readonly approved: ReadonlySet<string>;
  readonly changes: PriceChange[];
}

function mergeModel(known: PricedModel | undefined, offered: PricedModel, merge: Merge): PricedModel {
  const series = new Set([...(known?.rows ?? []), ...offered.rows].map(seriesOf));
  const tiers = new Set(known?.rows.map(({ serviceTier }) => serviceTier));
  let unchanged = known !== undefined;
  const rows = [...series].flatMap((name) => {
    const of = (all: readonly PriceRow[] = []): readonly PriceRow[] => all.filter((row) => seriesOf(row) === name);
    const before = of(known?.rows);
    const after = mergeSeries(before, of(offered.rows), { ...merge, model: offered.id, tiers });
    unchanged &&= after === before;
    return after;
  });
  const matchers = [...(known?.match ?? []), ...offered.match].map((each) => [JSON.stringify(each), each] as const);
  const match = [...new Map(matchers).values()];
  // Rows in the order they were in: a book is the same when nothing in it is other.
  if (known !== undefined && unchanged && match.length === known.match.length) return known;
  return { provider: offered.provider, id: offered.id, match, rows };
}

function mergeSeries(
  known: readonly PriceRow[],
  offered: readonly PriceRow[],
  merge: Merge & { readonly model: string; readonly tiers: ReadonlySet<string | null> },
): readonly PriceRow[] {
  // A series has a row by construction.
  const sample = (offered[0] ?? known[0]) as PriceRow;
  const isNew = known.length === 0 && !(parts.has(sample.unit) && merge.tiers.has(sample.serviceTier));
  const fromMs = isNew ? -Infinity : firstDifference(known, offered, merge.atMs);
  if (fromMs === undefined) return known;
  // For all times: shown is the price of the last.
  const shownMs = isNew ? startMs(offered.at(-1) as PriceRow) : fromMs;
  const change = describeChange(sample, {
    model: merge.model,
    before: priceAt(known, shownMs),
    after: priceAt(offered, shownMs),
    from: isNew ? null : new Date(fromMs).toISOString(),
  });
  const held = isSuspicious(change) && !merge.approved.has(change.id);
  merge.changes.push({ ...change, held });
  return held ? known : [...cut(known, -Infinity, fromMs), ...cut(offered, fromMs, Infinity)];
}

/** When the two differ first, from a time on. */
function firstDifference(known: readonly PriceRow[], offered: readonly PriceRow[], atMs: number): number | undefined {
  const edges = [...known, ...offered].flatMap((row) => [startMs(row), endMs(row)]);
  return [atMs, ...edges.filter((edge) => edge > atMs && edge !== Infinity)]
    .toSorted((left, right) => left - right)
    .find((edge) => priceAt(known, edge) !== priceAt(offered, edge));
}

function describeChange(
  { unit, serviceTier, aboveInputTokens }: PriceRow,
  change: Pick<PriceChange, "model" | "before" | "after" | "from">,
): Omit<PriceChange, "held"> {
  const { model, before, after } = change;
  const id = digest([model, unit, serviceTier, aboveInputTokens, before, after]);
  return { id, unit, serviceTier, aboveInputTokens, ...change };
}

/** B2. What had no price before is no move. */
function isSuspicious({ before, after }: Pick<PriceChange, "before" | "after">): boolean {
  if (before === null) return false;
  return after === null || Math.abs(after - before) * 100 > before * largestMove;
}

/** The rows within a stretch of time, those across its ends cut off there. */
function cut(rows: readonly PriceRow[], fromMs: number, toMs: number): readonly PriceRow[] {
  return rows
    .filter((row) => startMs(row) < toMs && endMs(row) > fromMs)
    .map((row) => ({
      ...row,
      effectiveFrom: startMs(row) < fromMs ? new Date(fromMs).toISOString() : row.effectiveFrom,
      effectiveTo: endMs(row) > toMs ? new Date(toMs).toISOString() : row.effectiveTo,
    }));
}

function priceAt(rows: readonly PriceRow[], atMs: number): number | null {
  return rows.find((row) => startMs(row) <= atMs && atMs < endMs(row))?.picoUsdPerUnit ?? null;
}

function versionOf({ version }: PriceBook, models: readonly PricedModel[]): string {
  return `${version.split("+")[0]}+${digest(models)}`;
}

/** Twelve hexadecimal digits that stand for a value. */
function digest(value: unknown): string {
  const bytes = sha256(JSON.stringify(value)).slice(0, 6);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function keyOf({ provider, id }: PricedModel): string {
  return `${provider} ${id}`;
}

function seriesOf({ unit, serviceTier, aboveInputTokens, atMostInputTokens }: PriceRow): string {
  return [unit, serviceTier, aboveInputTokens, atMostInputTokens].join();
}
