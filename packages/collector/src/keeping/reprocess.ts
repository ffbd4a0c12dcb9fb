/**
 * Decides anew about events in quarantine.
 *
 * Promise: an event goes the way of a new one, with the identity, the content and the time of receipt it has; what is still
 * in doubt stays, and what is released is counted once, however often and by how many it is asked for.
 */
import type { Pricer } from "@cmdrdata/pricing";
import { parseEvent } from "@cmdrdata/protocol";
import type { LedgerKeeper, LedgerReader, PricedEvent, Quarantined } from "@cmdrdata/storage";

import { judgeTime } from "../judge-time.ts";

/** Whose time an event is counted at. By default its own, if there is no doubt about it any more. */
type TimeChoice = "as_sent" | "received";

export interface ReprocessWish {
  readonly tenant: string;
  /** Only these; all without it. */
  readonly numbers?: readonly number[] | undefined;
  readonly time?: TimeChoice | undefined;
  /** The number of the last event of the call before. */
  readonly after?: number | undefined;
}

export interface ReprocessAnswer {
  readonly released: number;
  readonly held: number;
  readonly gone: number;
  /** Where to go on; `undefined` at the end. */
  readonly next: number | undefined;
}

export interface ReprocessDeps {
  readonly store: Pick<LedgerKeeper, "release"> & Pick<LedgerReader, "quarantined">;
  readonly pricer: Pricer;
  readonly nowMs: number;
}

/** Events of one transaction. */
const chunk = 200;

export async function reprocess(wish: ReprocessWish, deps: ReprocessDeps): Promise<ReprocessAnswer> {
  const { tenant, numbers, time, after } = wish;
  const page = await deps.store.quarantined({ tenant, limit: chunk, ...(after === undefined ? {} : { after }) });
  const wanted = page.items.filter(({ number }) => numbers?.includes(number) ?? true);
  const batch = wanted.map((held) => ({ number: held.number, priced: decide(held, { tenant, time, ...deps }) }));
  const outcomes = batch.length === 0 ? [] : await deps.store.release(tenant, batch);
  const count = (outcome: string): number => outcomes.filter((each) => each === outcome).length;
  return { released: count("released"), held: count("held"), gone: count("gone"), next: page.next };
}

function decide(
  held: Quarantined,
  { tenant, time, pricer, nowMs }: ReprocessDeps & { readonly tenant: string; readonly time: TimeChoice | undefined },
): PricedEvent {
  const { event, problems } = parseEvent(JSON.parse(held.event));
  // What was set aside at the receipt is not in the stored event any more, but among its problems.
  const known = [...held.problems, ...problems.filter(({ field }) => field !== "timestamp")];
  const judged = judgeTime(event, held.problems, time === "as_sent" ? held.eventTimeMs : nowMs);
  const eventTimeMs = time === "received" || event.timestamp === null ? held.receivedAtMs : judged.eventTimeMs;
  return {
    tenant,
    id: held.id,
    identityTimeMs: held.identityDay * 86_400_000,
    contentHash: held.contentHash,
    eventTimeMs,
    receivedAtMs: held.receivedAtMs,
    event,
    encoded: held.event,
    problems: [
      ...known,
      ...held.reasons.filter(
        (reason) => !known.some(({ code, field }) => code === reason.code && field === reason.field),
      ),
    ],
    cost: pricer.price(event, eventTimeMs, tenant),
    origin: held.body === null ? undefined : { body: held.body.bodyId, position: held.body.position },
    doubts: time === "received" ? [] : judged.doubts,
  };
}
