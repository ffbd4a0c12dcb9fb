/** What the contract does not ask for: migrations among many, partitions, retention, what is not a database of ours. */
import { bucketMs } from "@cmdrdata/storage";
import pg from "pg";
import { describe, expect, it } from "vitest";

import { baseMs, sampleEvent } from "../src/contract/sample-events.ts";
import { migrate } from "../src/postgres/migrate.ts";
import { migrations } from "../src/postgres/migrations/index.ts";
import { openPostgresStore, type PostgresStore } from "../src/postgres/index.ts";
import { createPool } from "../src/postgres/connect.ts";
import { createPostgresSql } from "../src/postgres/postgres-sql.ts";
import type { Sql } from "../src/sql/sql.ts";
import { migrations as sqliteMigrations } from "../src/sqlite/migrations/index.ts";
import { createPostgresHarness, type PostgresHarness } from "./postgres-harness.ts";

const now = (): number => 1_000.5;
const dayMs = 86_400_000;
const coded = (code: string): Error => expect.objectContaining({ code }) as Error;

function withDatabase(test: (database: PostgresHarness) => Promise<void>): () => Promise<void> {
  return async () => {
    const database = await createPostgresHarness();
    try {
      await test(database);
    } finally {
      await database.remove();
    }
  };
}

function withStore(test: (store: PostgresStore, database: PostgresHarness) => Promise<void>): () => Promise<void> {
  return withDatabase(async (database) => {
    const store = await openPostgresStore({ connectionString: database.url, now });
    try {
      await test(store, database);
    } finally {
      await store.close();
    }
  });
}

async function withSql(url: string, work: (sql: Sql) => Promise<void>): Promise<void> {
  const pool = createPool({ connectionString: url, maxConnections: 2, statementTimeoutMs: 10_000, readOnly: false });
  try {
    await work(createPostgresSql(pool));
  } finally {
    await pool.end();
  }
}

const ledgerOf = (database: PostgresHarness) =>
  database.query("SELECT version, name, applied_at_ms FROM schema_migrations ORDER BY version");
const partitionsOf = async (database: PostgresHarness): Promise<readonly unknown[]> => {
  const query =
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'events'::regclass ORDER BY 1";
  return (await database.query(query)).map(({ name }) => name);
};
const always = ["events_before_2020", "events_from_2050", "events_timeless"];

describe("migrations on PostgreSQL", () => {
  it("have the numbers and names of those on SQLite, without a gap", () => {
    const names = migrations.map(({ version, name }) => [version, name]);
    expect(names).toEqual(sqliteMigrations.map(({ version, name }) => [version, name]).slice(0, names.length));
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  });

  it(
    "run once when many processes start at the same time",
    withDatabase(async (database) => {
      const open = () => openPostgresStore({ connectionString: database.url, now });
      const stores = await Promise.all(Array.from({ length: 6 }, open));
      expect(await ledgerOf(database)).toEqual(
        migrations.map(({ version, name }) => ({ version, name, applied_at_ms: "1000" })),
      );
      for (const store of stores) await store.check();
      await Promise.all(stores.map((store) => store.close()));
    }),
  );

  it(
    "leave neither table nor ledger row of one that fails, and run only what is missing",
    withStore(async (_store, database) => {
      const next = migrations.length + 1;
      const broken = { version: next, name: "broken", sql: "CREATE TABLE half (id INTEGER); SELECT nonsense" };
      const more = {
        version: next,
        name: "more",
        sql: "CREATE TABLE more (id INTEGER); CREATE TABLE most (id INTEGER)",
      };
      await withSql(database.url, async (sql) => {
        await expect(migrate(sql, now, [...migrations, broken])).rejects.toThrow("nonsense");
        expect(await ledgerOf(database)).toHaveLength(migrations.length);
        await migrate(sql, now, [...migrations, more]);
        await sql.run("INSERT INTO most VALUES (1)", []);
        await expect(sql.all("SELECT * FROM half", [])).rejects.toThrow("does not exist");
      });
    }),
  );

  it(
    "refuse a schema that a newer release has made, untouched",
    withStore(async (store, database) => {
      await database.query("INSERT INTO schema_migrations VALUES (99, 'future', 0)");
      await expect(openPostgresStore({ connectionString: database.url, now })).rejects.toThrow(
        coded("CMDR_SCHEMA_TOO_NEW"),
      );
      await expect(store.check()).rejects.toThrow(coded("CMDR_SCHEMA_TOO_NEW"));
    }),
  );

  it(
    "are not run by a reader, which says that they are missing",
    withDatabase(async (database) => {
      const reader = await openPostgresStore({ connectionString: database.url, now, readOnly: true });
      await expect(reader.check()).rejects.toThrow(coded("CMDR_NOT_READY"));
      await reader.close();
      await reader.close();
    }),
  );
});

