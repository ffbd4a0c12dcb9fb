/** The main thread's hand on the reader thread. */
import type { UsageQuery, UsageRow, UsageStore } from "@cmdrdata/storage";

import type { StoreLocation } from "../open-store.ts";
import { openWorker, workerUrl } from "../worker-channel.ts";

export interface Reader extends Pick<UsageStore, "usage"> {
  close(): Promise<void>;
}

/** @param options.location - of a ledger that exists and is migrated */
export async function openReader(options: {
  readonly location: StoreLocation;
  readonly onDeath: (cause: Error) => void;
}): Promise<Reader> {
  const channel = await openWorker<UsageQuery, readonly UsageRow[]>({
    url: workerUrl("reader-worker", import.meta.url),
    workerData: { location: options.location },
    onDeath: options.onDeath,
  });
  return { usage: (query) => channel.call(query), close: () => channel.close() };
}
