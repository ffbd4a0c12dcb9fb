/**
 * What PostgreSQL and the way to it say, as something that can be done.
 *
 * Promise: what may go well later without any change, a lost connection, a server that starts or has no connection left, is
 * a retryable `CMDR_DATABASE_UNREACHABLE`; of a statement that was under way it is then not known whether it was committed. A
 * disk of the server's that is full is a retryable `CMDR_DISK_FULL`: that statement left nothing. No message has a password
 * in it.
 */
import { CmdrdataError } from "@cmdrdata/protocol";

/** SQLSTATE classes and codes after which the same statement may succeed: connection, resources, shutdown, standby. */
const passing = /^(08...|53...|57P0[1-5]|25006)$/;

/** Data, or a file of a large report, found no room. Where the log finds none the server ends, and starts or is started again. */
const diskFull = "53100";

/** What the statement came upon that trying again at once solves: a deadlock, a serialization failure. */
const collisions = new Set(["40P01", "40001"]);

/** What pg says without a SQLSTATE when the connection is gone. */
const lostConnection =
  /terminated|timeout|not queryable|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT/;

/** @returns the error to throw instead; the same one where there is nothing to add */
export function translateError(error: unknown): unknown {
  if (CmdrdataError.is(error)) return error;
  const code = codeOf(error);
  if (code === "57014") {
    const message = "expected an answer of the database within the time for a statement: ask for less at once";
    return new CmdrdataError("CMDR_QUERY_TOO_LONG", message, { retryable: true, cause: error });
  }
  if (code === diskFull) {
    const message = `the disk of the database takes no more (${textOf(error)})`;
    return new CmdrdataError("CMDR_DISK_FULL", message, { retryable: true, cause: error });
  }
  if (!passing.test(code) && !(sqlState(code) === undefined && lostConnection.test(`${code} ${textOf(error)}`))) {
    return error;
  }
  return new CmdrdataError("CMDR_DATABASE_UNREACHABLE", `the database cannot be used now (${textOf(error)})`, {
    retryable: true,
    cause: error,
  });
}

export function isCollision(error: unknown): boolean {
  return collisions.has(codeOf(error));
}

/** Whether a lock was not to be had in the time for it. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === "55P03";
}

/** Whether a row found no partition: its month has been dropped since it was looked up. No constraint is named then. */
export function isWithoutPartition(error: unknown): boolean {
  return codeOf(error) === "23514" && (error as { readonly constraint?: string }).constraint === undefined;
}

function codeOf(error: unknown): string {
  return (error as { readonly code?: string } | null)?.code ?? "";
}

/** A host with several addresses gives one error per address, and none of its own. */
export function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(textOf).join(", ");
  return error instanceof Error && error.message !== "" ? error.message : codeOf(error) || String(error);
}

function sqlState(code: string): string | undefined {
  return /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code) ? code : undefined;
}
