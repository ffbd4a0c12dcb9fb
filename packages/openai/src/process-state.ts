/**
 * What this package keeps once per process, however many copies of it are loaded (ESM and CommonJS are two): on
 * `globalThis` under a registered symbol, beside what other packages of cmdrdata keep there, under names of its own.
 */
import { processState } from "@cmdrdata/tracker";

import type { AsyncStorage } from "./async-storage.ts";
import type { KeptAttributions } from "./attribution-store.ts";
import type { TrackedConnection } from "./realtime-tracking.ts";

/** The customer a part of the program runs for; `undefined` is nobody. */
export interface CustomerScope {
  readonly customerId: string | undefined;
}

interface OpenAIState {
  customerScopes?: AsyncStorage<CustomerScope>;
  /** Warnings already given: each is given once. */
  warningsGiven?: Set<string>;
  /** Whom jobs were made for that run on. */
  attributions?: KeptAttributions;
  /** The headers of requests that tracked clients make; there as soon as there is a `trackedFetch`. */
  trackedRequests?: WeakSet<object>;
  /** By tracker: the results of jobs it has been given. */
  resultsSeen?: WeakMap<object, { add(key: string): boolean }>;
  /** Realtime connections that are tracked: each counts once. */
  trackedConnections?: WeakMap<object, TrackedConnection>;
}

/** This package's part of the process's state; made empty at first use. */
export function openAIState(): OpenAIState {
  return processState();
}

/** Runs `warn` at the first call with this name in the process. */
export function oncePerProcess(name: string, warn: () => void): void {
  const given = (openAIState().warningsGiven ??= new Set());
  if (given.has(name)) return;
  given.add(name);
  warn();
}
