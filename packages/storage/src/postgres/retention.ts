/**
 * Drops what is too old to be kept, a month at a time.
 *
 * Promise: partitions are dropped, no event is deleted one by one, and the sums stay. First it is entered what is too old:
 * from then on nobody makes such a month again, so that no event of it is counted a second time (S2). A report that reads
 * a month holds up its drop, not ingest: what cannot be had soon is left for later.
 */
import type { Sql } from "../sql/sql.ts";
import { lockFor } from "./advisory-locks.ts";
import { isLockTimeout } from "./database-errors.ts";
import { endDayOf, monthOf, partitionNames, readOldestDay } from "./partitions.ts";

const dayMs = 86_400_000;

/** Who waits for a table holds up all who come after. */
const lockWaitMs = 500;

export interface Retention {
  /** Partitions that were dropped. */
  readonly dropped: readonly string[];
  /** Partitions that are to be dropped, but were in use. */
  readonly waiting: readonly string[];
}

/** @param horizonMs - epoch ms; the month it lies in is the first that is kept */
export async function dropOlder(sql: Sql, horizonMs: number): Promise<Retention> {
  const oldestDay = await enterOldestDay(sql, monthOf(Math.floor(horizonMs / dayMs)).startDay);
  const names = (await partitionNames(sql)).filter((name) => (endDayOf(name) ?? Infinity) <= oldestDay);
  const dropped: string[] = [];
  const waiting: string[] = [];
  for (const name of names) ((await dropPartition(sql, name)) ? dropped : waiting).push(name);
  return { dropped, waiting };
}

/** It only ever goes up: what was dropped is gone, also for one who would keep more. @returns what holds now */
async function enterOldestDay(sql: Sql, day: number): Promise<number> {
  return sql.transaction(async (transaction) => {
    await lockFor(transaction, "partitions");
    await transaction.run("UPDATE retention SET oldest_day = $1 WHERE name = 'events' AND oldest_day < $1", [day]);
    return readOldestDay(transaction);
  });
}

async function dropPartition(sql: Sql, name: string): Promise<boolean> {
  try {
    await sql.transaction(async (transaction) => {
      await lockFor(transaction, "partitions");
      await transaction.run(`SET LOCAL lock_timeout = ${lockWaitMs}`, []);
      await transaction.run(`DROP TABLE IF EXISTS ${name}`, []);
    });
    return true;
  } catch (error) {
    if (isLockTimeout(error)) return false;
    throw error;
  }
}