describe("partitions", () => {
  it(
    "are made for the months that events are of, and for no other; what claims an absurd time makes none",
    withStore(async (store, database) => {
      expect(await partitionsOf(database)).toEqual(always);
      const times = [0, Date.UTC(1999, 5, 1), Date.UTC(2026, 10, 30, 23, 59), Date.UTC(2026, 11, 1), Date.UTC(2049, 11, 31), Date.UTC(2050, 0, 1), 2 ** 48 - 1]; // prettier-ignore
      const batch = times.map((identityTimeMs, index) => sampleEvent({ id: `${index}`, identityTimeMs }));
      expect(await store.append(batch)).toEqual(times.map(() => ({ kind: "inserted" })));
      expect(await store.append(batch)).toEqual(times.map(() => ({ kind: "duplicate", conflict: false })));
      expect(await partitionsOf(database)).toEqual(["events_2026_11", "events_2026_12", "events_2049_12", ...always]);
    }),
  );

  it(
    "are made once when many stores need them at the same time, and ids count once among them",
    withDatabase(async (database) => {
      const open = () => openPostgresStore({ connectionString: database.url, now });
      const stores = await Promise.all(Array.from({ length: 3 }, open));
      const batch = Array.from({ length: 400 }, (_, index) =>
        sampleEvent({
          id: `${index}`,
          identityTimeMs: Date.UTC(2026, index % 12, 5),
          event: { customer_id: `${index % 7}` },
        }),
      );
      // In other orders, so that writers who did not sort would meet crosswise.
      const orders = [
        batch,
        batch.toReversed(),
        batch.toSorted((a, b) => (a.event.customer_id! < b.event.customer_id! ? -1 : 1)),
      ];
      const outcomes = await Promise.all(stores.flatMap((store) => orders.map((order) => store.append(order))));
      const inserted = outcomes.flat().filter(({ kind }) => kind === "inserted");
      expect(inserted).toHaveLength(batch.length);
      const ranges = [{ startMs: baseMs, endMs: baseMs + bucketMs }];
      expect(await stores[0]?.usage({ tenant: "acme", ranges, groupBy: [] })).toMatchObject([{ sums: { calls: 400 } }]);
      await Promise.all(stores.map((store) => store.close()));
    }),
  );
});

describe("append", () => {
  it(
    "tries again what PostgreSQL has ended because of a deadlock with another program's transaction",
    withStore(async (store, database) => {
      const [first, second] = [sampleEvent({ id: "1" }), sampleEvent({ id: "2" })];
      await store.append([sampleEvent({ id: "makes the month" })]);
      const other = new pg.Client({ connectionString: database.url });
      await other.connect();
      const columns =
        "tenant, identity_day, event_id, content_hash, event_time_ms, received_at_ms, unpriced_reason, book_version, cost_lines, problems, event";
      const insert = (id: string) =>
        other.query(
          `INSERT INTO events (${columns}) VALUES ('acme', ${Math.floor(baseMs / dayMs)}, '${id}', 'h', 0, 0, 'none', '', '', '', '')`,
        );
      // The store is the one to give way: it looks for a deadlock after a second, this transaction after a minute.
      await other.query("SET deadlock_timeout = '60s'; BEGIN");
      await insert("2");
      const appending = store.append([first, second]);
      while (await isIdle(database)) await Promise.resolve();
      await insert("1");
      await other.query("ROLLBACK");
      expect(await appending).toEqual([{ kind: "inserted" }, { kind: "inserted" }]);
      await other.end();
    }),
  );

  /** Whether nobody waits for a lock. */
  async function isIdle(database: PostgresHarness): Promise<boolean> {
    const query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    return (await database.query(query)).length === 0;
  }
});

