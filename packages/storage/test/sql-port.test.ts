/** The `Sql` port, the same on both engines. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, it } from "vitest";

import { createPool } from "../src/postgres/connect.ts";
import { createPostgresSql } from "../src/postgres/postgres-sql.ts";
import type { Sql } from "../src/sql/sql.ts";
import { createPrepare } from "../src/sqlite/prepared.ts";
import { createExclusive, createSqliteSql } from "../src/sqlite/sqlite-sql.ts";
import { createPostgresHarness } from "./postgres-harness.ts";

type Engine = (test: (sql: Sql) => Promise<void>) => Promise<void>;

async function onSqlite(test: (sql: Sql) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-sql-"));
  const database = new DatabaseSync(join(folder, "x.db"));
  try {
    const prepare = createPrepare(database);
    await test(createSqliteSql(database, { prepare, exclusive: createExclusive(), readOnly: false }));
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

async function onPostgres(test: (sql: Sql) => Promise<void>): Promise<void> {
  const harness = await createPostgresHarness();
  const pool = createPool({
    connectionString: harness.url,
    maxConnections: 3,
    statementTimeoutMs: 10_000,
    readOnly: false,
  });
  try {
    await test(createPostgresSql(pool));
  } finally {
    await pool.end();
    await harness.remove();
  }
}

const table = "CREATE TABLE numbers (id BIGINT PRIMARY KEY, name TEXT)";
const names = async (sql: Sql) => (await sql.all("SELECT name FROM numbers ORDER BY id", [])).map(({ name }) => name);
const add = (sql: Sql, id: number, name: string) => sql.run("INSERT INTO numbers VALUES ($1, $2)", [id, name]);

describe.each<[string, Engine]>([
  ["SQLite", onSqlite],
  ["PostgreSQL", onPostgres],
])("Sql on %s", (_name, engine) => {
  it("counts changed rows, takes a placeholder twice, and keeps 64-bit integers and bytes whole", () =>
    engine(async (sql) => {
      await sql.run(table, []);
      expect(await sql.run("INSERT INTO numbers VALUES ($1, $2), (9223372036854775807, $2)", [1, "a"])).toBe(2);
      expect(await sql.run("UPDATE numbers SET name = 'b' WHERE id = $1", [9_223_372_036_854_775_807n])).toBe(1);
      const rows = await sql.all("SELECT id FROM numbers WHERE id > $1", [1]);
      expect(rows.map(({ id }) => BigInt(id as bigint | number))).toEqual([9_223_372_036_854_775_807n]);
    }));

  it("gives lists in the order of the columns, with integers of 64 bits whole, time and again", () =>
    engine(async (sql) => {
      await sql.run(table, []);
      await add(sql, 1, "a");
      const lists = async (): Promise<unknown> =>
        (await sql.lists("SELECT name, id FROM numbers WHERE id >= $1 ORDER BY id", [1])).map(([name, id]) => [
          name,
          BigInt(id as bigint | number),
        ]);
      expect(await lists()).toEqual([["a", 1n]]);
      await sql.run("INSERT INTO numbers VALUES (9223372036854775807, 'b')", []);
      const both = [["a", 1n], ["b", 9_223_372_036_854_775_807n]]; // prettier-ignore
      expect([await lists(), await lists()]).toEqual([both, both]);
      await sql.run("DELETE FROM numbers WHERE id > 1", []);
      expect(await sql.snapshot((inside) => inside.lists("SELECT id, name FROM numbers", []))).toHaveLength(1);
      await expect(sql.lists("SELECT id FROM nothing", [])).rejects.toThrow("nothing");
    }));

  it("commits the whole of a transaction, or leaves nothing of it, also of one inside", () =>
    engine(async (sql) => {
      await sql.run(table, []);
      const failing = sql.transaction(async (outer) => {
        await add(outer, 1, "lost");
        await outer.transaction((inner) => add(inner, 2, "lost too"));
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
      expect(await names(sql)).toEqual([]);
      expect(await sql.transaction((inside) => add(inside, 3, "kept"))).toBe(1);
      await expect(sql.transaction((inside) => add(inside, 3, "twice"))).rejects.toThrow(/unique/i);
      expect(await names(sql)).toEqual(["kept"]);
    }));

  it("draws nobody else's statement into a transaction", () =>
    engine(async (sql) => {
      await sql.run(table, []);
      let other: Promise<number> | undefined;
      const failing = sql.transaction(async (inside) => {
        other = add(sql, 1, "beside");
        await add(inside, 2, "lost");
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
      expect(await other).toBe(1);
      expect(await names(sql)).toEqual(["beside"]);
    }));

  it("reads one state in a snapshot", () =>
    engine(async (sql) => {
      await sql.run(table, []);
      await add(sql, 1, "a");
      let other: Promise<number> | undefined;
      const seen = await sql.snapshot(async (now) => {
        const first = await names(now);
        other = add(sql, 2, "b");
        await Promise.race([other, new Promise((resolve) => void setImmediate(resolve))]);
        return [first, await now.snapshot(names)];
      });
      expect(seen).toEqual([["a"], ["a"]]);
      await other;
      expect(await names(sql)).toEqual(["a", "b"]);
    }));
});

it("gives a connection back that ended within a transaction, and goes on with another (PostgreSQL)", () =>
  onPostgres(async (sql) => {
    await sql.run(table, []);
    for (let times = 0; times < 5; times += 1) {
      const ended = sql.transaction((inside) => inside.all("SELECT pg_terminate_backend(pg_backend_pid())", []));
      await expect(ended).rejects.toMatchObject({ code: "CMDR_DATABASE_UNREACHABLE" });
    }
    expect(await sql.transaction((inside) => add(inside, 1, "a"))).toBe(1);
  }));
