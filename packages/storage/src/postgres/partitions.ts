/**
 * The months of the events' partitions.
 *
 * Promise: a batch finds the partitions it needs, and each is made once, whoever needs it first. A month that retention has
 * dropped is never made again: its events are refused, not counted a second time (S2).
 */
import type { Row, Sql } from "../sql/sql.ts";
import { lockFor } from "./advisory-locks.ts";

const dayMs = 86_400_000;

/** From its first day to the one after its last. */
export interface Partition {
  readonly name: string;
  readonly startDay: number;
  readonly endDay: number;
}

/** Those that are always there. Day 0 stands for no time at all, and never gets too old; the others surround the months. */
const timeless: Partition = { name: "events_timeless", startDay: 0, endDay: 1 };
const early: Partition = { name: "events_before_2020", startDay: 1, endDay: 18_262 };
const late: Partition = { name: "events_from_2050", startDay: 29_220, endDay: Number.POSITIVE_INFINITY };

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
      const missing = partitionsOf(days).filter(({ name }) => !known.has(name));
      if (missing.length > 0) {
        const found = await makePartitions(sql, missing);
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
  return day < oldestDay && day !== timeless.startDay;
}

/** The month a day is in, whether it has a partition of its own or not. */
export function monthOf(day: number): Partition {
  const date = new Date(day * dayMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return {
    name: `events_${year}_${String(month + 1).padStart(2, "0")}`,
    startDay: Date.UTC(year, month) / dayMs,
    endDay: Date.UTC(year, month + 1) / dayMs,
  };
}

/** @returns the first day that is not in the partition of that name; `undefined` for one that never gets too old */
export function endDayOf(name: string): number | undefined {
  if (name === early.name) return early.endDay;
  const [, year, month] = /^events_(\d+)_(\d\d)$/.exec(name) ?? [];
  return year === undefined ? undefined : Date.UTC(Number(year), Number(month)) / dayMs;
}

function partitionsOf(days: Iterable<number>): readonly Partition[] {
  const partitions = [...new Set(days)].map(partitionOf);
  return [...new Map(partitions.map((each) => [each.name, each])).values()];
}

function partitionOf(day: number): Partition {
  return [timeless, early, late].find(({ startDay, endDay }) => day >= startDay && day < endDay) ?? monthOf(day);
}

async function makePartitions(
  sql: Sql,
  wanted: readonly Partition[],
): Promise<{ readonly oldestDay: number; readonly names: readonly string[] }> {
  return sql.transaction(async (transaction) => {
    await lockFor(transaction, "partitions");
    const oldestDay = await readOldestDay(transaction);
    const kept = wanted.filter((each) => each === timeless || each.endDay > oldestDay);
    const there = new Set(await partitionNames(transaction));
    for (const each of kept) {
      if (!there.has(each.name)) await makePartition(transaction, each);
    }
    return { oldestDay, names: kept.map(({ name }) => name) };
  });
}

/** Made apart and attached: `PARTITION OF` would wait for every report that reads events, and hold up ingest meanwhile. */
async function makePartition(sql: Sql, { name, startDay, endDay }: Partition): Promise<void> {
  await sql.run(`CREATE TABLE ${name} (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)`, []);
  await sql.run(`ALTER TABLE events ATTACH PARTITION ${name} FOR VALUES FROM (${startDay}) TO (${endDay})`, []);
}

export async function readOldestDay(sql: Sql): Promise<number> {
  const [row] = await sql.all("SELECT oldest_day FROM retention WHERE name = 'events'", []);
  // The migration has entered it.
  return Number((row as Row)["oldest_day"]);
}

export async function partitionNames(sql: Sql): Promise<readonly string[]> {
  const rows = await sql.all(
    `SELECT child.relname AS name FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
      WHERE inhparent = 'events'::regclass ORDER BY child.relname`,
    [],
  );
  return rows.map((row) => String(row["name"]));
}
