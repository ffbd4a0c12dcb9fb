/**
 * Follows jobs to their end: keeps whom a job is made for, and captures what it used, once, as soon as any answer that the
 * program itself gets shows its end. Nothing is asked for by itself.
 *
 * A result is for whom its job was made for. Where that is not known, it is for whom the call that shows it is made.
 */
import type { UsageEvent } from "@cmdrdata/protocol";

import type { Job, JobResult } from "../../answer.ts";
import type { AttributionRecord, AttributionStore, KeptAttributions } from "../../attribution-store.ts";
import type { Call } from "../../call.ts";
import { type Host, providerOf } from "../../hosts.ts";
import { type Found, findAttribution, keptKey, storeFailure, storeTooSlow } from "./find-attribution.ts";
import { jobTime, resultEvent, type ResultOwner } from "./result-event.ts";
import type { SeenResults } from "./seen-results.ts";

export interface JobsSource {
  readonly kept: KeptAttributions;
  readonly store: AttributionStore | undefined;
  readonly seen: SeenResults;
  readonly now: () => number;
  readonly schedule: (delayMs: number, callback: () => void) => () => void;
  readonly newId: (epochMs: number) => string;
  readonly sdkName: string | null;
  readonly hostOf: (call: Call) => Host;
  /** Whom a call is made for. */
  readonly ownerOf: (call: Call) => ResultOwner;
  readonly capture: (event: UsageEvent) => void;
  readonly captureLater: (fallback: UsageEvent, complete: () => Promise<UsageEvent>) => void;
  /** Told why the program's store could not be used. */
  readonly warn: (reason: string) => void;
}

/** @returns what follows the jobs of a call's answer, each time the answer shows some */
export function createJobFollower(source: JobsSource): (call: Call) => void {
  // A stream shows its job in many events.
  const keptOf = new WeakMap<Call, Set<string>>();
  const isKept = (call: Call, id: string): boolean => {
    const ids = keptOf.get(call) ?? new Set();
    keptOf.set(call, ids);
    return ids.size === ids.add(id).size;
  };
  return (call) => {
    const jobs = call.answer.jobs ?? [];
    call.answer.jobs = null;
    for (const job of jobs) {
      if (call.endpoint?.jobs === "made") {
        keep(
          job.attributedBy.filter((id) => !isKept(call, id)),
          call,
          source,
        );
      }
      if (!call.untracked) for (const result of job.results) captureResult({ job, result, call }, source);
    }
  };
}

interface ShownResult {
  readonly job: Job;
  readonly result: JobResult;
  readonly call: Call;
}

/** What made an id last has it: a server may begin to count anew. */
function keep(ids: readonly string[], call: Call, { hostOf, kept, now, ownerOf, store, warn }: JobsSource): void {
  if (ids.length === 0) return;
  const nowMs = now();
  const record = call.untracked ? "untracked" : recordOf(ownerOf(call));
  const { idSpace } = hostOf(call);
  for (const id of ids) {
    const key = keptKey(idSpace, id);
    if (record !== undefined) kept.set(key, record, nowMs);
    else if (kept.get(key, nowMs) !== undefined) kept.set(key, { customer_id: null, metadata: {} }, nowMs);
    if (store !== undefined && record !== undefined && record !== "untracked") tell(store, id, record, warn);
  }
}

/** @returns `undefined` where the call says nothing that anybody could ask for */
function recordOf({ customer_id, metadata, attribution_error }: ResultOwner): AttributionRecord | undefined {
  if (attribution_error !== null) return { customer_id, metadata, attribution_error };
  return customer_id === null && Object.keys(metadata).length === 0 ? undefined : { customer_id, metadata };
}

function tell(store: AttributionStore, id: string, record: AttributionRecord, warn: JobsSource["warn"]): void {
  const failed = (error: unknown): void => warn(storeFailure(error));
  try {
    void Promise.resolve(store.set(id, record)).catch(failed);
  } catch (error) {
    failed(error);
  }
}

function captureResult(shown: ShownResult, source: JobsSource): void {
  const { job, result, call } = shown;
  const host = source.hostOf(call);
  const provider = providerOf(host);
  if (job.id !== null && !source.seen.add(resultKey(job, result, provider))) return;
  const { newId, sdkName } = source;
  const nowMs = source.now();
  const event = (owner: ResultOwner): UsageEvent =>
    resultEvent(job, result, owner, { provider, region: host.region, sdkName, nowMs, newId });
  const asker = source.ownerOf(call);
  if (call.endpoint?.jobs === "made" || job.attributedBy.length === 0) return source.capture(event(asker));
  const { kept, store, schedule } = source;
  const found = findAttribution(job.attributedBy, { kept, idSpace: host.idSpace, store, nowMs, schedule });
  if (found instanceof Promise) {
    const owner = found.then((late) => {
      if (late.kind === "failed") source.warn(late.reason);
      return ownerFrom(late, asker);
    });
    const fallback = event(ownerFrom(storeTooSlow, asker));
    source.captureLater(fallback, async () => ({ ...fallback, ...(await owner) }));
  } else if (found.kind !== "untracked") source.capture(event(ownerFrom(found, asker)));
}

function resultKey(job: Job, { operation, part }: JobResult, provider: string): string {
  return JSON.stringify([provider, operation, job.id, part, jobTime(job)]);
}

/** What was given when the job was made goes before what the asking call says; labels go with it. */
function ownerFrom(found: Found, asker: ResultOwner): ResultOwner {
  if (found.kind === "failed") return { ...asker, customer_id: null, attribution_error: found.reason };
  if (found.kind !== "found") return asker;
  const { customer_id, metadata, attribution_error } = found.record;
  if (customer_id !== null || attribution_error !== undefined) {
    return { customer_id, attribution_error: attribution_error ?? null, metadata };
  }
  return { ...asker, metadata };
}
