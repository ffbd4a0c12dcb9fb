/** The main thread's hand on the reader thread. */
import type { UsageQuery, UsageRow, UsageStore } from "@cmdrdata/storage";

import { openWorker, workerUrl } from "../worker-channel.ts";

export interface Reader extends Pick<UsageStore, "usage"> {
  close(): Promise<void>;
}

/** @param options.path - the SQLite file; it must exist and be migrated */
export async function openReader(options: {
  readonly path: string;
  readonly onDeath: (cause: Error) => void;
}): Promise<Reader> {
  const channel = await openWorker<UsageQuery, readonly UsageRow[]>({
    url: workerUrl("reader-worker", import.meta.url),
    workerData: { path: options.path },
    onDeath: options.onDeath,
  });
  return { usage: (query) => channel.call(query), close: () => channel.close() };
}
