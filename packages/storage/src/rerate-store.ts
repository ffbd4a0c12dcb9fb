/**
 * What has no price, and pricing the past anew, as a part of the store's port.
 *
 * R1 an event's new cost, what it changes in the roll-up and what is noted of it are one transaction (S3): at every moment
 * the sums are those of the events (S5). R2 a job goes on where it stopped, in whatever process, and prices each event once.
 * R3 what was changed stays noted by customer and month, before and after. R4 one job at a time for a tenant.
 */
import type { UsageEvent } from "@cmdrdata/protocol";

import type { EventCost } from "./store.ts";

/** What an event costs by today's prices. */
export type Reprice = (event: UsageEvent, eventTimeMs: number) => EventCost;

/** Which events: of one tenant, by the time of the call, `startMs` included and `endMs` not. */
export interface RerateScope {
  readonly tenant: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly onlyUnpriced: boolean;
}

/** Sums over the events that were looked at, of one customer and one month (UTC). */
export interface RerateLine {
  readonly customerId: string | null;
  /** `2026-11`. */
  readonly month: string;
  readonly eventsChanged: number;
  readonly unpricedBefore: number;
  readonly unpricedAfter: number;
  readonly picoUsdBefore: bigint;
  readonly picoUsdAfter: bigint;
}

export interface RerateResult {
  readonly eventsSeen: number;
  readonly eventsChanged: number;
  /** By month, then customer. */
  readonly lines: readonly RerateLine[];
}

export interface NewRerate extends RerateScope {
  readonly id: string;
  readonly createdAtMs: number;
  /** The id of the key that asked, or `collector`. */
  readonly askedBy: string;
  readonly reason: string;
}

export interface Rerate extends NewRerate {
  readonly state: "running" | "done";
  readonly doneAtMs: number | null;
  readonly eventsSeen: number;
  readonly eventsChanged: number;
}

/** Calls without a price that are alike. */
export interface UnpricedRow {
  readonly provider: string | null;
  readonly model: string | null;
  readonly operation: string | null;
  readonly serviceTier: string | null;
  readonly reason: string;
  readonly calls: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** How many events of a tenant have no price now; `null` stands for all tenants that are not named. */
export interface UnpricedCount {
  readonly tenant: string | null;
  /** A reason that no event has is not in it. */
  readonly byReason: Readonly<Record<string, number>>;
}

/** Holds R1 to R4. */
export interface RerateStore {
  /** Most calls first, at most 1,000 rows. */
  unpriced(scope: Omit<RerateScope, "onlyUnpriced">): Promise<readonly UnpricedRow[]>;
  tenantsWithUnpriced(): Promise<readonly string[]>;
  /** Of each of the `mostTenants` tenants that are there the longest, also where it is nothing, and of all others. */
  countUnpriced(mostTenants: number): Promise<readonly UnpricedCount[]>;
  /** What a job would do; nothing is changed. */
  previewRerate(scope: RerateScope, reprice: Reprice): Promise<RerateResult>;
  startRerate(job: NewRerate): Promise<"started" | "busy">;
  /** Prices the next events of a job, at most `most`. @returns the job as it is then */
  stepRerate(
    job: Pick<Rerate, "tenant" | "id">,
    step: { readonly reprice: Reprice; readonly most: number; readonly nowMs: number },
  ): Promise<Rerate | undefined>;
  findRerate(tenant: string, id: string): Promise<(Rerate & Pick<RerateResult, "lines">) | undefined>;
  /** Newest first. */
  listRerates(tenant: string): Promise<readonly Rerate[]>;
  runningRerates(): Promise<readonly Rerate[]>;
}
