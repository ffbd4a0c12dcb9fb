/**
 * The connections to the server.
 *
 * Promise: at most `maxConnections`; one that breaks is replaced when it is next needed. A commit is on the server's disk
 * before it is answered (S1), also where the server's own default is otherwise. A server that cannot hold what we promise is
 * refused.
 */
import { CmdrdataError } from "@cmdrdata/protocol";
import pg from "pg";

import type { Sql } from "../sql/sql.ts";
import { describeDatabase } from "./connection-string.ts";
import { textOf, translateError } from "./database-errors.ts";

/** How long a new connection may take. */
const connectTimeoutMs = 5_000;

/** Beyond what a statement may take on the server: then the server, or the way to it, is gone without a word. */
const silenceMs = 10_000;

/** 15 is the oldest that we test on. */
const oldestVersion = 150_000;

export interface ConnectOptions {
  readonly connectionString: string;
  readonly maxConnections: number;
  /** 0 is without end. */
  readonly statementTimeoutMs: number;
  /** The server refuses to write on these connections. */
  readonly readOnly: boolean;
}

export function createPool(options: ConnectOptions): pg.Pool {
  const { connectionString, maxConnections, statementTimeoutMs, readOnly } = options;
  const pool = new pg.Pool({
    connectionString,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + silenceMs,
    keepAlive: true,
    application_name: "cmdrdata",
    types: { getTypeParser },
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it, whatever its types say
    onConnect: (client) => prepareSession(client, { statementTimeoutMs, readOnly }),
  });
  // An idle connection that breaks is no event: the next statement gets a new one, or says that there is none.
  pool.on("error", () => undefined);
  // Neither is one that breaks between two statements of a transaction: the next of them fails. Unheard it would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/**
 * @throws CmdrdataError `CMDR_DATABASE_UNSUITABLE`, or `CMDR_DATABASE_UNREACHABLE` with the server's reason
 */
export async function checkServer(pool: pg.Pool, connectionString: string): Promise<void> {
  const { version, encoding } = await askServer(pool, connectionString);
  const problems = [
    ...(version >= oldestVersion ? [] : [`version ${Math.floor(version / 10_000)}`]),
    ...(encoding === "UTF8" ? [] : [`encoding ${encoding}`]),
  ];
  if (problems.length === 0) return;
  const message = `expected PostgreSQL 15 or newer with encoding UTF8 at ${describeDatabase(connectionString)}, got ${problems.join(", ")}`;
  throw new CmdrdataError("CMDR_DATABASE_UNSUITABLE", message);
}

/** After a failover the one that was asked may be a standby, which reads and does not write. @throws CmdrdataError `CMDR_DATABASE_UNREACHABLE` */
export async function refuseStandby(sql: Pick<Sql, "all">): Promise<void> {
  const [row] = await sql.all("SELECT pg_is_in_recovery()::int AS standby", []);
  if (Number(row?.["standby"]) === 0) return;
  const message = "expected a database that can be written, got a standby: point the URL at the primary";
  throw new CmdrdataError("CMDR_DATABASE_UNREACHABLE", message, { retryable: true });
}

async function askServer(
  pool: pg.Pool,
  connectionString: string,
): Promise<{ readonly version: number; readonly encoding: string }> {
  try {
    const { rows } = await pool.query<{ version: string; encoding: string }>(
      "SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding",
    );
    return { version: Number(rows[0]?.version), encoding: String(rows[0]?.encoding) };
  } catch (cause) {
    const reason = textOf(CmdrdataError.is(cause) ? cause.cause : cause);
    const message = `cannot use the database at ${describeDatabase(connectionString)} (${reason}): start it, or check the URL, its user and its password`;
    throw new CmdrdataError("CMDR_DATABASE_UNREACHABLE", message, { retryable: true, cause });
  }
}

/**
 * `jit` costs more than it gives for our short statements. Where commits are not waited for, they are here; what waits for
 * more, as for a standby, is left as it is. Done by statements: a pooler in between refuses most start-up options.
 */
async function prepareSession(
  client: pg.ClientBase,
  { statementTimeoutMs, readOnly }: Pick<ConnectOptions, "statementTimeoutMs" | "readOnly">,
): Promise<void> {
  await client.query(
    `SELECT set_config('jit', 'off', false),
      set_config('statement_timeout', '${statementTimeoutMs}', false),
      set_config('default_transaction_read_only', '${readOnly ? "on" : "off"}', false),
      set_config('synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)`,
  );
}

const int8 = 20;

type ReadValue = (value: string) => unknown;
type TypeParsers = (oid: number, format?: "text" | "binary") => ReadValue;

const readingInt8 =
  (readInt8: ReadValue): TypeParsers =>
  (oid, format) =>
    oid === int8 ? readInt8 : (pg.types.getTypeParser(oid, format) as ReadValue);

/** 64-bit integers as bigint; all else as pg reads it. */
const getTypeParser = readingInt8(BigInt);

/** So many digits any number has exactly. */
const exactDigits = 15;

/** 64-bit integers as numbers where a number is exact, which is quicker by far: for questions with many rows. */
export const numbersWhereExact: { readonly getTypeParser: TypeParsers } = {
  getTypeParser: readingInt8((value) => (value.length <= exactDigits ? Number(value) : BigInt(value))),
};

/** Runs work and lets its error out as one that says what can be done. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateError(error);
  }
}
