/**
 * Erases a customer: what is kept is what was used, under a tombstone; who used it, and for what, is gone.
 *
 * Promise: 15 minutes at a time, each in one transaction, so that every sum is right at every moment (S5). Ids and hashes
 * stay, so that nothing is counted again (S2). Bodies as they were received are rewritten without the customer's events.
 */
import type { Erasure, ErasureRequest } from "../ledger-keeper.ts";
import { rollUpKeys, rollUpSums } from "../event-row.ts";
import { bucketMs } from "../store.ts";
import { shredBody, shredEvent } from "./shred.ts";
import type { Row, Sql } from "./sql.ts";

const tombstoneOf = (receipt: string): string => `erased:${receipt}`;

export async function beginErasure(sql: Sql, { tenant, customerId, receipt, nowMs }: ErasureRequest): Promise<void> {
  await sql.run(
    "INSERT INTO erasures (receipt, tenant, customer_id, tombstone, requested_at_ms) VALUES ($1, $2, $3, $4, $5)",
    [receipt, tenant, customerId, tombstoneOf(receipt), nowMs],
  );
}

export async function readErasure(sql: Sql, tenant: string, receipt: string): Promise<Erasure | undefined> {
  const [row] = await sql.all("SELECT * FROM erasures WHERE tenant = $1 AND receipt = $2", [tenant, receipt]);
  if (row === undefined) return undefined;
  const count = (name: string): number => Number(row[name]);
  return {
    receipt,
    tombstone: String(row["tombstone"]),
    requestedAtMs: count("requested_at_ms"),
    completedAtMs: row["completed_at_ms"] === null ? null : count("completed_at_ms"),
    events: count("events"),
    conflicts: count("conflicts"),
    quarantined: count("quarantined"),
    bodies: count("bodies"),
  };
}

/** The erasure that is worked at. */
interface Task {
  readonly tenant: string;
  readonly customerId: string;
  readonly receipt: string;
  readonly tombstone: string;
  readonly erasedToMs: number;
}

/** What differs between engines. */
export interface HeldRows {
  /** The condition for rows of `events` that only hold the identity of what is in quarantine, where there are such. */
  readonly heldRows: string | undefined;
  /** Leaves them out. */
  readonly counted: string;
}

/** @returns whether there is more to do */
export async function eraseSome(sql: Sql, nowMs: number, engine: HeldRows): Promise<boolean> {
  return sql.transaction(async (transaction) => {
    const task = await claim(transaction);
    if (task === undefined) return false;
    const [next] = await transaction.all(
      `SELECT bucket_start_ms FROM usage_15m WHERE tenant = $1 AND customer_id = $2 AND bucket_start_ms > $3
        ORDER BY bucket_start_ms LIMIT 1`,
      [task.tenant, task.customerId, task.erasedToMs],
    );
    if (next === undefined) await finish(transaction, task, { nowMs, heldRows: engine.heldRows });
    else await eraseBucket(transaction, task, { startMs: Number(next["bucket_start_ms"]), counted: engine.counted });
    return true;
  });
}

/** Who writes to the row first has it until the transaction ends. */
async function claim(sql: Sql): Promise<Task | undefined> {
  const [open] = await sql.all(
    "SELECT * FROM erasures WHERE completed_at_ms IS NULL ORDER BY requested_at_ms LIMIT 1",
    [],
  );
  if (open === undefined) return undefined;
  const key = [String(open["tenant"]), String(open["receipt"])];
  await sql.run("UPDATE erasures SET events = events WHERE tenant = $1 AND receipt = $2", key);
  const [row] = await sql.all(
    "SELECT * FROM erasures WHERE tenant = $1 AND receipt = $2 AND completed_at_ms IS NULL",
    key,
  );
  return row === undefined ? undefined : taskOf(row);
}

function taskOf(row: Row): Task {
  return {
    tenant: String(row["tenant"]),
    customerId: String(row["customer_id"]),
    receipt: String(row["receipt"]),
    tombstone: String(row["tombstone"]),
    erasedToMs: Number(row["erased_to_ms"]),
  };
}

async function eraseBucket(
  sql: Sql,
  task: Task,
  { startMs, counted }: { readonly startMs: number; readonly counted: string },
): Promise<void> {
  const { tenant, customerId, tombstone, receipt } = task;
  const place = [tenant, customerId, startMs];
  const events = await sql.all(
    `SELECT sequence, identity_day, event, body_id, body_position FROM events
      WHERE tenant = $1 AND customer_id = $2 AND event_time_ms >= $3 AND event_time_ms < $4 ${counted}`,
    [...place, startMs + bucketMs],
  );
  for (const row of events) await shredRow(sql, task, row);
  const bodies = await shredBodies(sql, tenant, events);
  const here = "WHERE tenant = $1 AND customer_id = $2 AND bucket_start_ms = $3";
  await sql.run(`UPDATE usage_15m SET customer_id = $4 ${here}`, [...place, tombstone]);
  await moveMetadata(sql, here, [...place, tombstone]);
  await forgetDay(sql, task, startMs);
  await sql.run(
    `UPDATE erasures SET erased_to_ms = $1, events = events + $2, bodies = bodies + $3 WHERE tenant = $4 AND receipt = $5`,
    [startMs, events.length, bodies, tenant, receipt],
  );
}

