/**
 * Stores events.
 *
 * Promise: a batch is one transaction (S3). A known identity changes nothing (S2), also when it came earlier in the same
 * batch; an event that is new adds its row and what it adds to the roll-ups. An event in doubt adds its row to the
 * quarantine and nothing to the sums; a second version of an id is kept beside the first.
 */
import type { DatabaseSync } from "node:sqlite";

import type { Release, ReleaseOutcome } from "../ledger-keeper.ts";
import type { AppendOutcome, PricedEvent } from "../store.ts";
import { createBodyKeeper, type BodyKeeper } from "./append-bodies.ts";
import { createRollUps, type RollUps } from "./append-roll-ups.ts";
import * as row from "../event-row.ts";
import { placesFor } from "./places.ts";
import type { Prepare } from "./prepared.ts";
import { inTransaction } from "./transaction.ts";

const insertIdentity = `INSERT INTO event_ids (${row.identityColumns.join(", ")})
  VALUES (${placesFor(row.identityColumns)}) ON CONFLICT (identity_day, tenant, event_id) DO NOTHING`;

const knownHash = "SELECT content_hash AS hash FROM event_ids WHERE identity_day = ? AND tenant = ? AND event_id = ?";

/** Counts on from the last event there ever was, also when that has been deleted since. */
const lastSequence = "SELECT seq FROM sqlite_sequence WHERE name = 'events'";

const insertEvent = `INSERT INTO events (${row.eventColumns.join(", ")}) VALUES (${placesFor(row.eventColumns)})`;

const insertConflict = `INSERT INTO event_conflicts (identity_day, tenant, event_id, content_hash, conflict_id, customer_id,
    event_time_ms, first_received_at_ms, last_received_at_ms, times_received, body_id, body_position, event)
  VALUES (?1, ?2, ?3, ?4, (SELECT ifnull(max(conflict_id), 0) + 1 FROM event_conflicts WHERE tenant = ?2),
    ?5, ?6, ?7, ?7, 1, ?8, ?9, ?10)
  ON CONFLICT (tenant, identity_day, event_id, content_hash) DO UPDATE
  SET times_received = times_received + 1, last_received_at_ms = excluded.last_received_at_ms`;

const insertQuarantined = `INSERT INTO quarantined_events (identity_day, tenant, event_id, quarantine_id, content_hash,
    customer_id, event_time_ms, received_at_ms, reasons, problems, body_id, body_position, event)
  VALUES (?1, ?2, ?3, (SELECT ifnull(max(quarantine_id), 0) + 1 FROM quarantined_events WHERE tenant = ?2), ?4,
    ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)`;

/** Identities of earlier days are gone: an event of one may have been counted. Those without any time (day 0) are kept. */
const oldestDay = "SELECT oldest_day FROM retention WHERE name = 'events'";

const takeOut = "DELETE FROM quarantined_events WHERE tenant = ? AND quarantine_id = ?";
const forgetIdentity = `DELETE FROM event_ids WHERE identity_day = ? AND tenant = ? AND event_id = ? AND sequence = 0`;

/** No event has this sequence number: an identity of it is in quarantine. */
const heldBack = 0;

interface Ledger {
  readonly prepare: Prepare;
  readonly bodies: BodyKeeper;
  readonly rollUps: RollUps;
  readonly oldestDay: number;
}

/** @returns one outcome per event, in order, after commit */
export function appendEvents(
  database: DatabaseSync,
  prepare: Prepare,
  batch: readonly PricedEvent[],
): readonly AppendOutcome[] {
  return inTransaction(database, "IMMEDIATE", () => appendInTransaction(prepare, batch));
}

/** The same within a transaction of the caller's. */
/**
 * Takes events out of quarantine and stores them as new ones, in one transaction.
 *
 * @returns one outcome per event, in order
 */
export function releaseEvents(
  database: DatabaseSync,
  prepare: Prepare,
  { tenant, batch }: { readonly tenant: string; readonly batch: readonly Release[] },
): readonly ReleaseOutcome[] {
  return inTransaction(database, "IMMEDIATE", () => {
    const outcomes = batch.map(({ number, priced }): ReleaseOutcome => {
      if (priced.doubts !== undefined && priced.doubts.length > 0) return "held";
      const { changes } = prepare(takeOut).run(tenant, number);
      if (Number(changes) === 0) return "gone";
      prepare(forgetIdentity).run(...row.identityOf(priced));
      return "released";
    });
    appendInTransaction(
      prepare,
      batch.filter((_release, index) => outcomes[index] === "released").map(({ priced }) => priced),
    );
    return outcomes;
  });
}

function appendInTransaction(prepare: Prepare, batch: readonly PricedEvent[]): readonly AppendOutcome[] {
  const ledger: Ledger = {
    prepare,
    bodies: createBodyKeeper(prepare),
    rollUps: createRollUps(prepare),
    oldestDay: Number(prepare(oldestDay).get()?.["oldest_day"]),
  };
  let sequence = Number(prepare(lastSequence).get()?.["seq"] ?? 0);
  const outcomes = batch.map((priced) => {
    const outcome = claimIdentity(ledger, priced, sequence + 1);
    if (outcome.kind === "inserted") addEvent(ledger, priced, (sequence += 1));
    return outcome;
  });
  ledger.bodies.flush();
  ledger.rollUps.flush();
  return outcomes;
}

function claimIdentity(ledger: Ledger, priced: PricedEvent, sequence: number): AppendOutcome {
  const [day] = row.identityOf(priced);
  if (day !== 0 && day < ledger.oldestDay) {
    ledger.bodies.mention(priced);
    return { kind: "expired" };
  }
  const doubtful = priced.doubts !== undefined && priced.doubts.length > 0;
  const identity = row.identityValues(priced, doubtful ? heldBack : sequence);
  const { changes } = ledger.prepare(insertIdentity).run(...identity);
  if (Number(changes) === 0) return addDuplicate(ledger, priced);
  if (!doubtful) return { kind: "inserted" };
  ledger
    .prepare(insertQuarantined)
    .run(
      ...row.identityOf(priced),
      priced.contentHash,
      priced.event.customer_id,
      priced.eventTimeMs,
      priced.receivedAtMs,
      JSON.stringify(priced.doubts),
      JSON.stringify(priced.problems),
      ...ledger.bodies.placeOf(priced),
      row.encodedEvent(priced),
    );
  return { kind: "quarantined" };
}

function addDuplicate({ prepare, bodies }: Ledger, priced: PricedEvent): AppendOutcome {
  const identity = row.identityOf(priced);
  if (prepare(knownHash).get(...identity)?.["hash"] === priced.contentHash) {
    bodies.mention(priced);
    return { kind: "duplicate", conflict: false };
  }
  const { customer_id: customerId } = priced.event;
  const values = [priced.contentHash, customerId, priced.eventTimeMs, priced.receivedAtMs];
  prepare(insertConflict).run(...identity, ...values, ...bodies.placeOf(priced), row.encodedEvent(priced));
  // The row refers to the body of its first receipt only.
  bodies.mention(priced);
  return { kind: "duplicate", conflict: true };
}

function addEvent({ prepare, bodies, rollUps }: Ledger, priced: PricedEvent, sequence: number): void {
  const facts = row.factsOf(priced);
  prepare(insertEvent).run(...row.eventValues(facts, sequence, bodies.placeOf(priced)[0]));
  rollUps.add(facts);
}
