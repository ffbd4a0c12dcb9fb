/**
 * Keeps whom a job was made for, from the call that made it until its end is seen: by id, of a batch, a background
 * response, a run. In this process's memory, within bounds; a program whose jobs are asked for by other processes gives a
 * store of its own that they share.
 */
import type { JsonObject } from "@cmdrdata/protocol";

import { openAIState } from "./process-state.ts";

/** Whom a job was made for. Plain JSON. */
export interface AttributionRecord {
  /** `null`: the call that made it named nobody. */
  readonly customer_id: string | null;
  /** The labels of the call that made it. */
  readonly metadata: JsonObject;
  /** Why the customer that was given could not be used. */
  readonly attribution_error?: string | undefined;
}

/**
 * Where records are kept that other processes can read. What is thrown, rejected or slow here never touches a call; what
 * cannot be read within a second counts as not known, and the result is nobody's.
 */
export interface AttributionStore {
  get(id: string): AttributionRecord | null | undefined | PromiseLike<AttributionRecord | null | undefined>;
  set(id: string, record: AttributionRecord): unknown;
}

/** `untracked`: the call that made the job was not to be recorded, and so its result is not, in this process. */
type KeptRecord = AttributionRecord | "untracked";

export interface KeptAttributions {
  get(id: string, nowMs: number): KeptRecord | undefined;
  set(id: string, record: KeptRecord, nowMs: number): void;
}

const keptEntries = 10_000;
const keptForMs = 7 * 24 * 3_600_000;

/** Those of this process: all clients, and both copies of this package, see the same. */
export function keptAttributions(): KeptAttributions {
  return (openAIState().attributions ??= keepAttributions(keptEntries, keptForMs));
}

/** The oldest go first when there are more than `entries`; each goes after `forMs`. */
export function keepAttributions(entries: number, forMs: number): KeptAttributions {
  // A Map keeps the order in which its keys were set.
  const kept = new Map<string, { readonly record: KeptRecord; readonly untilMs: number }>();
  return {
    get(id, nowMs) {
      const found = kept.get(id);
      if (found === undefined || found.untilMs > nowMs) return found?.record;
      kept.delete(id);
      return undefined;
    },
    set(id, record, nowMs) {
      kept.delete(id);
      kept.set(id, { record, untilMs: nowMs + forMs });
      if (kept.size <= entries) return;
      for (const oldest of kept.keys()) {
        kept.delete(oldest);
        return;
      }
    },
  };
}
