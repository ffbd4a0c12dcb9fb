/** Prices the past anew: R1 to R4 as in ../rerate-store.ts. */
import type { NewRerate, Rerate, RerateScope, RerateStore, UnpricedRow } from "../rerate-store.ts";
import { countUnpriced } from "./count-unpriced.ts";
import { readLines, stepRerate, sumChunk } from "./rerate-step.ts";
import { newSums, selectChunk, toLines } from "./rerate-sums.ts";
import type { Row, Sql } from "./sql.ts";

const columns = `tenant, rerate_id, state, created_at_ms, done_at_ms, only_unpriced, start_ms, end_ms, asked_by, reason,
  next_time_ms, next_sequence, events_seen, events_changed`;

const insertJob = `INSERT INTO rerates (${columns})
  SELECT $1, $2, 'running', $3, NULL, $4, $5, $6, $7, $8, $5, -1, 0, 0
  WHERE NOT EXISTS (SELECT 1 FROM rerates WHERE tenant = $1 AND state = 'running')`;
const selectJob = `SELECT ${columns} FROM rerates WHERE tenant = $1 AND rerate_id = $2`;
const selectJobs = `SELECT ${columns} FROM rerates WHERE tenant = $1 ORDER BY created_at_ms DESC, rerate_id`;
const selectRunning = `SELECT ${columns} FROM rerates WHERE state = 'running' ORDER BY created_at_ms, tenant`;

const selectUnpriced = (
  counted: string,
): string => `SELECT provider, model, operation, service_tier, unpriced_reason, count(*) AS calls,
    min(event_time_ms) AS first_ms, max(event_time_ms) AS last_ms
  FROM events
  WHERE tenant = $1 AND event_time_ms >= $2 AND event_time_ms < $3 AND unpriced_reason IS NOT NULL ${counted}
  GROUP BY provider, model, operation, service_tier, unpriced_reason
  ORDER BY calls DESC, last_ms DESC, unpriced_reason LIMIT 1000`;
const selectTenants = (counted: string): string =>
  `SELECT DISTINCT tenant FROM events WHERE unpriced_reason IS NOT NULL ${counted} ORDER BY tenant`;

/** What differs between engines. */
export interface RerateWays {
  /** Keeps whoever waits for nothing to be appended, to sum up or to declare, out until the transaction ends. */
  readonly holdStill: (transaction: Sql) => Promise<void>;
  /** Leaves out rows that are in no sum. */
  readonly counted: string;
}

/** Events that a preview reads at once. */
const previewChunk = 2_000;

export function createRerateStore(sql: Sql, engine: RerateWays): RerateStore {
  const { counted } = engine;
  return {
    unpriced: async ({ tenant, startMs, endMs }) =>
      (await sql.all(selectUnpriced(counted), [tenant, startMs, endMs])).map(readUnpriced),
    tenantsWithUnpriced: async () => (await sql.all(selectTenants(counted), [])).map((row) => String(row["tenant"])),
    countUnpriced: (mostTenants) => countUnpriced(sql, mostTenants, counted),
    previewRerate: async (scope, reprice) => {
      const sums = newSums();
      let next = { timeMs: scope.startMs, sequence: -1 };
      for (;;) {
        const rows = await selectChunk(sql, scope, { ...next, most: previewChunk, counted });
        next = sumChunk(rows, reprice, sums).next ?? next;
        if (rows.length < previewChunk) break;
      }
      return { eventsSeen: sums.eventsSeen, eventsChanged: sums.eventsChanged, lines: toLines(sums) };
    },
    startRerate: (job) => sql.transaction((now) => startRerate(now, job)),
    stepRerate: (job, step) =>
      sql.transaction(async (now) => {
        await engine.holdStill(now);
        const found = await findJob(now, job.tenant, job.id);
        if (found?.job.state === "running") await stepRerate(now, found, { ...step, counted });
        return (await findJob(now, job.tenant, job.id))?.job;
      }),
    findRerate: async (tenant, id) => {
      const found = await findJob(sql, tenant, id);
      return found && { ...found.job, lines: await readLines(sql, tenant, id) };
    },
    listRerates: async (tenant) => (await sql.all(selectJobs, [tenant])).map(readJob),
    runningRerates: async () => (await sql.all(selectRunning, [])).map(readJob),
  };
}

async function startRerate(sql: Sql, job: NewRerate): Promise<"started" | "busy"> {
  const { tenant, id, createdAtMs, onlyUnpriced, startMs, endMs, askedBy, reason } = job;
  const values = [tenant, id, createdAtMs, onlyUnpriced ? 1 : 0, startMs, endMs, askedBy, reason];
  return (await sql.run(insertJob, values)) === 1 ? "started" : "busy";
}

/** A job, and where it goes on. */
export interface JobAt {
  readonly job: Rerate;
  readonly next: { readonly timeMs: number; readonly sequence: number };
}

async function findJob(sql: Sql, tenant: string, id: string): Promise<JobAt | undefined> {
  const [row] = await sql.all(selectJob, [tenant, id]);
  if (row === undefined) return undefined;
  return { job: readJob(row), next: { timeMs: Number(row["next_time_ms"]), sequence: Number(row["next_sequence"]) } };
}

function readJob(row: Row): Rerate {
  const number = (name: string): number => Number(row[name]);
  const scope: RerateScope = {
    tenant: String(row["tenant"]),
    startMs: number("start_ms"),
    endMs: number("end_ms"),
    onlyUnpriced: number("only_unpriced") === 1,
  };
  return {
    ...scope,
    id: String(row["rerate_id"]),
    createdAtMs: number("created_at_ms"),
    askedBy: String(row["asked_by"]),
    reason: String(row["reason"]),
    state: String(row["state"]) as Rerate["state"],
    doneAtMs: row["done_at_ms"] === null ? null : number("done_at_ms"),
    eventsSeen: number("events_seen"),
    eventsChanged: number("events_changed"),
  };
}

function readUnpriced(row: Row): UnpricedRow {
  const text = (name: string): string | null => (row[name] === null ? null : String(row[name]));
  return {
    provider: text("provider"),
    model: text("model"),
    operation: text("operation"),
    serviceTier: text("service_tier"),
    reason: String(row["unpriced_reason"]),
    calls: Number(row["calls"]),
    firstMs: Number(row["first_ms"]),
    lastMs: Number(row["last_ms"]),
  };
}
