/** The main thread's hand on the reader thread, which starts with the first question. */
import type { LedgerReader, UsageStore } from "@cmdrdata/storage";

import type { StoreLocation } from "../open-store.ts";
import { openOnDemand, workerUrl } from "../worker-channel.ts";

/** What can be asked of a ledger without changing it. */
export type Ledger = Pick<UsageStore, "usage"> & LedgerReader;

/** A call of one of the ledger's methods, between threads. */
export interface Question {
  readonly method: keyof Ledger;
  readonly question: unknown;
}

export interface Reader extends Ledger {
  close(): Promise<void>;
}

/** @param options.location - of a ledger that exists and is migrated */
export function openReader(options: {
  readonly location: StoreLocation;
  readonly onDeath: (cause: Error) => void;
}): Reader {
  const channel = openOnDemand<Question, unknown>({
    url: workerUrl("reader-worker", import.meta.url),
    workerData: { location: options.location },
    onDeath: options.onDeath,
  });
  const ask =
    <M extends keyof Ledger>(method: M) =>
    (question: Parameters<Ledger[M]>[0]): ReturnType<Ledger[M]> =>
      channel.call({ method, question }) as ReturnType<Ledger[M]>;
  return {
    usage: ask("usage"),
    events: ask("events"),
    eventStories: ask("eventStories"),
    body: ask("body"),
    customers: ask("customers"),
    conflicts: ask("conflicts"),
    quarantined: ask("quarantined"),
    close: () => channel.close(),
  };
}
