/**
 * The months of the events' partitions.
 *
 * Promise: a batch finds the partitions it needs, and each is made once, whoever needs it first. A month that retention has
 * dropped is never made again: its events are refused, not counted a second time (S2).
 */
import type { Sql } from "../sql/sql.ts";
import { lockFor } from "./advisory-locks.ts";

const dayMs = 86_400_000;

/** From 2020-01-01 to 2050-01-01: what lies outside has partitions that are always there. */
const firstMonthlyDay = 18_262;
export const earlyPartition: { readonly name: string; readonly endDay: number } = {
  name: "events_before_2020",
  endDay: firstMonthlyDay,
};
const firstLateDay = 29_220;

/** The day that stands for no time at all; it never gets too old. */
const timelessDay = 0;

export interface Partitions {
  /**
   * Makes the partitions for events of these days where they are not there.
   *
   * @returns the first day that is kept: events of an earlier day, but for day 0, are too old
   */
  ensure(days: Iterable<number>): Promise<number>;
  /** Forgets which are there: one that was has been found gone. */
  forget(): void;
}

export function createPartitions(sql: Sql): Partitions {
  let known = new Set<string>();
  let oldestDay = 0;
  return {
    ensure: async (days) => {
      const missing = monthsOf(days).filter(({ name }) => !known.has(name));
      if (missing.length > 0) {
        const found = await makeMonths(sql, missing);
        oldestDay = found.oldestDay;
        known = new Set([...known, ...found.names]);
      }
      return oldestDay;
    },
    forget: () => {
      known = new Set();
    },
  };
}

export function isTooOld(day: number, oldestDay: number): boolean {
  return day < oldestDay && day !== timelessDay;
}

/** A partition, from its first day to the one after its last. */
interface Month {
  readonly name: string;
  readonly startDay: number;
  readonly endDay: number;
}

/** The month a day is in, whether it has a partition of its own or not. */
export function monthOf(day: number): Month {
  const date = new Date(day * dayMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return {
    name: `events_${year}_${String(month + 1).padStart(2, "0")}`,
    startDay: Date.UTC(year, month) / dayMs,
    endDay: Date.UTC(year, month + 1) / dayMs,
  };
}

/** Days outside of the monthly stretch are looked up as well, once each: they may be too old. */
function monthsOf(days: Iterable<number>): readonly Month[] {
  const months = new Map<string, Month>();
  for (const day of new Set(days)) {
    const month = monthOf(day);
    months.set(month.name, month);
  }
  return [...months.values()];
}

async function makeMonths(
  sql: Sql,
  wanted: readonly Month[],
): Promise<{ readonly oldestDay: number; readonly names: readonly string[] }> {
  return sql.transaction(async (transaction) => {
    await lockFor(transaction, "partitions");
    const oldestDay = await readOldestDay(transaction);
    const kept = wanted.filter(({ startDay, endDay }) => startDay === timelessDay || endDay > oldestDay);
    const there = new Set(await partitionNames(transaction));
    for (const month of kept) {
      if (hasOwnPartition(month) && !there.has(month.name)) await makePartition(transaction, month);
    }
    return { oldestDay, names: kept.map(({ name }) => name) };
  });
}

function hasOwnPartition({ startDay }: Month): boolean {
  return startDay >= firstMonthlyDay && startDay < firstLateDay;
}

/** Made apart and attached: `PARTITION OF` would wait for every report that reads events, and hold up ingest meanwhile. */
async function makePartition(sql: Sql, { name, startDay, endDay }: Month): Promise<void> {
  await sql.run(`CREATE TABLE ${name} (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)`, []);
  await sql.run(`ALTER TABLE events ATTACH PARTITION ${name} FOR VALUES FROM (${startDay}) TO (${endDay})`, []);
}

export async function readOldestDay(sql: Sql): Promise<number> {
  const [row] = await sql.all("SELECT oldest_day FROM retention WHERE name = 'events'", []);
  return Number(row?.["oldest_day"] ?? 0);
}

export async function partitionNames(sql: Sql): Promise<readonly string[]> {
  const rows = await sql.all(
    `SELECT child.relname AS name FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
      WHERE inhparent = 'events'::regclass ORDER BY child.relname`,
    [],
  );
  return rows.map((row) => String(row["name"]));
}
