/**
 * Keeps what an append has found beside new events: second versions of ids, and events in doubt.
 *
 * Both are rare, and which ids are known with other content is said only by the statement that stores the rest: held open
 * for that, every batch would take two more round trips. So they are a transaction of their own after it, all or nothing, and
 * the append is answered after both (S1). If the process, the server or the way to it ends in between, nothing of the batch
 * was answered: what is lost was never acknowledged, and is in no sum (S3). Sent again, what was stored is a duplicate of the
 * same content, which changes nothing, and what was to be set aside finds its place, once: an event in doubt by its identity,
 * a second version by its hash.
 */
import { encodedEvent, identityOf } from "../event-row.ts";
import type { Sql, SqlValue } from "../sql/sql.ts";
import type { AppendOutcome, PricedEvent } from "../store.ts";
import type { NumberedBodies } from "./append-bodies.ts";
import { eventFields } from "./append-events.ts";

/** A batch of which the new events are stored. */
export interface Stored {
  readonly batch: readonly PricedEvent[];
  readonly bodies: NumberedBodies;
  /** As far as they are known: of events in doubt nothing is. */
  readonly outcomes: readonly AppendOutcome[];
}

interface Aside extends Stored {
  /** See {@link toSetAside}. */
  readonly aside: readonly number[];
  readonly isTooOld: (day: number) => boolean;
}

export function isInDoubt(priced: PricedEvent | undefined): boolean {
  return priced?.doubts !== undefined && priced.doubts.length > 0;
}

/**
 * @returns which of the batch, as they came: that is how they are numbered. Two batches that have the same ones in another order
 *   may collide, and are tried again
 */
export function toSetAside({ batch, outcomes }: Stored): readonly number[] {
  return [...batch.keys()].filter((index) => isInDoubt(batch[index]) || isConflict(outcomes[index]));
}

/** @returns the outcomes of all */
export async function setAside(sql: Sql, stored: Aside): Promise<readonly AppendOutcome[]> {
  const { batch, bodies, aside, isTooOld } = stored;
  return sql.transaction(async (transaction) => {
    const outcomes = [...stored.outcomes];
    for (const index of aside) {
      const priced = batch[index] as PricedEvent;
      const [day] = identityOf(priced);
      if (isInDoubt(priced) && !isTooOld(day)) outcomes[index] = await holdBack(transaction, priced, bodies);
      if (isConflict(outcomes[index])) await keepConflict(transaction, priced, bodies);
    }
    return outcomes;
  });
}

function isConflict(outcome: AppendOutcome | undefined): boolean {
  return outcome?.kind === "duplicate" && outcome.conflict;
}

/** The event's row holds its identity, and is in no sum. */
async function holdBack(sql: Sql, priced: PricedEvent, bodies: NumberedBodies): Promise<AppendOutcome> {
  const fields = eventFields(priced, bodies);
  const columns = fields.map(([column]) => column).join(", ");
  const places = fields.map((_field, index) => `$${index + 1}`).join(", ");
  const insert = `INSERT INTO events (${columns}, quarantined) VALUES (${places}, TRUE)
      ON CONFLICT (tenant, identity_day, event_id) DO NOTHING`;
  const values = fields.map(([, value]) => value);
  if ((await sql.run(insert, values)) === 0) return duplicateOf(sql, priced);
  await keepBody(sql, priced, bodies);
  await sql.run(
    `INSERT INTO quarantined_events (tenant, identity_day, event_id, content_hash, customer_id, event_time_ms,
          received_at_ms, reasons, problems, body_id, body_position, event)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      ...receiptOf(priced),
      JSON.stringify(priced.doubts),
      JSON.stringify(priced.problems),
      ...contentOf(priced, bodies),
    ],
  );
  return { kind: "quarantined" };
}

async function duplicateOf(sql: Sql, priced: PricedEvent): Promise<AppendOutcome> {
  const query = "SELECT content_hash FROM events WHERE identity_day = $1 AND tenant = $2 AND event_id = $3";
  const [known] = await sql.all(query, identityOf(priced));
  return { kind: "duplicate", conflict: known?.["content_hash"] !== priced.contentHash };
}

async function keepConflict(sql: Sql, priced: PricedEvent, bodies: NumberedBodies): Promise<void> {
  await keepBody(sql, priced, bodies);
  await sql.run(
    `INSERT INTO event_conflicts (tenant, identity_day, event_id, content_hash, customer_id, event_time_ms,
          first_received_at_ms, last_received_at_ms, times_received, body_id, body_position, event)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 1, $8, $9, $10)
        ON CONFLICT (tenant, identity_day, event_id, content_hash) DO UPDATE
        SET times_received = event_conflicts.times_received + 1, last_received_at_ms = excluded.last_received_at_ms`,
    [...receiptOf(priced), ...contentOf(priced, bodies)],
  );
}

/** The body, and that it says something of the customer beyond what refers to it. */
async function keepBody(sql: Sql, priced: PricedEvent, bodies: NumberedBodies): Promise<void> {
  const [bodyId, position] = bodies.placeOf(priced);
  const numbered = bodies.bodies.find(({ id }) => id === bodyId);
  if (numbered === undefined) return;
  const { tenant, receivedAtMs, body } = numbered;
  await sql.run(
    `INSERT INTO request_bodies (body_id, tenant, received_at_ms, encoding, body) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (tenant, body_id) DO NOTHING`,
    [bodyId, tenant, receivedAtMs, body.encoding, Buffer.from(body.bytes)],
  );
  if (priced.event.customer_id === null) return;
  const mention: SqlValue[] = [tenant, priced.event.customer_id, bodyId, position];
  await sql.run(
    `INSERT INTO body_mentions (tenant, customer_id, body_id, body_position) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    mention,
  );
}

function receiptOf(priced: PricedEvent): readonly SqlValue[] {
  const [day, tenant, id] = identityOf(priced);
  return [tenant, day, id, priced.contentHash, priced.event.customer_id, priced.eventTimeMs, priced.receivedAtMs];
}

function contentOf(priced: PricedEvent, bodies: NumberedBodies): readonly SqlValue[] {
  return [...bodies.placeOf(priced), encodedEvent(priced)];
}
