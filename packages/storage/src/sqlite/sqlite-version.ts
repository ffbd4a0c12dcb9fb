/** Whether the SQLite inside this Node is one that keeps what it is given. */
import { DatabaseSync } from "node:sqlite";

/** The first release without the WAL-reset bug, by which a busy database could lose a committed page. */
const oldestSound = "3.51.3";

/** @returns one line that says what is wrong with this Node's SQLite, or `undefined` when it is sound */
export function sqliteVersionProblem(): string | undefined {
  return versionProblem(runningVersion());
}

/** @param version - as `sqlite_version()` gives it, e.g. `3.53.4` */
export function versionProblem(version: string): string | undefined {
  if (compareVersions(version, oldestSound) >= 0) return undefined;
  return `expected SQLite ${oldestSound} or newer, this Node has ${version}; use Node 22.23.3, 24.21 or newer`;
}

function runningVersion(): string {
  const database = new DatabaseSync(":memory:");
  try {
    return String(database.prepare("SELECT sqlite_version() AS version").get()?.["version"]);
  } finally {
    database.close();
  }
}

function compareVersions(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
