/**
 * `cmdrdata backup`, `restore`, `doctor` and `vacuum`: what an operator does with the ledger in a data folder.
 *
 * Promise: `backup` and `doctor` may run beside a collector and change nothing; `restore` and `vacuum` need the folder for
 * themselves. A ledger that is replaced is kept. On PostgreSQL all but `doctor` are the affair of its own tools, which the error
 * names.
 */
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join, resolve } from "node:path";

import { systemClock } from "@cmdrdata/collector";
import { CmdrdataError } from "@cmdrdata/protocol";
import type { DatabaseInspection } from "@cmdrdata/storage/postgres";
import { copyLedger, inspectLedger, type LedgerInspection, vacuumLedger } from "@cmdrdata/storage/sqlite";

import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { ledgerError } from "./ledger.ts";
import { readDatabaseUrl, serveOptionTable } from "./serve-options.ts";

/** Flags as they came. */
export interface MaintenanceFlags {
  readonly data?: string;
  readonly to?: string;
  readonly from?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns what to print */
export async function backupCommand(flags: MaintenanceFlags, env: Environment): Promise<string> {
  const path = ledgerIn(folderOf(flags, env));
  const to = fileOf(flags.to, "--to");
  if (existsSync(to)) throw invalid(`--to: expected a file that does not exist yet, got ${to}`);
  const inspection = await asked(path, () => copyLedger(path, to));
  return `${to}: ${describe(inspection)}\n`;
}

/** @returns what to print */
export async function restoreCommand(flags: MaintenanceFlags, env: Environment): Promise<string> {
  const from = fileOf(flags.from, "--from");
  if (!existsSync(from)) throw invalid(`--from: expected a backup, got ${from}, which does not exist`);
  const { damages, schemaVersion, knownVersion } = await asked(from, async () => inspectLedger(from));
  if (damages.length > 0) throw ledgerError(from, damages[0]);
  if (schemaVersion === 0) throw ledgerError(from, "it holds no ledger");
  if (schemaVersion > knownVersion) {
    const message = `expected schema version ${knownVersion} or older, found ${schemaVersion} in ${from}: use the release that wrote it`;
    throw new CmdrdataError("CMDR_SCHEMA_TOO_NEW", message);
  }
  return inFolder(folderOf(flags, env), (folder) => replaceLedger(folder, from));
}

async function replaceLedger({ databasePath }: DataFolder, from: string): Promise<string> {
  const incoming = `${databasePath}.restored`;
  rmSync(incoming, { force: true });
  const inspection = await asked(from, () => copyLedger(from, incoming));
  const kept = `${databasePath}.before-restore-${systemClock.now()}`;
  // With what is in its write-ahead log, which must not be taken for the new file's.
  for (const suffix of ["", "-wal", "-shm"]) {
    if (existsSync(databasePath + suffix)) renameSync(databasePath + suffix, kept + suffix);
  }
  renameSync(incoming, databasePath);
  const before = existsSync(kept) ? `; what was there before is ${kept}` : "";
  return `${databasePath}: ${describe(inspection)}${before}\n`;
}

/** @returns what to print */
export async function vacuumCommand(flags: MaintenanceFlags, env: Environment): Promise<string> {
  return inFolder(folderOf(flags, env), async ({ databasePath }) => {
    if (!existsSync(databasePath)) throw noLedger(databasePath);
    const { before, after } = await asked(databasePath, async () => vacuumLedger(databasePath));
    return `${databasePath}: ${mebibytes(before)} before, ${mebibytes(after)} now\n`;
  });
}

interface Finding {
  readonly ok: boolean;
  readonly text: string;
}

/** @returns what to print, and whether all is well */
export async function doctorCommand(
  flags: MaintenanceFlags,
  env: Environment,
): Promise<{ readonly text: string; readonly ok: boolean }> {
  const databaseUrl = databaseOf(flags, env);
  const findings =
    databaseUrl === undefined ? await folderFindings(folderOf(flags, env)) : await databaseFindings(databaseUrl);
  const text = findings.map(({ ok, text: said }) => `${ok ? "ok    " : "FAILED"} ${said}\n`).join("");
  return { text, ok: findings.every(({ ok }) => ok) };
}

async function folderFindings(folder: string): Promise<readonly Finding[]> {
  const path = ledgerIn(folder);
  const inspection = await asked(path, async () => inspectLedger(path));
  return [...ledgerFindings(inspection), await diskFinding(folder), ...keyFindings(folder)];
}

/** @throws CmdrdataError `CMDR_OPTIONS_INVALID` or `CMDR_DATABASE_UNREACHABLE` */
async function databaseFindings(databaseUrl: string): Promise<readonly Finding[]> {
  const problems: string[] = [];
  const url = readDatabaseUrl(databaseUrl, problems);
  if (url === undefined) throw invalid(problems.join());
  // Every command loads this file, and only this one the driver.
  const { inspectDatabase } = await import("@cmdrdata/storage/postgres");
  const inspection = await inspectDatabase(url);
  if (inspection.schemaVersion > 0) return ledgerFindings(inspection);
  return [{ ok: false, text: "ledger: there is none in this database" }];
}

function ledgerFindings(inspection: LedgerInspection | DatabaseInspection): readonly Finding[] {
  const { differences, schemaVersion, knownVersion } = inspection;
  return [
    { ok: true, text: `ledger: ${describe(inspection)}` },
    {
      ok: schemaVersion <= knownVersion,
      text: `schema: version ${schemaVersion}, this release knows ${knownVersion}`,
    },
    ...("damages" in inspection ? [fileFinding(inspection)] : []),
    {
      ok: differences === 0,
      text: `sums: ${differences === 0 ? "equal to a recount of the events" : `${differences} groups differ from a recount`}`,
    },
  ];
}

function fileFinding({ damages }: LedgerInspection): Finding {
  return { ok: damages.length === 0, text: `file: ${damages[0] ?? "sound"}` };
}

const littleBytes = 1_073_741_824;

async function diskFinding(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  return { ok: bavail * bsize >= littleBytes, text: `disk: ${mebibytes(bavail * bsize)} free` };
}

/** A key that others can read is everybody's. */
function keyFindings(folder: string): readonly Finding[] {
  const file = join(folder, "first-key");
  if (!existsSync(file)) return [];
  const isOwn = (statSync(file).mode & 0o077) === 0;
  return [{ ok: isOwn, text: `first-key: ${isOwn ? "its owner's only" : "others may read it: chmod 600"}` }];
}

function describe({ events, bytes, schemaVersion }: LedgerInspection | DatabaseInspection): string {
  return `${events} events, ${mebibytes(bytes)}, schema version ${schemaVersion}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** @returns `undefined` where a folder is meant */
function databaseOf({ data }: MaintenanceFlags, env: Environment): string | undefined {
  return data === undefined ? env[serveOptionTable.databaseUrl.env] || undefined : undefined;
}

function folderOf(flags: MaintenanceFlags, env: Environment): string {
  const { data } = flags;
  if (databaseOf(flags, env) !== undefined) {
    throw invalid(
      "DATABASE_URL is set, and this is for a ledger in a folder: use PostgreSQL's pg_dump, pg_restore, pg_amcheck and VACUUM, or give --data",
    );
  }
  return resolve(data ?? (env[serveOptionTable.data.env] || undefined) ?? serveOptionTable.data.default);
}

function fileOf(given: string | undefined, flag: string): string {
  if (given === undefined || given.trim() === "") throw invalid(`${flag}: expected a file, got none`);
  return resolve(given);
}

function ledgerIn(folder: string): string {
  const path = join(folder, "cmdrdata.db");
  if (!existsSync(path)) throw noLedger(path);
  return path;
}

async function inFolder<Result>(path: string, work: (folder: DataFolder) => Promise<Result>): Promise<Result> {
  const folder = openDataFolder(path);
  try {
    return await work(folder);
  } finally {
    folder.close();
  }
}

async function asked<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw ledgerError(path, cause);
  }
}

function noLedger(path: string): CmdrdataError {
  return new CmdrdataError("CMDR_LEDGER_UNREADABLE", `there is no ledger ${path}: choose another --data`);
}

function invalid(message: string): CmdrdataError {
  return new CmdrdataError("CMDR_OPTIONS_INVALID", message);
}
