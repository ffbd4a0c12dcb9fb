/** What is set aside is a transaction of its own on PostgreSQL: what becomes of it when something ends between the two. */
import { setImmediate } from "node:timers/promises";

import { bucketMs, type UsageStore } from "@cmdrdata/storage";
import pg from "pg";
import { expect, it } from "vitest";

import { baseMs, sampleEvent } from "../src/contract/sample-events.ts";
import { appendInKilledProcess } from "./killed-process.ts";
import { createPostgresHarness, type PostgresHarness } from "./postgres-harness.ts";

const doubt = { code: "CMDR_EVENT_FUTURE", field: "timestamp", message: "expected a time that has come" } as const;
const body = { encoding: "zstd" as const, bytes: new TextEncoder().encode("a body") };
const known = sampleEvent({ id: "known" });
const other = sampleEvent({ id: "known", contentHash: "hash-2", origin: { body, position: 0 } });
const fresh = sampleEvent({ id: "new", origin: { body, position: 1 } });
const inDoubt = ["1", "2"].map((id) => sampleEvent({ id, doubts: [doubt] }));
const batch = [other, ...inDoubt, fresh];

/** With a transaction of somebody else's, open. */
async function withOther(
  test: (place: { harness: PostgresHarness; store: UsageStore; client: pg.Client }) => Promise<void>,
) {
  const harness = await createPostgresHarness();
  const store = await harness.open();
  const client = new pg.Client({ connectionString: harness.url });
  try {
    await store.append([known]);
    await client.connect();
    await client.query("BEGIN");
    await test({ harness, store, client });
  } finally {
    await client.end();
    await store.close();
    await harness.remove();
  }
}

async function waiting({ query }: PostgresHarness): Promise<void> {
  const waiters = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  while ((await query(waiters)).length === 0) await setImmediate();
}

async function countsOf(store: UsageStore) {
  const ranges = [{ startMs: baseMs, endMs: baseMs + bucketMs }];
  const [row] = await store.usage({ tenant: "acme", ranges, groupBy: [] });
  const conflicts = await store.conflicts({ tenant: "acme", limit: 9 });
  return {
    calls: row?.sums.calls,
    conflicts: conflicts.items.map(({ timesReceived }) => timesReceived),
    quarantined: (await store.quarantined({ tenant: "acme", limit: 9 })).total,
  };
}

it.each([
  ["before any of it", "event_conflicts"],
  ["in the midst of it", "quarantined_events"],
])(
  "is not there, and nothing was answered, when the process is killed %s; sent again, it is there once",
  (_when, table) =>
    withOther(async ({ harness, store, client }) => {
      await client.query(`LOCK TABLE ${table} IN EXCLUSIVE MODE`);
      await appendInKilledProcess("postgres", harness.url, batch, () => waiting(harness));
      expect(await countsOf(store)).toEqual({ calls: 2, conflicts: [], quarantined: 0 });
      await client.query("ROLLBACK");
      expect(await store.append(batch)).toEqual([
        { kind: "duplicate", conflict: true },
        { kind: "quarantined" },
        { kind: "quarantined" },
        { kind: "duplicate", conflict: false },
      ]);
      expect(await countsOf(store)).toEqual({ calls: 2, conflicts: [1], quarantined: 2 });
      expect(await harness.storedEvents()).toHaveLength(2);
      // It has come twice then, and is said to have.
      await store.append(batch);
      expect(await countsOf(store)).toEqual({ calls: 2, conflicts: [2], quarantined: 2 });
    }),
);

it("is tried again by itself after a deadlock: each is answered as what it is, and received once", () =>
  withOther(async ({ harness, store, client }) => {
    const copied = `INSERT INTO events SELECT (jsonb_populate_record(e, jsonb_build_object('event_id', $1::text))).* FROM events e WHERE event_id = 'known'`;
    // The store is the one to give way: it looks for a deadlock after a second, this transaction after a minute.
    await client.query("SET deadlock_timeout = '60s'");
    await client.query(copied, ["2"]);
    const appending = store.append([...batch, { ...other, id: "0", doubts: [doubt] }]);
    await waiting(harness);
    await client.query(copied, ["1"]);
    await client.query("ROLLBACK");
    expect(await appending).toEqual([
      { kind: "duplicate", conflict: true },
      { kind: "quarantined" },
      { kind: "quarantined" },
      { kind: "inserted" },
      { kind: "quarantined" },
    ]);
    expect(await countsOf(store)).toEqual({ calls: 2, conflicts: [1], quarantined: 3 });
  }));
