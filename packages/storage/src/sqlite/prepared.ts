/** Prepares each statement once, when it is first used: a reader may open a database that is not migrated yet. */
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** @returns the statement for a text, reading integers as bigint */
export type Prepare = (sql: string) => StatementSync;

export function createPrepare(database: DatabaseSync): Prepare {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    statements.set(sql, statement);
    return statement;
  };
}
