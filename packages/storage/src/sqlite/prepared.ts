/**
 * Prepares each statement once, when it is first used: a reader may open a database that is not migrated yet. Statements
 * that are put together for a question are many; the oldest are let go.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** @returns the statement for a text */
export type Prepare = (sql: string) => StatementSync;

/** @returns sets a statement up that was just prepared */
type SetUp = (statement: StatementSync) => void;

/** Integers as bigint. */
const asObjects: SetUp = (statement) => statement.setReadBigInts(true);

/** Rows as arrays, integers as numbers; that fails for one that no number is exactly. */
export const asLists: SetUp = (statement) => statement.setReturnArrays(true);

const mostStatements = 200;

export function createPrepare(database: DatabaseSync, setUp: SetUp = asObjects): Prepare {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    setUp(statement);
    statements.set(sql, statement);
    // A Map keeps the order of insertion: the first is the oldest, and is prepared anew when it is needed again.
    if (statements.size > mostStatements) statements.delete(statements.keys().next().value as string);
    return statement;
  };
}
