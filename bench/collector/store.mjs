// The store as the writer thread has it, and bodies of events as it prepares them: for what is measured without HTTP.
import { createPricer } from "../../packages/pricing/dist/esm/index.js";
import { prepareRequest } from "../../packages/collector/dist/esm/ingest/prepare.js";
import { openPostgresStore } from "../../packages/storage/dist/esm/postgres/index.js";
import { openSqliteStore } from "../../packages/storage/dist/esm/sqlite/index.js";
import { makeEvent } from "./events.mjs";
import { tenant } from "./tenant.mjs";

/** Transactions at once: a file has one writer. */
export const writersOf = { sqlite: 1, postgres: 4 };

export async function openStore({ engine, path, databaseUrl }) {
  const now = Date.now;
  if (engine === "sqlite") return openSqliteStore({ path, now });
  return openPostgresStore({ connectionString: databaseUrl, now, maxConnections: writersOf.postgres });
}

/** What a request of `batch` events is to the store, made at that time. @returns {() => readonly object[]} */
export function requestMaker(random, batch) {
  const pricer = createPricer();
  const bytes = new TextEncoder();
  return (atMs = Date.now()) => {
    const body = bytes.encode(JSON.stringify(Array.from({ length: batch }, () => makeEvent(random, atMs))));
    const items = prepareRequest({ tenant, body, encoding: "identity", receivedAtMs: Math.ceil(atMs) }, pricer);
    return items.map(({ priced }) => priced);
  };
}
