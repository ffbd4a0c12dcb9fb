/**
 * SQL as both engines take it: the tiny port under everything that is not on the hot path and is written once.
 *
 * Placeholders are `$1`, `$2`, …; a placeholder may stand more than once. An integer comes back as number or bigint,
 * whichever the engine gives: read it with `Number()` or `BigInt()`.
 */

export type SqlValue = string | number | bigint | Uint8Array | null;

/** One row, by column. */
export type Row = Readonly<Record<string, SqlValue>>;

/** One row: its values in the order of the columns. */
export type List = readonly SqlValue[];

export interface Sql {
  all(text: string, params: readonly SqlValue[]): Promise<readonly Row[]>;
  /** The same where rows come in tens of thousands: as objects they would take three times as long. */
  lists(text: string, params: readonly SqlValue[]): Promise<readonly List[]>;
  /** @returns the number of rows changed */
  run(text: string, params: readonly SqlValue[]): Promise<number>;
  /** All of the work is committed, or nothing of it is left. Other work on the same connection waits. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Reads one state of the database, whatever is written meanwhile. */
  snapshot<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** The placeholders of a statement that is put together piece by piece. */
export interface Parameters {
  readonly values: readonly SqlValue[];
  /** @returns the placeholder that stands for the value */
  add(value: SqlValue): string;
  /** @returns `($1, $2, …)` */
  list(values: readonly SqlValue[]): string;
}

export function createParameters(): Parameters {
  const values: SqlValue[] = [];
  const add = (value: SqlValue): string => `$${values.push(value)}`;
  return { values, add, list: (each) => `(${each.map(add).join(", ")})` };
}
