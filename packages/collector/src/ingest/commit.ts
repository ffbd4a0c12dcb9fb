/**
 * Stores the events of many requests in one transaction (group commit) and says of each what became of it.
 *
 * Promise: an answer exists only after the commit (S1). A request that cannot be read is answered by itself and takes
 * nobody with it. If the commit of a group fails, each request is tried alone; one that fails then has nothing stored.
 * While the engine cannot be used at all, nobody is tried again: the senders will.
 */
import type { Pricer } from "@cmdrdata/pricing";
import {
  CmdrdataError,
  type ErrorCode,
  type FlaggedField,
  type IngestReply,
  type RejectedEvent,
} from "@cmdrdata/protocol";
import type { AppendOutcome, PricedEvent, UsageStore } from "@cmdrdata/storage";

import { type PreparedItem, prepareRequest, type RawRequest } from "./prepare.ts";

/**
 * What a request is answered: a reply (200), a body that could not be read (4xx), that the ledger cannot be used now and it
 * is not known whether anything was stored (503, with the code that says why), or a failure of ours (500).
 */
export type IngestAnswer =
  | {
      readonly kind: "stored";
      readonly reply: IngestReply;
      /** Events of it that are new and in the sums without a price, by why. */
      readonly unpriced: Readonly<Record<string, number>>;
    }
  | { readonly kind: "unreadable"; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: "unavailable"; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

export interface Committer {
  /** One answer per request, in order. */
  commit(requests: readonly RawRequest[]): Promise<readonly IngestAnswer[]>;
}

export function createCommitter(deps: {
  readonly store: Pick<UsageStore, "append">;
  readonly pricer: Pricer;
}): Committer {
  return {
    commit: async (requests) => {
      const prepared = requests.map((request) => prepare(request, deps.pricer));
      try {
        return await commitTogether(prepared, deps.store);
      } catch (error) {
        if (isUnavailable(error)) return prepared.map((each) => (each.kind === "ready" ? failure(error) : each));
        // One request's rows may be what the engine refuses: alone, it fails alone. One after another, so that the other
        // groups keep their connections.
        const answers: IngestAnswer[] = [];
        for (const each of prepared) answers.push(await commitAlone(each, deps.store));
        return answers;
      }
    },
  };
}

async function commitTogether(
  prepared: readonly Prepared[],
  store: Pick<UsageStore, "append">,
): Promise<readonly IngestAnswer[]> {
  const batch = prepared.flatMap(pricedEvents);
  const outcomes = batch.length === 0 ? [] : await store.append(batch);
  let answered = 0;
  return prepared.map((each) => {
    if (each.kind !== "ready") return each;
    const first = answered;
    answered += pricedEvents(each).length;
    const own = outcomes.slice(first, answered);
    return { kind: "stored", reply: replyTo(each.items, own), unpriced: countUnpriced(pricedEvents(each), own) };
  });
}

async function commitAlone(prepared: Prepared, store: Pick<UsageStore, "append">): Promise<IngestAnswer> {
  try {
    const [answer] = await commitTogether([prepared], store);
    return answer as IngestAnswer;
  } catch (error) {
    return failure(error);
  }
}

function isUnavailable(error: unknown): error is CmdrdataError {
  return CmdrdataError.is(error) && error.retryable;
}

function failure(error: unknown): Extract<IngestAnswer, { readonly message: string }> {
  const message = String(error);
  return isUnavailable(error) ? { kind: "unavailable", code: error.code, message } : { kind: "failed", message };
}

type Prepared =
  | { readonly kind: "ready"; readonly items: readonly PreparedItem[] }
  | Exclude<IngestAnswer, { readonly kind: "stored" }>;

function prepare(request: RawRequest, pricer: Pricer): Prepared {
  try {
    return { kind: "ready", items: prepareRequest(request, pricer) };
  } catch (error) {
    if (CmdrdataError.is(error)) return { kind: "unreadable", code: error.code, message: error.message };
    return { kind: "failed", message: String(error) };
  }
}

function pricedEvents(prepared: Prepared): readonly PricedEvent[] {
  return prepared.kind === "ready"
    ? prepared.items.flatMap((item) => (item.kind === "event" ? [item.priced] : []))
    : [];
}

function replyTo(items: readonly PreparedItem[], outcomes: readonly AppendOutcome[]): IngestReply {
  const rejected: RejectedEvent[] = [];
  const flagged: FlaggedField[] = [];
  let answered = 0;
  for (const [index, item] of items.entries()) {
    if (item.kind !== "event") {
      rejected.push({ index, id: null, code: item.code, field: item.field, message: item.message });
    } else if (outcomes[answered++]?.kind === "expired") {
      rejected.push({ index, id: item.priced.id, ...expired });
    } else flagged.push(...item.flagged.map((flag) => ({ index, ...flag })));
  }
  // Quarantined counts as accepted: it is stored, and its sender has nothing more to do.
  const count = (kind: AppendOutcome["kind"]): number => outcomes.filter((outcome) => outcome.kind === kind).length;
  const conflicts = outcomes.filter((outcome) => outcome.kind === "duplicate" && outcome.conflict).length;
  return {
    accepted: count("inserted") + count("quarantined"),
    duplicates: count("duplicate"),
    conflicts,
    rejected,
    flagged,
  };
}

function countUnpriced(
  events: readonly PricedEvent[],
  outcomes: readonly AppendOutcome[],
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [index, { cost }] of events.entries()) {
    if (cost.kind === "priced" || outcomes[index]?.kind !== "inserted") continue;
    counts[cost.reason] = (counts[cost.reason] ?? 0) + 1;
  }
  return counts;
}

const expired = {
  code: "CMDR_EVENT_EXPIRED",
  field: "event",
  message: "expected an event of the time that is kept, got an older one: it may have been counted before",
} as const;
