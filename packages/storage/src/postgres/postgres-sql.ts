/**
 * The `Sql` port on a pool of connections.
 *
 * Promise: each statement has a connection of its own, a transaction has one for all of its statements; it is given back
 * only when it is sound.
 */
import type pg from "pg";

import type { List, Row, Sql, SqlValue } from "../sql/sql.ts";
import { numbersWhereExact, translated } from "./connect.ts";

export function createPostgresSql(pool: pg.Pool): Sql {
  const direct = statementsOn(pool);
  const transaction =
    (begin: string) =>
    <T>(work: (sql: Sql) => Promise<T>): Promise<T> =>
      translated(() => inTransaction(pool, begin, work));
  return {
    all: (text, params) => translated(() => direct.all(text, params)),
    lists: (text, params) => translated(() => direct.lists(text, params)),
    run: (text, params) => translated(() => direct.run(text, params)),
    transaction: transaction("BEGIN"),
    snapshot: transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
  };
}

function statementsOn(queryable: Pick<pg.ClientBase, "query">): Pick<Sql, "all" | "lists" | "run"> {
  return {
    all: async (text, params) => (await queryable.query<Row>(text, [...params])).rows,
    lists: async (text, params) =>
      (await queryable.query<SqlValue[]>({ text, values: [...params], rowMode: "array", types: numbersWhereExact }))
        .rows satisfies List[],
    // Several statements in one text give several results; nobody asks for their number.
    run: async (text, params: readonly SqlValue[]) => (await queryable.query(text, [...params])).rowCount ?? 0,
  };
}

async function inTransaction<T>(pool: pg.Pool, begin: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const inside: Sql = {
    ...statementsOn(client),
    transaction: (inner) => inner(inside),
    snapshot: (inner) => inner(inside),
  };
  try {
    await client.query(begin);
    const result = await work(inside);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    await rollBack(client);
    throw error;
  }
}

/** A connection on which even this fails is closed, and with it the transaction. */
async function rollBack(client: pg.PoolClient): Promise<void> {
  try {
    await client.query("ROLLBACK");
    client.release();
  } catch (error) {
    client.release(error as Error);
  }
}
