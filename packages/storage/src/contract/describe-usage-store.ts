/**
 * The contract suite: an engine is a UsageStore when it passes.
 *
 * Each promise of ../store.ts is tested by its name; sums are compared with a plain recount of what is stored.
 */
import { describe } from "vitest";

import type { UsageStore } from "../store.ts";
import type { UsageStoreHarness } from "./harness.ts";
import { proveDurability } from "./prove-durability.ts";
import { proveEvents } from "./prove-events.ts";
import { proveIdentity } from "./prove-identity.ts";
import { proveKeeping } from "./prove-keeping.ts";
import { proveKeys } from "./prove-keys.ts";
import { proveSetAside } from "./prove-set-aside.ts";
import { provePrices } from "./prove-prices.ts";
import { proveRerates } from "./prove-rerates.ts";
import { proveSums } from "./prove-sums.ts";

/** Gives a test its own empty place, and removes it after. */
type WithHarness = (test: (harness: UsageStoreHarness) => Promise<void>) => () => Promise<void>;
/** Gives a test a store on its own empty place, and closes it after. */
type WithStore = (test: (store: UsageStore, harness: UsageStoreHarness) => Promise<void>) => () => Promise<void>;

/** The two ways in which a test gets its store. */
export interface Places {
  readonly withHarness: WithHarness;
  readonly withStore: WithStore;
}

/**
 * @param name - the engine's
 * @param createHarness - makes a new, empty place
 */
export function describeUsageStore(name: string, createHarness: () => Promise<UsageStoreHarness>): void {
  const withHarness: WithHarness = (test) => async () => {
    const harness = await createHarness();
    try {
      await test(harness);
    } finally {
      await harness.remove();
    }
  };
  const withStore: WithStore = (test) =>
    withHarness(async (harness) => {
      const store = await harness.open();
      try {
        await test(store, harness);
      } finally {
        await store.close();
      }
    });
  describe(`UsageStore on ${name}`, () => {
    const places = { withHarness, withStore };
    proveDurability(places);
    proveIdentity(places);
    proveSums(places);
    proveKeys(places);
    proveEvents(places);
    proveSetAside(places);
    proveKeeping(places);
    provePrices(places);
    proveRerates(places);
  });
}