describe("retention", () => {
  const inMonth = (month: number, id = `${month}`) => sampleEvent({ id, identityTimeMs: Date.UTC(2026, month, 15) });
  const ranges = [{ startMs: baseMs, endMs: baseMs + bucketMs }];
  const calls = async (store: PostgresStore) =>
    (await store.usage({ tenant: "acme", ranges, groupBy: [] })).map(({ sums }) => sums.calls);

  it(
    "drops whole months before the horizon's, keeps the sums, and takes nothing of them again (S2)",
    withStore(async (store, database) => {
      const other = await openPostgresStore({ connectionString: database.url, now });
      const old = sampleEvent({ id: "1999", identityTimeMs: Date.UTC(1999, 1, 1) });
      const timeless = sampleEvent({ id: "timeless", identityTimeMs: 0 });
      const all = [old, timeless, ...[0, 1, 2].map((month) => inMonth(month))];
      await other.append(all);
      const horizonMs = Date.UTC(2026, 1, 20);
      expect(await store.dropOlder(horizonMs)).toEqual({
        dropped: ["events_2026_01", "events_before_2020"],
        waiting: [],
      });
      // The other store believes that January is there; a third one has never known it.
      for (const each of [other, store]) {
        expect(await each.append([...all, inMonth(0, "late"), inMonth(1, "kept too")])).toMatchObject([
          { kind: "expired" },
          { kind: "duplicate", conflict: false },
          { kind: "expired" },
          { kind: "duplicate" },
          { kind: "duplicate" },
          { kind: "expired" },
          {},
        ]);
      }
      expect(await calls(store)).toEqual([6]);
      expect(await partitionsOf(database)).toEqual([
        "events_2026_02",
        "events_2026_03",
        "events_from_2050",
        "events_timeless",
      ]);
      await other.close();
    }),
  );

  it(
    "never goes back: one who would keep more does not get again what was dropped",
    withStore(async (store) => {
      await store.append([inMonth(0)]);
      await store.dropOlder(Date.UTC(2026, 2, 1));
      expect(await store.dropOlder(Date.UTC(2025, 0, 1))).toEqual({ dropped: [], waiting: [] });
      expect(await store.append([inMonth(1)])).toEqual([{ kind: "expired" }]);
    }),
  );

  it(
    "leaves a month that a report reads for later, and ingest goes on meanwhile",
    withStore(async (store, database) => {
      await store.append([inMonth(0), inMonth(3)]);
      const report = new pg.Client({ connectionString: database.url });
      await report.connect();
      await report.query("BEGIN; SELECT count(*) FROM events");
      expect(await store.dropOlder(Date.UTC(2026, 2, 1))).toEqual({
        dropped: [],
        waiting: ["events_2026_01", "events_before_2020"],
      });
      expect(await store.append([inMonth(3, "new")])).toEqual([{ kind: "inserted" }]);
      await report.end();
      expect(await store.dropOlder(Date.UTC(2026, 2, 1) + dayMs)).toMatchObject({ waiting: [] });
    }),
  );
});

