/** What an engine gives the contract suite. */
import type { UsageEvent } from "@cmdrdata/protocol";

import type { PricedEvent, UsageStore } from "../store.ts";

/** One stored event, read past the port: what the roll-ups are recounted from. */
export interface StoredEvent {
  readonly tenant: string;
  readonly id: string;
  readonly eventTimeMs: number;
  readonly event: UsageEvent;
  /** `null` when unpriced. */
  readonly picoUsd: bigint | null;
}

/** One place where an engine keeps data, empty at first. */
export interface UsageStoreHarness {
  /** Opens the store for writing; opened again after `close`, it has what was there. */
  open(): Promise<UsageStore>;
  /** Opens a second connection that only reads, while the first is open. */
  openReader(): Promise<UsageStore>;
  /** Appends a batch in a child process and ends that with SIGKILL once `append` has answered there. */
  appendInKilledProcess(batch: readonly PricedEvent[]): Promise<void>;
  storedEvents(): Promise<readonly StoredEvent[]>;
  /** Removes the place; all stores are closed by then. */
  remove(): Promise<void>;
}
