/**
 * Runs the jobs that price the past anew.
 *
 * Promise: a job that was started is finished, by this process or, should that die, by the next one that starts: `resume`
 * goes on with what runs. Between two steps of at most 200 events everything else gets its turn. A price that comes while a job of the tenant
 * runs is used when that is done. A step that fails is said and
 * the job left as it is, for the next start.
 */
import type { Pricer } from "@cmdrdata/pricing";
import type { NewRerate, PriceStore, Reprice, Rerate, RerateStore } from "@cmdrdata/storage";
import type { FastifyBaseLogger } from "fastify";

import type { Clock } from "../clock.ts";
import { loadPricer } from "../price-feed.ts";

export interface RerateRunnerDeps {
  readonly store: RerateStore & Pick<PriceStore, "currentBook" | "terms">;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Pick<FastifyBaseLogger, "info" | "error">;
  /** Lets others have their turn; for a while where the job `waits` for something else. */
  readonly yieldTurn: (waits: boolean) => Promise<void>;
}

export interface RerateRunner {
  /** @returns `busy` when a job of the tenant runs already */
  start(job: NewRerate): Promise<"started" | "busy">;
  /** Goes on with the jobs that were running when the last process ended. */
  resume(): Promise<void>;
  /** Prices what has no price, of every tenant that has such events: after a price has come. */
  fillIn(makeId: () => string): Promise<void>;
  /** Resolves when no job runs. */
  idle(): Promise<void>;
  /** Stops after the steps under way. */
  stop(): Promise<void>;
}

const eventsPerStep = 200;
/** Everything that can have a time. */
const farFutureMs = 253_402_300_800_000;

export function createRerateRunner(deps: RerateRunnerDeps): RerateRunner {
  const { store } = deps;
  const running = new Set<Promise<void>>();
  /** Tenants for which a price came while a job of theirs ran: that may have passed the event it is for. */
  const again = new Map<string, () => string>();
  let stopped = false;
  const runToEnd = async (job: JobName): Promise<void> => {
    await follow(job, deps, () => stopped);
    const makeId = again.get(job.tenant);
    again.delete(job.tenant);
    if (makeId !== undefined && !stopped) await start(fillInOf(job.tenant, makeId, deps));
  };
  const run = (job: JobName): void => {
    const following = runToEnd(job).finally(() => running.delete(following));
    running.add(following);
  };
  const start = async (job: NewRerate): Promise<"started" | "busy"> => {
    const outcome = await store.startRerate(job);
    if (outcome === "started") run(job);
    return outcome;
  };
  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running);
  };
  return {
    start,
    resume: async () => {
      for (const job of await store.runningRerates()) run(job);
    },
    fillIn: async (makeId) => {
      for (const tenant of await store.tenantsWithUnpriced()) {
        if ((await start(fillInOf(tenant, makeId, deps))) === "busy") again.set(tenant, makeId);
      }
    },
    idle,
    stop: async () => {
      stopped = true;
      await idle();
    },
  };
}

type JobName = Pick<Rerate, "tenant" | "id">;

function fillInOf(tenant: string, makeId: () => string, { clock }: Pick<RerateRunnerDeps, "clock">): NewRerate {
  const scope = { tenant, startMs: 0, endMs: farFutureMs, onlyUnpriced: true };
  return { ...scope, id: makeId(), createdAtMs: clock.now(), askedBy: "collector", reason: "a price has come" };
}

/** Steps a job to its end, or until the process is to stop. */
async function follow({ tenant, id }: JobName, deps: RerateRunnerDeps, stopped: () => boolean): Promise<void> {
  const { store, clock, logger, yieldTurn } = deps;
  try {
    const reprice = repriceFor(await loadPricer(store), tenant);
    for (let seen = -1; !stopped();) {
      const job = await store.stepRerate({ tenant, id }, { reprice, most: eventsPerStep, nowMs: clock.now() });
      if (job?.state !== "running") {
        logger.info({ tenant, rerate: id, events: job?.eventsSeen, changed: job?.eventsChanged }, "priced anew");
        return;
      }
      await yieldTurn(job.eventsSeen === seen);
      seen = job.eventsSeen;
    }
  } catch (error) {
    logger.error({ err: error, tenant, rerate: id }, "pricing anew stopped; it goes on at the next start");
  }
}

export function repriceFor(pricer: Pricer, tenant: string): Reprice {
  return (event, atMs) => pricer.price(event, atMs, tenant);
}
