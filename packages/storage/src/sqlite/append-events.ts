/**
 * Stores events.
 *
 * Promise: a batch is one transaction (S3). A known identity changes nothing (S2), also when it came earlier in the same
 * batch; an event that is new adds its row and what it adds to the roll-up.
 */
import type { DatabaseSync } from "node:sqlite";

import type { AppendOutcome, PricedEvent } from "../store.ts";
import * as row from "../event-row.ts";
import type { Prepare } from "./prepared.ts";
import { inTransaction } from "./transaction.ts";

const insertIdentity = `INSERT INTO event_ids (${row.identityColumns.join(", ")})
  VALUES (${places(row.identityColumns)}) ON CONFLICT (identity_day, tenant, event_id) DO NOTHING`;

const knownHash = "SELECT content_hash AS hash FROM event_ids WHERE identity_day = ? AND tenant = ? AND event_id = ?";

/** Counts on from the last event there ever was, also when that has been deleted since. */
const lastSequence = "SELECT seq FROM sqlite_sequence WHERE name = 'events'";

const insertEvent = `INSERT INTO events (${row.eventColumns.join(", ")}) VALUES (${places(row.eventColumns)})`;

const addToRollUp = `INSERT INTO usage_15m (${[...row.rollUpKeys, ...row.rollUpSums].join(", ")})
  VALUES (${places([...row.rollUpKeys, ...row.rollUpSums])})
  ON CONFLICT (${row.rollUpKeys.join(", ")})
  DO UPDATE SET ${row.rollUpSums.map((column) => `${column} = ${column} + excluded.${column}`).join(", ")}`;

/** @returns one outcome per event, in order, after commit */
export function appendEvents(
  database: DatabaseSync,
  prepare: Prepare,
  batch: readonly PricedEvent[],
): readonly AppendOutcome[] {
  return inTransaction(database, "IMMEDIATE", () => {
    let sequence = Number(prepare(lastSequence).get()?.["seq"] ?? 0);
    return batch.map((priced) => {
      const outcome = claimIdentity(prepare, priced, sequence + 1);
      if (outcome.kind === "inserted") addEvent(prepare, priced, (sequence += 1));
      return outcome;
    });
  });
}

function claimIdentity(prepare: Prepare, priced: PricedEvent, sequence: number): AppendOutcome {
  const { changes } = prepare(insertIdentity).run(...row.identityValues(priced, sequence));
  if (Number(changes) === 1) return { kind: "inserted" };
  const known = prepare(knownHash).get(...row.identityOf(priced));
  return { kind: "duplicate", conflict: known?.["hash"] !== priced.contentHash };
}

function addEvent(prepare: Prepare, priced: PricedEvent, sequence: number): void {
  prepare(insertEvent).run(...row.eventValues(priced, sequence));
  prepare(addToRollUp).run(...row.rollUpValues(priced));
}

function places(columns: readonly string[]): string {
  return columns.map(() => "?").join(", ");
}
