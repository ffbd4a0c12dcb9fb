/**
 * Takes events out of quarantine and stores them as new ones.
 *
 * Promise: one transaction; who deletes the row of the quarantine stores the event, and nobody else does.
 */
import { identityOf } from "../event-row.ts";
import type { Release, ReleaseOutcome } from "../ledger-keeper.ts";
import type { Sql } from "../sql/sql.ts";
import type { PricedEvent } from "../store.ts";
import { numberBodies } from "./append-bodies.ts";
import { insertEvents } from "./append-events.ts";
import { isInDoubt } from "./append-set-aside.ts";

/** Their bodies are stored and have numbers. */
const noNumbers = { next: () => Promise.reject(new Error("expected an event whose body is stored")) };

export async function releaseEvents(
  sql: Sql,
  { tenant, batch }: { readonly tenant: string; readonly batch: readonly Release[] },
): Promise<readonly ReleaseOutcome[]> {
  return sql.transaction(async (transaction) => {
    const outcomes: ReleaseOutcome[] = [];
    const released: PricedEvent[] = [];
    for (const { number, priced } of batch) {
      const outcome = isInDoubt(priced) ? "held" : await takeOut(transaction, { tenant, number, priced });
      outcomes.push(outcome);
      if (outcome === "released") released.push(priced);
    }
    const indexes = released.map((_priced, index) => index);
    await insertEvents(transaction, { batch: released, indexes, bodies: await numberBodies(released, noNumbers) });
    return outcomes;
  });
}

async function takeOut(
  sql: Sql,
  { tenant, number, priced }: Release & { readonly tenant: string },
): Promise<ReleaseOutcome> {
  const remove = "DELETE FROM quarantined_events WHERE tenant = $1 AND quarantine_id = $2";
  if ((await sql.run(remove, [tenant, number])) === 0) return "gone";
  const forget = "DELETE FROM events WHERE identity_day = $1 AND tenant = $2 AND event_id = $3 AND quarantined";
  await sql.run(forget, [...identityOf(priced)]);
  return "released";
}
