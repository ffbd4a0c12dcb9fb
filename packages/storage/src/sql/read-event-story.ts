/**
 * Everything the ledger knows of one id.
 *
 * An identity is found by its day. The days that have identities are few, and each is looked up with one seek.
 */
import type { EventStory } from "../ledger-reader.ts";
import { bodyOf, summaryColumns, summaryOf, textOf } from "./read-events.ts";
import { conflictOf, quarantinedOf } from "./set-aside.ts";
import type { Row, Sql } from "./sql.ts";

/** Where an engine keeps identities. In `event_ids` the day comes first in the key, in `events` the tenant. */
export type Identities = "event_ids" | "events";

/**
 * From one day that has identities to the next: `min` beyond a day is one seek in the engine's own order of the key, where
 * DISTINCT would read every identity.
 */
function selectIdentities(table: Identities): string {
  const mine = table === "events" ? "tenant = $1 AND" : "";
  return `WITH RECURSIVE days (day) AS (
    SELECT min(identity_day) FROM ${table} WHERE ${mine} identity_day >= 0
    UNION ALL
    SELECT (SELECT min(identity_day) FROM ${table} WHERE ${mine} identity_day > day) FROM days WHERE day IS NOT NULL
  )
  SELECT i.identity_day, i.content_hash, i.sequence FROM days CROSS JOIN ${table} i
  WHERE i.identity_day = day AND i.tenant = $1 AND i.event_id = $2 ORDER BY i.identity_day`;
}

const selectEvent = `SELECT ${summaryColumns}, book_version, cost_lines, body_id, body_position, event
  FROM events WHERE sequence = $1 AND tenant = $2 AND identity_day = $3 AND event_id = $4`;

const byIdentity = "WHERE tenant = $1 AND identity_day = $2 AND event_id = $3";

export async function readEventStories(
  sql: Sql,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  table: Identities,
): Promise<readonly EventStory[]> {
  return sql.snapshot(async (now) => {
    const identities = await now.all(selectIdentities(table), [tenant, id]);
    const stories: EventStory[] = [];
    for (const identity of identities) stories.push(await storyOf(now, { tenant, id, identity }));
    return stories;
  });
}

async function storyOf(
  sql: Sql,
  { tenant, id, identity }: { readonly tenant: string; readonly id: string; readonly identity: Row },
): Promise<EventStory> {
  const identityDay = Number(identity["identity_day"]);
  const key = [tenant, identityDay, id];
  const [event] = await sql.all(selectEvent, [Number(identity["sequence"]), tenant, identityDay, id]);
  const [held] = await sql.all(`SELECT * FROM quarantined_events ${byIdentity}`, key);
  const conflicts = await sql.all(`SELECT * FROM event_conflicts ${byIdentity} ORDER BY conflict_id`, key);
  return {
    identityDay,
    contentHash: String(identity["content_hash"]),
    // Where identities are in the events' own rows, one in quarantine has a row too.
    counted: event === undefined || held !== undefined ? undefined : countedOf(event),
    quarantined: held === undefined ? undefined : quarantinedOf(held),
    conflicts: conflicts.map(conflictOf),
  };
}

function countedOf(row: Row): EventStory["counted"] {
  return {
    ...summaryOf(row),
    bookVersion: String(row["book_version"]),
    costLines: textOf(row, "cost_lines") ?? "[]",
    body: bodyOf(row),
    event: String(row["event"]),
  };
}
