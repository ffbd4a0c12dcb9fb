/**
 * The results that a tracker has been given, so that a job that is asked for again and again is captured once. The ledger
 * takes each once in any case, by its id; this saves the sending. Kept within bounds: the one seen longest ago goes first.
 */
import type { Tracker } from "@cmdrdata/tracker";

import { openAIState } from "../../process-state.ts";

export interface SeenResults {
  /** @returns whether it is new */
  add(key: string): boolean;
}

const seenEntries = 10_000;

/** Those of a tracker: of all clients that use it, through either copy of this package. */
export function seenBy(tracker: Tracker): SeenResults {
  const all = (openAIState().resultsSeen ??= new WeakMap());
  const seen = all.get(tracker) ?? createSeenResults(seenEntries);
  all.set(tracker, seen);
  return seen;
}

export function createSeenResults(entries: number): SeenResults {
  const keys = new Set<string>();
  return {
    add(key) {
      const isNew = !keys.delete(key);
      keys.add(key);
      if (keys.size > entries) for (const oldest of keys) return keys.delete(oldest) && isNew;
      return isNew;
    },
  };
}
