/**
 * The main thread's hand on the keeper thread: all that changes the ledger beside ingest.
 *
 * It has a thread and a connection of its own: a wait for the ledger's lock holds up neither requests nor ingest.
 */
import type { LedgerKeeper, RerateStore } from "@cmdrdata/storage";

import type { StoreLocation } from "../open-store.ts";
import { openWorker, workerUrl } from "../worker-channel.ts";
import type { ReprocessAnswer, ReprocessWish } from "./reprocess.ts";

/** What the keeper is asked for over HTTP; also what is counted now and then, as its thread is there anyway. */
export type Keeping = Pick<
  LedgerKeeper,
  | "beginErasure"
  | "eraseSome"
  | "erasure"
  | "declareDimension"
  | "removeDimension"
  | "dimensions"
  | "reportingZone"
  | "setReportingZone"
> &
  Pick<RerateStore, "countUnpriced"> & {
    /** Decides anew about events in quarantine, as many as one transaction should hold. */
    reprocess(wish: ReprocessWish): Promise<ReprocessAnswer>;
  };

/** A call of one of the methods, between threads. */
export interface KeeperCall {
  readonly method: keyof Keeping;
  readonly parameters: readonly unknown[];
}

export interface Keeper extends Keeping {
  close(): Promise<void>;
}

/**
 * @param options.location - of a ledger that exists and is migrated
 * @param options.retentionDays - how long events are kept; for ever without it
 */
export async function openKeeper(options: {
  readonly location: StoreLocation;
  readonly retentionDays?: number | undefined;
  readonly onDeath: (cause: Error) => void;
}): Promise<Keeper> {
  const channel = await openWorker<KeeperCall, unknown>({
    url: workerUrl("keeper-worker", import.meta.url),
    workerData: { location: options.location, retentionDays: options.retentionDays },
    onDeath: options.onDeath,
  });
  const ask =
    <M extends keyof Keeping>(method: M) =>
    (...parameters: Parameters<Keeping[M]>): ReturnType<Keeping[M]> =>
      channel.call({ method, parameters }) as ReturnType<Keeping[M]>;
  return {
    beginErasure: ask("beginErasure"),
    eraseSome: ask("eraseSome"),
    erasure: ask("erasure"),
    declareDimension: ask("declareDimension"),
    removeDimension: ask("removeDimension"),
    dimensions: ask("dimensions"),
    reportingZone: ask("reportingZone"),
    setReportingZone: ask("setReportingZone"),
    reprocess: ask("reprocess"),
    countUnpriced: ask("countUnpriced"),
    close: () => channel.close(),
  };
}