/** Values of metadata go too: what had any is then among what has none. */
async function moveMetadata(sql: Sql, here: string, place: readonly (string | number)[]): Promise<void> {
  const others = rollUpKeys.filter((column) => column !== "customer_id");
  const sums = rollUpSums.map((column) => `CAST(sum(${column}) AS BIGINT)`);
  const added = rollUpSums.map((column) => `${column} = usage_15m_metadata.${column} + excluded.${column}`);
  await sql.run(
    `INSERT INTO usage_15m_metadata (dimension_id, metadata_value, customer_id, ${[...others, ...rollUpSums].join(", ")})
      SELECT dimension_id, '', CAST($4 AS TEXT), ${[...others, ...sums].join(", ")} FROM usage_15m_metadata ${here}
      GROUP BY dimension_id, ${others.join(", ")}
      ON CONFLICT (tenant, dimension_id, bucket_start_ms, metadata_value, ${rollUpKeys.slice(2).join(", ")})
      DO UPDATE SET ${added.join(", ")}`,
    place,
  );
  await sql.run(`DELETE FROM usage_15m_metadata ${here}`, place.slice(0, 3));
}

/** Sums of the day name the customer, until they are made anew. */
async function forgetDay(sql: Sql, { tenant, customerId }: Task, startMs: number): Promise<void> {
  const covering = "tenant = $1 AND day_start_ms <= $2 AND day_end_ms > $2";
  await sql.run(
    `DELETE FROM usage_day WHERE tenant = $1 AND view IN ('customer_id', 'customer_id,model') AND value = $3
      AND day_start_ms IN (SELECT day_start_ms FROM usage_day_built WHERE ${covering})`,
    [tenant, startMs, customerId],
  );
  await sql.run(`DELETE FROM usage_day_built WHERE ${covering}`, [tenant, startMs]);
}

async function finish(
  sql: Sql,
  task: Task,
  { nowMs, heldRows }: { readonly nowMs: number; readonly heldRows: string | undefined },
): Promise<void> {
  const { tenant, customerId, receipt } = task;
  const whose = [tenant, customerId];
  const conflicts = await shredAside(sql, task, { table: "event_conflicts", number: "conflict_id" });
  const quarantined = await shredAside(sql, task, { table: "quarantined_events", number: "quarantine_id" });
  if (heldRows !== undefined) {
    const held = `SELECT sequence, identity_day, event FROM events WHERE tenant = $1 AND customer_id = $2 AND ${heldRows}`;
    for (const row of await sql.all(held, whose)) await shredRow(sql, task, row);
  }
  const mentions = await sql.all(
    "SELECT body_id, body_position FROM body_mentions WHERE tenant = $1 AND customer_id = $2",
    whose,
  );
  const bodies = (await shredBodies(sql, tenant, mentions)) + conflicts.bodies + quarantined.bodies;
  await sql.run("DELETE FROM body_mentions WHERE tenant = $1 AND customer_id = $2", whose);
  await sql.run(
    "DELETE FROM usage_day WHERE tenant = $1 AND view IN ('customer_id', 'customer_id,model') AND value = $2",
    whose,
  );
  await sql.run(
    `UPDATE erasures SET completed_at_ms = $1, customer_id = NULL, conflicts = $2, quarantined = $3, bodies = bodies + $4
      WHERE tenant = $5 AND receipt = $6`,
    [nowMs, conflicts.rows, quarantined.rows, bodies, tenant, receipt],
  );
}

async function shredRow(sql: Sql, { tenant, tombstone }: Task, row: Row): Promise<void> {
  await sql.run(
    "UPDATE events SET customer_id = $1, event = $2 WHERE tenant = $3 AND identity_day = $4 AND sequence = $5",
    [
      tombstone,
      shredEvent(String(row["event"]), tombstone),
      tenant,
      Number(row["identity_day"]),
      Number(row["sequence"]),
    ],
  );
}

async function shredAside(
  sql: Sql,
  { tenant, customerId, tombstone }: Task,
  { table, number }: { readonly table: string; readonly number: string },
): Promise<{ readonly rows: number; readonly bodies: number }> {
  const rows = await sql.all(`SELECT * FROM ${table} WHERE tenant = $1 AND customer_id = $2`, [tenant, customerId]);
  for (const row of rows) {
    await sql.run(`UPDATE ${table} SET customer_id = $1, event = $2 WHERE tenant = $3 AND ${number} = $4`, [
      tombstone,
      shredEvent(String(row["event"]), tombstone),
      tenant,
      Number(row[number]),
    ]);
  }
  return { rows: rows.length, bodies: await shredBodies(sql, tenant, rows) };
}

/** @returns how many bodies were rewritten */
async function shredBodies(sql: Sql, tenant: string, places: readonly Row[]): Promise<number> {
  const positions = new Map<number, Set<number>>();
  for (const row of places) {
    if (row["body_id"] === null) continue;
    const id = Number(row["body_id"]);
    positions.set(id, (positions.get(id) ?? new Set()).add(Number(row["body_position"])));
  }
  for (const [id, taken] of positions) {
    const [row] = await sql.all("SELECT encoding, body FROM request_bodies WHERE tenant = $1 AND body_id = $2", [
      tenant,
      id,
    ]);
    // Retention may have taken it.
    if (row === undefined) continue;
    const body = shredBody(row["body"] as Uint8Array, String(row["encoding"]), taken);
    await sql.run("UPDATE request_bodies SET encoding = 'zstd', body = $1 WHERE tenant = $2 AND body_id = $3", [
      body,
      tenant,
      id,
    ]);
  }
  return positions.size;
}
