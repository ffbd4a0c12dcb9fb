/** That what has no price is counted over its own index, and over no event. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import pg from "pg";
import { expect, it } from "vitest";

import { baseMs, sampleEvent, unpriced } from "../src/contract/sample-events.ts";
import { countUnpriced } from "../src/sql/count-unpriced.ts";
import type { Row, Sql } from "../src/sql/sql.ts";
import { openPostgresStore } from "../src/postgres/index.ts";
import { openSqliteStore } from "../src/sqlite/index.ts";
import type { UsageStore } from "../src/store.ts";
import { createPostgresHarness } from "./postgres-harness.ts";

const now = (): number => baseMs;

/** The statements of a count, each seen by `see` and not run. */
async function statementsOf(counted: string): Promise<readonly string[]> {
  const texts: string[] = [];
  const all = async (text: string): Promise<readonly Row[]> => (texts.push(text), []);
  await countUnpriced({ all } as unknown as Sql, 0, counted);
  return texts;
}

async function fill(store: UsageStore): Promise<void> {
  const of = (index: number) => ({ id: `event-${index}`, ...(index % 10 === 0 ? { cost: unpriced } : {}) });
  await store.append(Array.from({ length: 500 }, (_, index) => sampleEvent(of(index))));
}

it("on SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-count-"));
  const path = join(folder, "x.db");
  const store = openSqliteStore({ path, now });
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    await fill(store);
    const [count] = await statementsOf("");
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${count}`).all();
    expect(plan.map(({ detail }) => detail)).toEqual(["SCAN events USING COVERING INDEX events_unpriced_reasons"]);
  } finally {
    database.close();
    await store.close();
    rmSync(folder, { recursive: true });
  }
});

it("on PostgreSQL", async () => {
  const harness = await createPostgresHarness();
  const store = await openPostgresStore({ connectionString: harness.url, now });
  const client = new pg.Client({ connectionString: harness.url });
  try {
    await fill(store);
    await client.connect();
    await client.query("VACUUM ANALYZE events");
    // Of a table as small as this one, the planner would read the whole.
    await client.query("SET enable_seqscan = off");
    const [count] = await statementsOf("AND NOT quarantined");
    const { rows } = await client.query<Readonly<Record<"QUERY PLAN", string>>>(`EXPLAIN ${count}`);
    const scans = rows.map((row) => row["QUERY PLAN"]).filter((line) => line.includes("Scan"));
    expect(scans.length).toBeGreaterThan(0);
    expect(scans.filter((line) => !line.includes("Index Only Scan using events"))).toEqual([]);
    expect(scans.join()).toContain("_unpriced_reason");
  } finally {
    await client.end();
    await store.close();
    await harness.remove();
  }
});
