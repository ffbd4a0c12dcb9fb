/**
 * The price book in the store: begun with the seed of this version, and brought up to date with later ones.
 *
 * Promise: B1 to B3 as in @cmdrdata/pricing's upgrade-book.ts, over processes that start at the same time: a book follows the
 * one it was made from, or is made again.
 */
import { type PriceBook, priceBook, type PriceChange, upgradeBook } from "@cmdrdata/pricing";
import { CmdrdataError } from "@cmdrdata/protocol";
import type { PriceStore } from "@cmdrdata/storage";

interface BookStatus {
  readonly version: string;
  readonly seedVersion: string;
  /** What the seed has otherwise and is not taken over yet: waiting for approval. */
  readonly held: readonly PriceChange[];
}

type BookStore = Pick<PriceStore, "currentBook" | "addBook">;

export interface Upgraded extends BookStatus {
  /** What was taken over. */
  readonly taken: readonly PriceChange[];
  /** Whether the store has another book now than before. */
  readonly changed: boolean;
}

/** Takes over what may be taken over, and what is approved. */
export async function upgradeStoredBook(
  store: BookStore,
  options: { readonly nowMs: number; readonly approved?: ReadonlySet<string>; readonly seed?: PriceBook },
): Promise<Upgraded> {
  const { nowMs, approved = new Set<string>(), seed = priceBook } = options;
  for (let tries = 0; tries < 10; tries += 1) {
    const stored = await store.currentBook();
    const known = stored === undefined ? seed : (JSON.parse(stored.book) as PriceBook);
    const { book, changes } = upgradeBook(known, seed, { atMs: nowMs, approved });
    const status = {
      version: book.version,
      seedVersion: seed.version,
      held: changes.filter(({ held }) => held),
      taken: changes.filter(({ held }) => !held),
    };
    if (stored !== undefined && book === known) return { ...status, changed: false };
    const origin = stored === undefined ? "seed" : approved.size > 0 ? "approval" : "upgrade";
    const next = { version: book.version, origin, createdAtMs: nowMs, book: JSON.stringify(book) };
    if ((await store.addBook(next, stored?.sequence ?? 0)) === "added") return { ...status, changed: true };
  }
  throw new CmdrdataError("CMDR_OVERLOADED", "expected the price book to hold still, it changed ten times", {
    retryable: true,
  });
}

/** What would be taken over, and what waits; nothing is changed. */
export async function diffStoredBook(
  store: Pick<PriceStore, "currentBook">,
  nowMs: number,
  seed: PriceBook = priceBook,
): Promise<readonly PriceChange[]> {
  const stored = await store.currentBook();
  if (stored === undefined) return [];
  return upgradeBook(JSON.parse(stored.book) as PriceBook, seed, { atMs: nowMs }).changes;
}

/**
 * Puts prices that an operator gives into the book, with the times the operator gives: an explicit change, also of the past.
 * What was priced already stays as it is until it is priced anew.
 */
export async function importPrices(store: BookStore, given: PriceBook, nowMs: number): Promise<Upgraded> {
  const stored = await store.currentBook();
  const known = stored === undefined ? priceBook : (JSON.parse(stored.book) as PriceBook);
  const models = new Map(known.models.map((model) => [`${model.provider} ${model.id}`, model]));
  const merged = {
    ...known,
    sources: { ...known.sources, ...given.sources },
    models: [
      // First, so that a new name is not caught by an older pattern.
      ...given.models.filter(({ provider, id }) => !models.has(`${provider} ${id}`)),
      ...known.models.map((model) => {
        const own = given.models.find(({ provider, id }) => provider === model.provider && id === model.id);
        if (own === undefined) return model;
        return { ...model, match: [...model.match, ...own.match], rows: replaceRows(model.rows, own.rows) };
      }),
    ],
  };
  const version = `${known.version.split("+")[0]}+import-${nowMs}`;
  const book = { ...merged, version };
  const next = { version, origin: "import", createdAtMs: nowMs, book: JSON.stringify(book) };
  if ((await store.addBook(next, stored?.sequence ?? 0)) === "outdated") {
    throw new CmdrdataError("CMDR_OVERLOADED", "expected the price book to hold still, another change came first", {
      retryable: true,
    });
  }
  return { version, seedVersion: priceBook.version, held: [], taken: [], changed: true };
}

type Rows = PriceBook["models"][number]["rows"];

/** New rows of a unit, tier and size take the place of all old ones of that unit, tier and size. */
function replaceRows(known: Rows, given: Rows): Rows {
  const seriesOf = ({ unit, serviceTier, aboveInputTokens }: Rows[number]): string =>
    JSON.stringify([unit, serviceTier, aboveInputTokens]);
  const replaced = new Set(given.map(seriesOf));
  return [...known.filter((row) => !replaced.has(seriesOf(row))), ...given];
}
