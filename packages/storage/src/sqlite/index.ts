export { copyLedger, inspectLedger, vacuumLedger } from "./maintain.ts";
export { openSqliteStore } from "./open-sqlite-store.ts";
export { sqliteVersionProblem } from "./sqlite-version.ts";

export type { LedgerInspection } from "./maintain.ts";
export type { SqliteStoreOptions } from "./open-sqlite-store.ts";