describe("openPostgresStore", () => {
  const open = (connectionString: string) => openPostgresStore({ connectionString, now });

  it("says in one line where there is no server, with neither name nor password", async () => {
    const opening = open("postgres://me:secret@127.0.0.1:1/ledger");
    await expect(opening).rejects.toThrow(coded("CMDR_DATABASE_UNREACHABLE"));
    await expect(opening).rejects.toThrow(/^cannot use the database at 127\.0\.0\.1:1\/ledger \(connect ECONNREFUSED/);
    await expect(opening).rejects.not.toThrow(/secret|me:/);
  });

  it(
    "says that the password is wrong, and that the database is not there",
    withDatabase(async ({ url }) => {
      const wrong = Object.assign(new URL(url), { password: "hunter2" }).href;
      await expect(open(wrong)).rejects.toThrow(/password authentication failed/);
      await expect(open(wrong)).rejects.not.toThrow(/hunter2/);
      await expect(open(Object.assign(new URL(url), { pathname: "/nowhere" }).href)).rejects.toThrow("does not exist");
    }),
  );

  it(
    "refuses a database that is not UTF8",
    withDatabase(async (database) => {
      const name = `${new URL(database.url).pathname.slice(1)}_latin`;
      await database.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1'`);
      await expect(open(Object.assign(new URL(database.url), { pathname: `/${name}` }).href)).rejects.toThrow(
        /expected PostgreSQL 15 or newer with encoding UTF8 at .*, got encoding LATIN1/,
      );
      await database.query(`DROP DATABASE ${name}`);
    }),
  );

  /** Lets the database say another value for what it is asked by name, before the system's own function does. */
  const pretend = async (database: PostgresHarness, definition: string): Promise<void> => {
    const name = new URL(database.url).pathname.slice(1);
    await database.query(`CREATE SCHEMA pretence; CREATE FUNCTION pretence.${definition};
      ALTER DATABASE ${name} SET search_path = pretence, pg_catalog, public`);
  };

  it(
    "refuses a server that is too old",
    withDatabase(async (database) => {
      await pretend(
        database,
        `current_setting(name TEXT) RETURNS TEXT LANGUAGE sql AS
          $$ SELECT CASE name WHEN 'server_version_num' THEN '140011' ELSE pg_catalog.current_setting(name) END $$`,
      );
      await expect(open(database.url)).rejects.toThrow(/expected PostgreSQL 15 or newer .*, got version 14$/);
    }),
  );

  it(
    "is not ready on a standby, which cannot be written",
    withDatabase(async (database) => {
      await pretend(database, "pg_is_in_recovery() RETURNS BOOLEAN LANGUAGE sql AS 'SELECT true'");
      const store = await open(database.url);
      await expect(store.check()).rejects.toMatchObject({ code: "CMDR_DATABASE_UNREACHABLE", retryable: true });
      await store.close();
    }),
  );

  it(
    "waits for the disk also where the database does not by default (S1)",
    withDatabase(async (database) => {
      const name = new URL(database.url).pathname.slice(1);
      await database.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
      await withSql(database.url, async (sql) => {
        expect(await sql.all("SELECT current_setting('synchronous_commit') AS waits", [])).toEqual([{ waits: "on" }]);
      });
    }),
  );

  it(
    "refuses to write as a reader, and ends a report that takes too long",
    withStore(async (store, database) => {
      const options = { connectionString: database.url, now, readOnly: true, statementTimeoutMs: 150 };
      const reader = await openPostgresStore(options);
      await expect(reader.append([sampleEvent()])).rejects.toThrow("read-only");
      const blocker = new pg.Client({ connectionString: database.url });
      await blocker.connect();
      await blocker.query("BEGIN; LOCK TABLE usage_15m IN ACCESS EXCLUSIVE MODE");
      const ranges = [{ startMs: baseMs, endMs: baseMs + bucketMs }];
      await expect(reader.usage({ tenant: "acme", ranges, groupBy: [] })).rejects.toThrow(coded("CMDR_QUERY_TOO_LONG"));
      await blocker.end();
      expect(await reader.usage({ tenant: "acme", ranges, groupBy: [] })).toEqual([]);
      await Promise.all([reader.close(), store.check()]);
    }),
  );

  it(
    "goes on with new connections after the server has ended the old ones",
    withStore(async (store, database) => {
      await store.append([sampleEvent()]);
      await database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cmdrdata'",
      );
      const again = async (): Promise<unknown> =>
        store.append([sampleEvent({ id: "2" })]).catch((error: unknown) => {
          expect(error).toMatchObject({ code: "CMDR_DATABASE_UNREACHABLE", retryable: true });
          return again();
        });
      expect(await again()).toHaveLength(1);
    }),
  );
});

describe("distribute", () => {
  it(
    "has a statement for every table there is, and says that Citus is missing",
    withStore(async (store, database) => {
      const tables = await database.query(
        "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition",
      );
      const statements = await store.distribute({ dryRun: true });
      const named = statements.map((statement) => /table\('(\w+)'/.exec(statement)?.[1]);
      expect(new Set(named)).toEqual(new Set(tables.map(({ name }) => name)));
      expect(named).toHaveLength(tables.length);
      await expect(store.distribute({ dryRun: false })).rejects.toThrow(coded("CMDR_CITUS_MISSING"));
    }),
  );

  it(
    "leaves out what is distributed already (on a stand-in of Citus's catalog and functions)",
    withStore(async (store, database) => {
      await database.query(`
        CREATE TABLE pg_dist_partition (logicalrelid regclass);
        CREATE TABLE calls (text TEXT);
        CREATE FUNCTION create_reference_table(name TEXT) RETURNS void LANGUAGE sql AS
          $$ INSERT INTO calls VALUES (name); INSERT INTO pg_dist_partition VALUES (name::regclass) $$;
        CREATE FUNCTION create_distributed_table(name TEXT, key TEXT, colocate_with TEXT DEFAULT 'default') RETURNS void LANGUAGE sql AS
          $$ INSERT INTO calls VALUES (name || ' by ' || key || ' with ' || colocate_with); INSERT INTO pg_dist_partition VALUES (name::regclass) $$;
        SET allow_system_table_mods = on;
        INSERT INTO pg_extension SELECT 999999, 'citus', extowner, extnamespace, false, '1', NULL, NULL FROM pg_extension LIMIT 1`);
      await database.query("INSERT INTO pg_dist_partition VALUES ('api_keys')");
      const done = await store.distribute({ dryRun: false });
      expect(done).not.toContain("SELECT create_reference_table('api_keys')");
      const calls = (await database.query("SELECT text FROM calls")).map(({ text }) => text);
      expect(calls).toEqual(
        expect.arrayContaining(["events by tenant with default", "usage_15m by tenant with events"]),
      );
      expect(await store.distribute({ dryRun: false })).toEqual([]);
      await database.query("DELETE FROM pg_extension WHERE extname = 'citus'");
    }),
  );
});
