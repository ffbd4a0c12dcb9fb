/**
 * The `Sql` port on a SQLite connection.
 *
 * Promise: one piece of work at a time has the connection. A transaction spans promises here, so what else is asked of the
 * connection meanwhile waits its turn; it is never drawn into a transaction that is not its own.
 */
import type { DatabaseSync } from "node:sqlite";

import type { List, Sql, SqlValue } from "../sql/sql.ts";
import { translateError } from "./file-errors.ts";
import { asLists, createPrepare, type Prepare } from "./prepared.ts";

/** Runs work when all that was asked before is done; rejects with what `translateError` makes of an error. */
export type Exclusive = <T>(work: () => T | Promise<T>) => Promise<T>;

export function createExclusive(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work).catch((error: unknown) => {
      throw translateError(error);
    });
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** @param readOnly - on such a connection a transaction takes no write lock */
export function createSqliteSql(
  database: DatabaseSync,
  { prepare, exclusive, readOnly }: { prepare: Prepare; exclusive: Exclusive; readOnly: boolean },
): Sql {
  const prepareLists = createPrepare(database, asLists);
  const direct: Sql = {
    all: async (text, params) => prepare(forSqlite(text)).all(...params),
    lists: async (text, params) => listsOf(prepareLists(forSqlite(text)), params),
    run: async (text, params) => Number(prepare(forSqlite(text)).run(...params).changes),
    transaction: (work) => work(direct),
    snapshot: (work) => work(direct),
  };
  const transaction =
    (kind: "IMMEDIATE" | "DEFERRED") =>
    <T>(work: (sql: Sql) => Promise<T>): Promise<T> =>
      exclusive(() => inAsyncTransaction(database, kind, () => work(direct)));
  return {
    all: (text, params) => exclusive(() => direct.all(text, params)),
    lists: (text, params) => exclusive(() => direct.lists(text, params)),
    run: (text, params) => exclusive(() => direct.run(text, params)),
    transaction: transaction(readOnly ? "DEFERRED" : "IMMEDIATE"),
    snapshot: transaction("DEFERRED"),
  };
}

/** With its placeholders as SQLite numbers them. */
function forSqlite(text: string): string {
  return text.replaceAll("$", "?");
}

/** As numbers, which take a third of the time; anew as bigint where an integer is beyond 2^53. */
function listsOf(statement: ReturnType<Prepare>, params: readonly SqlValue[]): readonly List[] {
  // What a statement gives that is set to arrays, which its type does not know.
  const read = (): readonly List[] => statement.all(...params) as unknown as readonly List[];
  try {
    return read();
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ERR_OUT_OF_RANGE") throw error;
  }
  statement.setReadBigInts(true);
  try {
    return read();
  } finally {
    statement.setReadBigInts(false);
  }
}

async function inAsyncTransaction<T>(
  database: DatabaseSync,
  kind: "IMMEDIATE" | "DEFERRED",
  work: () => Promise<T>,
): Promise<T> {
  database.exec(`BEGIN ${kind}`);
  try {
    const result = await work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk, for one, makes SQLite roll back by itself.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
