/**
 * Keeps what an append has found beside new events: second versions of ids, and events in doubt.
 *
 * Both are rare and come after the statement that stores the rest: if it ends in between, nothing was answered, and what is
 * sent again finds its place.
 */
import { encodedEvent, identityOf } from "../event-row.ts";
import type { Sql, SqlValue } from "../sql/sql.ts";
import type { AppendOutcome, PricedEvent } from "../store.ts";
import type { NumberedBodies } from "./append-bodies.ts";
import { eventFields } from "./append-events.ts";

export interface Appended {
  readonly batch: readonly PricedEvent[];
  readonly bodies: NumberedBodies;
  /** As far as they are known: of events in doubt nothing is. */
  readonly outcomes: readonly AppendOutcome[];
  readonly isTooOld: (day: number) => boolean;
}

export function isInDoubt(priced: PricedEvent | undefined): boolean {
  return priced?.doubts !== undefined && priced.doubts.length > 0;
}

/** @returns the outcomes of all */
export async function setAside(sql: Sql, appended: Appended): Promise<readonly AppendOutcome[]> {
  const outcomes: AppendOutcome[] = [];
  for (const [index, priced] of appended.batch.entries()) {
    let outcome = appended.outcomes[index] as AppendOutcome;
    const [day] = identityOf(priced);
    if (isInDoubt(priced) && !appended.isTooOld(day)) outcome = await holdBack(sql, priced, appended.bodies);
    if (outcome.kind === "duplicate" && outcome.conflict) await keepConflict(sql, priced, appended.bodies);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** The event's row holds its identity, and is in no sum. */
async function holdBack(sql: Sql, priced: PricedEvent, bodies: NumberedBodies): Promise<AppendOutcome> {
  return sql.transaction(async (transaction) => {
    const fields = eventFields(priced, bodies);
    const columns = fields.map(([column]) => column).join(", ");
    const places = fields.map((_field, index) => `$${index + 1}`).join(", ");
    const insert = `INSERT INTO events (${columns}, quarantined) VALUES (${places}, TRUE)
      ON CONFLICT (tenant, identity_day, event_id) DO NOTHING`;
    if (
      (await transaction.run(
        insert,
        fields.map(([, value]) => value),
      )) === 0
    )
      return duplicateOf(transaction, priced);
    await keepBody(transaction, priced, bodies);
    await transaction.run(
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
  });
}

async function duplicateOf(sql: Sql, priced: PricedEvent): Promise<AppendOutcome> {
  const query = "SELECT content_hash FROM events WHERE identity_day = $1 AND tenant = $2 AND event_id = $3";
  const [known] = await sql.all(query, identityOf(priced));
  return { kind: "duplicate", conflict: known?.["content_hash"] !== priced.contentHash };
}

async function keepConflict(sql: Sql, priced: PricedEvent, bodies: NumberedBodies): Promise<void> {
  await sql.transaction(async (transaction) => {
    await keepBody(transaction, priced, bodies);
    await transaction.run(
      `INSERT INTO event_conflicts (tenant, identity_day, event_id, content_hash, customer_id, event_time_ms,
          first_received_at_ms, last_received_at_ms, times_received, body_id, body_position, event)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 1, $8, $9, $10)
        ON CONFLICT (tenant, identity_day, event_id, content_hash) DO UPDATE
        SET times_received = event_conflicts.times_received + 1, last_received_at_ms = excluded.last_received_at_ms`,
      [...receiptOf(priced), ...contentOf(priced, bodies)],
    );
  });
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
