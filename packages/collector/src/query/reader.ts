/** The main thread's hand on the reader thread, which starts with the first question. */
import type { LedgerReader, UsageStore } from "@cmdrdata/storage";

import type { StoreLocation } from "../open-store.ts";
import { openOnDemand, workerUrl } from "../worker-channel.ts";
import type { UsageQuestion } from "./usage-query.ts";

/** What can be asked of a ledger without changing it. */
export interface Ledger extends Pick<UsageStore, "usage">, LedgerReader {
  /**
   * The answer of `GET /api/v1/usage` in the form that is asked for, in UTF-8. Its rows may be tens of thousands: handed
   * from thread to thread one by one they would take longer than all else.
   */
  report(asked: AskedReport): Promise<ArrayBuffer>;
}

interface AskedReport {
  readonly tenant: string;
  readonly question: UsageQuestion;
}

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
    report: ask("report"),
    events: ask("events"),
    eventStories: ask("eventStories"),
    body: ask("body"),
    customers: ask("customers"),
    conflicts: ask("conflicts"),
    quarantined: ask("quarantined"),
    close: () => channel.close(),
  };
}
