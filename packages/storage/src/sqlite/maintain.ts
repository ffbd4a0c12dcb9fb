/**
 * What an operator does with the file of a ledger: copy it, look whether it is sound, make it small.
 *
 * Promise: a copy is whole and checked before it has its name, also while a collector writes; looking changes nothing.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";

import { findDifferences } from "../sql/find-differences.ts";
import type { Migration } from "../sql/migration.ts";
import { migrations } from "./migrations/index.ts";
import { schemaVersionOf } from "./migrate.ts";

export interface LedgerInspection {
  readonly bytes: number;
  readonly schemaVersion: number;
  /** Of this release. */
  readonly knownVersion: number;
  readonly events: number;
  /** What SQLite finds damaged; empty when nothing is. */
  readonly damages: readonly string[];
  /**
   * Groups of 15 minutes, tenant, customer and model whose sums differ from a recount of their events. Where events have
   * been dropped by retention, only groups with less than their events.
   */
  readonly differences: number;
}

/**
 * Copies the ledger as it is at one moment.
 *
 * @param to - a file that does not exist yet
 * @throws SQLite's own error, or Error when the copy is not sound
 */
export async function copyLedger(path: string, to: string): Promise<LedgerInspection> {
  const unfinished = `${to}.unfinished`;
  rmSync(unfinished, { force: true });
  try {
    const source = new DatabaseSync(path, { readOnly: true });
    try {
      await backup(source, unfinished);
    } finally {
      source.close();
    }
    const copy = new DatabaseSync(unfinished);
    // One file, which can be carried away as it is.
    copy.exec("PRAGMA journal_mode = DELETE");
    copy.close();
    const inspection = inspectLedger(unfinished);
    if (inspection.damages.length > 0) throw new Error(`the copy is damaged: ${inspection.damages[0]}`);
    syncFile(unfinished);
    renameSync(unfinished, to);
    return inspection;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** @throws SQLite's own error when the file is no ledger */
export function inspectLedger(path: string): LedgerInspection {
  const database = new DatabaseSync(path, { readOnly: true });
  // Each of the questions has one row with one number.
  const first = (query: string): number => Number(Object.values(database.prepare(query).get() as object)[0]);
  try {
    const schemaVersion = schemaVersionOf(database);
    const check = database.prepare("PRAGMA quick_check").all();
    const damages = check.map((row) => String(Object.values(row)[0])).filter((text) => text !== "ok");
    const knownVersion = (migrations.at(-1) as Migration).version;
    const known = schemaVersion === knownVersion;
    const isWhole = known && first("SELECT count(*) FROM retention WHERE oldest_day > 1") === 0;
    return {
      bytes: statSync(path).size,
      schemaVersion,
      knownVersion,
      events: first("SELECT count(*) FROM events"),
      damages,
      differences: damages.length > 0 ? 0 : first(findDifferences({ isWhole, counted: "" })),
    };
  } finally {
    database.close();
  }
}

/** Gives back what erased and dropped rows took. Nobody else may have the file open. @returns bytes before and after */
export function vacuumLedger(path: string): { readonly before: number; readonly after: number } {
  const before = statSync(path).size;
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);");
  } finally {
    database.close();
  }
  return { before, after: statSync(path).size };
}

function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
