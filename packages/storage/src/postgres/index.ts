export { inspectDatabase } from "./inspect-database.ts";
export { openPostgresStore } from "./open-postgres-store.ts";

export type { DatabaseInspection } from "./inspect-database.ts";
export type { PostgresStore, PostgresStoreOptions } from "./open-postgres-store.ts";
