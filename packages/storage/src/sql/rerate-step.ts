/**
 * One step of a job that prices the past anew, in the transaction it is given.
 *
 * Promise: R1 as in ../rerate-store.ts. The step begins with the job's own row, which says where it goes on: of two
 * processes that step the same job at once, the second finds it moved on and changes nothing (R2).
 */
import { parseEvent } from "@cmdrdata/protocol";

import { costLines } from "../event-row.ts";
import { joinMoney, splitMoney } from "../money.ts";
import type { Reprice, RerateLine } from "../rerate-store.ts";
import { type Changed, changeRollUps, expectOne, lockDimensions } from "./rerate-roll-ups.ts";
import { addToSums, newSums, type RerateSums, selectChunk, toLines } from "./rerate-sums.ts";
import type { JobAt } from "./rerates.ts";
import type { Row, Sql } from "./sql.ts";

const claimStep = `UPDATE rerates SET next_time_ms = $3, next_sequence = $4, events_seen = events_seen + $5,
    events_changed = events_changed + $6, state = $7, done_at_ms = $8
  WHERE tenant = $1 AND rerate_id = $2 AND next_time_ms = $9 AND next_sequence = $10 AND state = 'running'`;

const updateEvent = `UPDATE events SET cost_milli_usd = $4, cost_rest_pico_usd = $5, unpriced_reason = $6,
    book_version = $7, cost_lines = $8
  WHERE tenant = $1 AND event_time_ms = $2 AND sequence = $3`;

const lineSums = [
  "events_changed",
  "unpriced_before",
  "unpriced_after",
  "milli_usd_before",
  "rest_pico_usd_before",
  "milli_usd_after",
  "rest_pico_usd_after",
];
const addLine = `INSERT INTO rerate_lines (tenant, rerate_id, customer_id, month, ${lineSums.join(", ")})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (tenant, rerate_id, customer_id, month)
  DO UPDATE SET ${lineSums.map((column) => `${column} = rerate_lines.${column} + excluded.${column}`).join(", ")}`;
const selectLines = `SELECT customer_id, month, ${lineSums.join(", ")} FROM rerate_lines
  WHERE tenant = $1 AND rerate_id = $2 ORDER BY month, customer_id`;

export interface SummedChunk {
  readonly changed: readonly Changed[];
  /** Where the next chunk goes on; `undefined` when there was none. */
  readonly next: { readonly timeMs: number; readonly sequence: number } | undefined;
}

/** Prices the rows and adds them to the sums. */
export function sumChunk(rows: readonly Row[], reprice: Reprice, sums: RerateSums): SummedChunk {
  const changed: Changed[] = [];
  for (const row of rows) {
    const timeMs = Number(row["event_time_ms"]);
    const cost = reprice(parseEvent(JSON.parse(String(row["event"]))).event, timeMs);
    const before = costOf(row);
    const after = cost.kind === "priced" ? cost.picoUsd : null;
    const other = before !== after || (cost.kind === "unpriced" && cost.reason !== row["unpriced_reason"]);
    if (other) changed.push({ row, timeMs, before, cost });
    addToSums(sums, { timeMs, customerId: String(row["customer_id"] ?? ""), before, after, changed: other });
  }
  const last = rows.at(-1);
  return { changed, next: last && { timeMs: Number(last["event_time_ms"]), sequence: Number(last["sequence"]) } };
}

export async function stepRerate(
  sql: Sql,
  { job, next }: JobAt,
  {
    reprice,
    most,
    nowMs,
    counted,
  }: { readonly reprice: Reprice; readonly most: number; readonly nowMs: number; readonly counted: string },
): Promise<void> {
  const dimensions = await lockDimensions(sql, job.tenant);
  // Its events are being added up by another transaction, at what they cost before: the step waits for that.
  if (dimensions.some(({ backfilledTo, backfillUntil }) => backfilledTo < backfillUntil)) return;
  const rows = await selectChunk(sql, job, { ...next, most, counted });
  const sums = newSums();
  const chunk = sumChunk(rows, reprice, sums);
  const after = chunk.next ?? next;
  const done = rows.length < most;
  const claimed = await sql.run(claimStep, [
    job.tenant,
    job.id,
    after.timeMs,
    after.sequence,
    sums.eventsSeen,
    sums.eventsChanged,
    done ? "done" : "running",
    done ? nowMs : null,
    next.timeMs,
    next.sequence,
  ]);
  if (claimed !== 1) return;
  for (const each of chunk.changed) await changeEvent(sql, job.tenant, each);
  await changeRollUps(sql, { tenant: job.tenant, dimensions }, chunk.changed);
  await noteLines(sql, job, toLines(sums));
}

export async function readLines(sql: Sql, tenant: string, id: string): Promise<readonly RerateLine[]> {
  const money = (row: Row, when: string): bigint =>
    joinMoney(integer(row, `milli_usd_${when}`), integer(row, `rest_pico_usd_${when}`));
  return (await sql.all(selectLines, [tenant, id])).map((row) => ({
    customerId: row["customer_id"] === "" ? null : String(row["customer_id"]),
    month: String(row["month"]),
    eventsChanged: Number(row["events_changed"]),
    unpricedBefore: Number(row["unpriced_before"]),
    unpricedAfter: Number(row["unpriced_after"]),
    picoUsdBefore: money(row, "before"),
    picoUsdAfter: money(row, "after"),
  }));
}

async function changeEvent(sql: Sql, tenant: string, { row, timeMs, cost }: Changed): Promise<void> {
  const money = cost.kind === "priced" ? splitMoney(cost.picoUsd) : undefined;
  const changed = await sql.run(updateEvent, [
    tenant,
    timeMs,
    Number(row["sequence"]),
    money?.milliUsd ?? null,
    money?.restPicoUsd ?? null,
    cost.kind === "unpriced" ? cost.reason : null,
    cost.bookVersion,
    costLines(cost),
  ]);
  expectOne(changed, "event");
}

async function noteLines(sql: Sql, job: JobAt["job"], lines: readonly RerateLine[]): Promise<void> {
  for (const line of lines) {
    const [before, after] = [splitMoney(line.picoUsdBefore), splitMoney(line.picoUsdAfter)];
    await sql.run(addLine, [
      job.tenant,
      job.id,
      line.customerId ?? "",
      line.month,
      line.eventsChanged,
      line.unpricedBefore,
      line.unpricedAfter,
      before.milliUsd,
      before.restPicoUsd,
      after.milliUsd,
      after.restPicoUsd,
    ]);
  }
}

function costOf(row: Row): bigint | null {
  if (row["cost_milli_usd"] === null) return null;
  return joinMoney(integer(row, "cost_milli_usd"), integer(row, "cost_rest_pico_usd"));
}

function integer(row: Row, column: string): bigint {
  return BigInt(row[column] as number | bigint);
}
