/**
 * How many events have no price now, as the ledger says: right after a start too, and the same on every replica.
 *
 * It is counted over an index of such events when somebody asks, on the keeper's thread and connection: that thread is there
 * anyway, and never in ingest's way. Ten seconds go by until it is counted again, and up to a minute where the count took
 * long; meanwhile the last reading is given.
 *
 * Promise: nobody waits longer than a second. Where no count comes in time, or it fails, the last reading is given, and
 * `undefined` where there is none: unknown is not 0.
 */
import type { RerateStore, UnpricedCount } from "@cmdrdata/storage";
import type { FastifyBaseLogger } from "fastify";

import type { Clock } from "../clock.ts";

export type UnpricedReading = () => Promise<readonly UnpricedCount[] | undefined>;

interface ReadingDeps {
  readonly keeper: Pick<RerateStore, "countUnpriced">;
  readonly clock: Pick<Clock, "monotonicNow" | "schedule">;
  readonly logger: Pick<FastifyBaseLogger, "warn">;
  /** The most tenants that are named. */
  readonly mostTenants: number;
}

const leastPauseMs = 10_000;
const mostPauseMs = 60_000;
/** Pauses are so many times as long as the count before. */
const pauseFactor = 49;
const withinMs = 1_000;

export function readUnpriced(deps: ReadingDeps): UnpricedReading {
  const { clock } = deps;
  let last: readonly UnpricedCount[] | undefined;
  let underWay: Promise<void> | undefined;
  let nextMs = -Infinity;
  const count = async (): Promise<void> => {
    const startedMs = clock.monotonicNow();
    last = (await tryCount(deps)) ?? last;
    const endedMs = clock.monotonicNow();
    nextMs = endedMs + Math.min(mostPauseMs, Math.max(leastPauseMs, pauseFactor * (endedMs - startedMs)));
  };
  return async () => {
    if (clock.monotonicNow() >= nextMs) underWay ??= count().finally(() => (underWay = undefined));
    if (underWay !== undefined) await atMost(withinMs, underWay, clock);
    return last;
  };
}

async function tryCount({ keeper, logger, mostTenants }: ReadingDeps): Promise<readonly UnpricedCount[] | undefined> {
  try {
    return await keeper.countUnpriced(mostTenants);
  } catch (error) {
    logger.warn({ err: error }, "events without a price cannot be counted");
    return undefined;
  }
}

async function atMost(ms: number, work: Promise<void>, { schedule }: Pick<Clock, "schedule">): Promise<void> {
  let cancel = (): void => {};
  const tooLate = new Promise<void>((resolve) => {
    cancel = schedule(ms, resolve);
  });
  await Promise.race([work, tooLate]);
  cancel();
}
