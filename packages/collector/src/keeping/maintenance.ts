/**
 * Keeps the ledger in order: goes on with erasures, adds older events to metadata keys, deletes what is not kept any longer,
 * sums up days that are over.
 *
 * | state | what happens | next |
 * | working | one short transaction, then the others have their turn | working while there is more, else waiting |
 * | waiting | a minute passes, or it is woken | working |
 * | closed | nothing; the transaction under way ends first | |
 *
 * Promise: a round that fails is tried again after the wait. Nothing here decides what a report says, only how fast it comes
 * and when a key is ready.
 */
import type { LedgerKeeper } from "@cmdrdata/storage";

import type { Clock } from "../clock.ts";
import { nextDayToBuild } from "./next-day.ts";

export type Maintained = Pick<
  LedgerKeeper,
  "eraseSome" | "backfillSome" | "tenantsSince" | "builtDays" | "buildDay" | "reportingZone" | "keepFrom" | "expireSome"
>;

export interface MaintenanceDeps {
  readonly clock: Pick<Clock, "now" | "schedule">;
  /** How long events are kept; for ever without it. */
  readonly retentionDays: number | undefined;
}

export interface Maintenance {
  /** There may be something to do. */
  wake(): void;
  close(): Promise<void>;
}

const dayMs = 86_400_000;
const waitMs = 60_000;
/** Between two transactions: as long again for ingest, which waits on the same lock. */
const pauseMs = 5;

export function keepInOrder(store: Maintained, { clock, retentionDays }: MaintenanceDeps): Maintenance {
  let closed = false;
  let cancel = (): void => undefined;
  let underWay: Promise<void> | undefined;
  const turn = async (): Promise<void> => {
    let afterMs = waitMs;
    try {
      if (await workOnce(store, { nowMs: clock.now(), retentionDays })) afterMs = pauseMs;
    } catch {
      // The ledger was busy, or is away: what is to do is still to be found after the wait.
    }
    underWay = undefined;
    if (!closed) cancel = clock.schedule(afterMs, start);
  };
  const start = (): void => {
    cancel();
    if (!closed) underWay ??= turn();
  };
  start();
  return {
    wake: start,
    close: async () => {
      closed = true;
      cancel();
      await underWay;
    },
  };
}

/** @returns whether there may be more to do */
export async function workOnce(
  store: Maintained,
  { nowMs, retentionDays }: { readonly nowMs: number; readonly retentionDays: number | undefined },
): Promise<boolean> {
  if (await store.eraseSome(nowMs)) return true;
  if (await store.backfillSome()) return true;
  if (retentionDays !== undefined) {
    await store.keepFrom(Math.floor(nowMs / dayMs) - retentionDays);
    if (await store.expireSome()) return true;
  }
  for (const { tenant, firstBucketMs } of await store.tenantsSince()) {
    const timeZone = await store.reportingZone(tenant);
    const day = nextDayToBuild({ firstBucketMs, nowMs, timeZone, built: await store.builtDays(tenant) });
    if (day === undefined) continue;
    await store.buildDay(tenant, day);
    return true;
  }
  return false;
}
