/**
 * The part of the port that changes what is stored, a little at a time.
 *
 * Promise: each call is one short transaction, so that ingest has its turn in between; sums are right after each (S3, S5);
 * a call repeated, or made by two at once, does nothing twice; what was begun goes on after a restart.
 */
import type { PricedEvent, TimeRange } from "./store.ts";

/** An event to be taken out of quarantine, decided anew. */
export interface Release {
  /** Its number in quarantine. */
  readonly number: number;
  /** With the identity it has, its body by number, and the doubts that are left. */
  readonly priced: PricedEvent;
}

/** `held`: still in doubt. `gone`: it is not in quarantine any more. */
export type ReleaseOutcome = "released" | "held" | "gone";

export interface Erasure {
  readonly receipt: string;
  /** Under which the customer's totals are kept. */
  readonly tombstone: string;
  readonly requestedAtMs: number;
  /** `null` while it goes on. */
  readonly completedAtMs: number | null;
  /** Rows that were shredded. */
  readonly events: number;
  readonly conflicts: number;
  readonly quarantined: number;
  readonly bodies: number;
}

export interface ErasureRequest {
  readonly tenant: string;
  readonly customerId: string;
  /** Made by the caller, at random. */
  readonly receipt: string;
  readonly nowMs: number;
}

/** A metadata key by which usage can be grouped; ready when `backfilledTo` has reached `backfillUntil`. */
export interface DeclaredDimension {
  readonly key: string;
  readonly declaredAtMs: number;
  readonly backfilledTo: number;
  readonly backfillUntil: number;
}

export interface LedgerKeeper {
  /** One outcome per event, in order. */
  release(tenant: string, batch: readonly Release[]): Promise<readonly ReleaseOutcome[]>;
  /** Enters the wish to erase a customer; {@link LedgerKeeper.eraseSome} does it. */
  beginErasure(request: ErasureRequest): Promise<void>;
  /** Erases a part of what is to be erased. @returns whether there is more to do */
  eraseSome(nowMs: number): Promise<boolean>;
  erasure(tenant: string, receipt: string): Promise<Erasure | undefined>;
  /**
   * From now on events are summed up by the key too; {@link LedgerKeeper.backfillSome} adds older ones. A key that is there
   * already stays as it is.
   *
   * @throws CmdrdataError `CMDR_DIMENSION_LIMIT`
   */
  declareDimension(wish: { readonly tenant: string; readonly key: string; readonly nowMs: number }): Promise<void>;
  /** @returns whether it was there */
  removeDimension(wish: { readonly tenant: string; readonly key: string }): Promise<boolean>;
  dimensions(tenant: string): Promise<readonly DeclaredDimension[]>;
  /** Adds some older events to a key's sums, or deletes some of a key that was removed. @returns whether there is more to do */
  backfillSome(): Promise<boolean>;
  /**
   * Events of UTC days before this one are not kept any longer: from now on they are `expired`. It never goes back. Their
   * sums stay.
   */
  keepFrom(day: number): Promise<void>;
  /** Deletes some of what is not kept any longer. @returns whether there is more to do */
  expireSome(): Promise<boolean>;
  /** The IANA zone in which a tenant's days are summed up. */
  reportingZone(tenant: string): Promise<string>;
  setReportingZone(tenant: string, timeZone: string): Promise<void>;
  /** Tenants with events, with when the first of them begin. */
  tenantsSince(): Promise<readonly { readonly tenant: string; readonly firstBucketMs: number }[]>;
  /** The days of a tenant that are summed up, in order. */
  builtDays(tenant: string): Promise<readonly TimeRange[]>;
  /** Sums up a day that is over. */
  buildDay(tenant: string, day: TimeRange): Promise<void>;
}
