/**
 * The pricer that is in force, kept up to date with the store.
 *
 * Promise: `refresh` looks at one row, and reads books and terms only when they have changed. Where it is called before each
 * batch, a change holds for the next batch; with `everyMs`, from that long after it at the latest. A term that cannot be read
 * is left out, and said: one tenant's broken term must not stop the others' events.
 */
import { createPricer, type PriceBook, priceBook, type Pricer, type TenantTerm } from "@cmdrdata/pricing";
import type { PriceStore } from "@cmdrdata/storage";

import type { Clock } from "./clock.ts";

export interface PriceFeed {
  /** Prices by what was known at the last refresh; by the book that comes with this version before the first. */
  readonly pricer: Pricer;
  refresh(): Promise<void>;
}

export interface PriceFeedDeps {
  readonly store: Pick<PriceStore, "priceVersion" | "currentBook" | "terms">;
  readonly clock: Pick<Clock, "monotonicNow">;
  /** How long what is known may go unchecked; 0 checks each time. */
  readonly everyMs: number;
}

export function createPriceFeed({ store, clock, everyMs }: PriceFeedDeps): PriceFeed {
  let pricer: Pricer | undefined;
  let known: number | undefined;
  let checkedAtMs = -Infinity;
  return {
    pricer: { price: (event, atMs, tenant) => (pricer ??= createPricer()).price(event, atMs, tenant) },
    refresh: async () => {
      if (clock.monotonicNow() - checkedAtMs < everyMs) return;
      // The version first: what changes while the rest is read is read again the next time.
      const version = await store.priceVersion();
      checkedAtMs = clock.monotonicNow();
      if (version === known) return;
      pricer = await loadPricer(store);
      known = version;
    },
  };
}

export async function loadPricer(store: Pick<PriceStore, "currentBook" | "terms">): Promise<Pricer> {
  const stored = await store.currentBook();
  const book = stored === undefined ? priceBook : (JSON.parse(stored.book) as PriceBook);
  const terms = Map.groupBy(await store.terms(), ({ tenant }) => tenant);
  return createPricer(
    book,
    new Map([...terms].map(([tenant, own]) => [tenant, own.map(({ term }) => JSON.parse(term) as TenantTerm)])),
  );
}
