export { openSqliteStore } from "./open-sqlite-store.ts";
export { sqliteVersionProblem } from "./sqlite-version.ts";

export type { SqliteStoreOptions } from "./open-sqlite-store.ts";
