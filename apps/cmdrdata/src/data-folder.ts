/**
 * The data folder: one collector at a time.
 *
 * Promise: while a process has it open no other can open it, and a `kill -9` leaves nothing to clean up: the lock is the
 * operating system's own, held through an exclusive SQLite transaction on a file of its own.
 */
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { CmdrdataError } from "@cmdrdata/protocol";

export interface DataFolder {
  /** Absolute path. */
  readonly path: string;
  /** The SQLite file of the ledger. */
  readonly databasePath: string;
  readonly firstKeyPath: string;
  /** Lets go of the lock. */
  close(): void;
}

/**
 * Makes the folder (0700) where it does not exist, and takes its lock.
 *
 * @throws CmdrdataError `CMDR_DATA_FOLDER_UNWRITABLE` or `CMDR_DATA_FOLDER_IN_USE`
 */
export function openDataFolder(folder: string): DataFolder {
  const path = resolve(folder);
  makeDataFolder(path);
  const lock = takeLock(path);
  return {
    path,
    databasePath: join(path, "cmdrdata.db"),
    firstKeyPath: join(path, "first-key"),
    close: () => lock.close(),
  };
}

/** @throws CmdrdataError `CMDR_DATA_FOLDER_UNWRITABLE` */
export function makeDataFolder(path: string): void {
  try {
    makeFolder(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** One level at a time: Node's own recursive form never ends where a folder cannot be made, as under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function takeLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(path, "lock.db"), { timeout: 0 });
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock?.close();
    if (!String(cause).includes("locked")) throw unwritable(path, cause);
    const message = `the data folder ${path} is open in another process: stop that one, or choose another --data`;
    throw new CmdrdataError("CMDR_DATA_FOLDER_IN_USE", message, { cause });
  }
}

function unwritable(path: string, cause: unknown): CmdrdataError {
  const message = `cannot write the data folder ${path} (${String(cause)}): give this user the right to, or choose another --data`;
  return new CmdrdataError("CMDR_DATA_FOLDER_UNWRITABLE", message, { cause });
}
