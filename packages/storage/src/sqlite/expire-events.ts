/**
 * Deletes events that are too old to be kept, a little at a time.
 *
 * Promise: what is too old is entered first, and never goes back, also when a clock does: from then on no event of it is
 * taken, so that none is counted a second time (S2). Sums stay. A chunk is one short transaction, and ingest has its turn
 * after each; events without any time (day 0) are kept.
 */
import type { DatabaseSync } from "node:sqlite";

import type { Prepare } from "./prepared.ts";
import { inTransaction } from "./transaction.ts";

const enter = "UPDATE retention SET oldest_day = ?1 WHERE name = 'events' AND oldest_day < ?1";

/** Few enough to be done in some milliseconds. */
const chunk = 500;

const expired = `SELECT identity_day, tenant, event_id, sequence FROM event_ids
  WHERE identity_day >= 1 AND identity_day < (SELECT oldest_day FROM retention WHERE name = 'events')
  ORDER BY identity_day, tenant, event_id LIMIT ${chunk}`;
const deleteEvent = "DELETE FROM events WHERE sequence = ?";
const deleteIdentity = "DELETE FROM event_ids WHERE identity_day = ? AND tenant = ? AND event_id = ?";

export function keepFrom(prepare: Prepare, day: number): void {
  prepare(enter).run(day);
}

/** @returns whether there is more to do */
export function expireEvents(database: DatabaseSync, prepare: Prepare): boolean {
  return inTransaction(database, "IMMEDIATE", () => {
    const rows = prepare(expired).all();
    for (const row of rows) {
      prepare(deleteEvent).run(Number(row["sequence"]));
      prepare(deleteIdentity).run(Number(row["identity_day"]), String(row["tenant"]), String(row["event_id"]));
    }
    return rows.length > 0;
  });
}
