/**
 * Finds whom a job was made for: in this process's memory, at once; else in the program's own store, within a second. What
 * goes wrong there is a reason to know nothing, and none to fail (D1): another customer must not pay for it.
 */
import { customerIdProblem, readMetadata } from "@cmdrdata/protocol";

import { objectOf } from "../../answer.ts";
import type { AttributionRecord, AttributionStore, KeptAttributions } from "../../attribution-store.ts";
import { nameOf } from "../error-message.ts";

export type Found =
  | { readonly kind: "found"; readonly record: AttributionRecord }
  | { readonly kind: "untracked" }
  | { readonly kind: "unknown" }
  | { readonly kind: "failed"; readonly reason: string };

export interface AttributionSources {
  readonly kept: KeptAttributions;
  /** In which the ids are. */
  readonly idSpace: string;
  readonly store: AttributionStore | undefined;
  readonly nowMs: number;
  readonly schedule: (delayMs: number, callback: () => void) => () => void;
}

const storeTimeoutMs = 1_000;
export const storeTooSlow: Found = failed(`the attribution store did not answer within ${storeTimeoutMs} ms`);

/** Two servers may give one id to jobs of two customers. */
export function keptKey(idSpace: string, id: string): string {
  return `${idSpace} ${id}`;
}

/** @param ids - the nearest first; @returns a promise, which never rejects, where the store answers with one */
export function findAttribution(ids: readonly string[], sources: AttributionSources): Found | Promise<Found> {
  for (const id of ids) {
    const record = sources.kept.get(keptKey(sources.idSpace, id), sources.nowMs);
    if (record === "untracked") return { kind: "untracked" };
    if (record !== undefined) return { kind: "found", record };
  }
  if (sources.store === undefined) return { kind: "unknown" };
  try {
    const found = ask(ids, sources.store);
    return found instanceof Promise ? inTime(found, sources) : found;
  } catch (error) {
    return failed(storeFailure(error));
  }
}

function ask(ids: readonly string[], store: AttributionStore): Found | Promise<Found> {
  for (const [index, id] of ids.entries()) {
    const answer: unknown = store.get(id);
    if (isThenable(answer)) return askOn(answer, ids.slice(index + 1), store);
    if (answer !== undefined && answer !== null) return readRecord(answer);
  }
  return { kind: "unknown" };
}

async function askOn(answer: PromiseLike<unknown>, ids: readonly string[], store: AttributionStore): Promise<Found> {
  const first = await answer;
  return first === undefined || first === null ? ask(ids, store) : readRecord(first);
}

function inTime(found: Promise<Found>, { schedule }: AttributionSources): Promise<Found> {
  return new Promise((resolve) => {
    const cancel = schedule(storeTimeoutMs, () => resolve(storeTooSlow));
    const readable = found.catch((error: unknown) => failed(storeFailure(error)));
    void readable.then(resolve).finally(cancel);
  });
}

/** What a store gives back has been through other hands. */
function readRecord(answer: unknown): Found {
  const record = objectOf(answer);
  if (record === undefined) return failed(`the attribution store gave a ${typeof answer} for a record`);
  const { customer_id: customer = null, attribution_error: error } = record;
  const problem = customer === null ? undefined : customerIdProblem(customer);
  const reason = problem === undefined ? error : `${problem.code}: ${problem.message}`;
  return {
    kind: "found",
    record: {
      customer_id: problem === undefined ? (customer as string | null) : null,
      metadata: readMetadata(record["metadata"] ?? {}, []),
      attribution_error: typeof reason === "string" ? reason : undefined,
    },
  };
}

/** Says which error it was, and nothing of its message. */
export function storeFailure(error: unknown): string {
  const name = error instanceof Error ? nameOf(error.name) : null;
  return `the attribution store failed: ${name ?? "what it threw has no name"}`;
}

function failed(reason: string): Found {
  return { kind: "failed", reason };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}
