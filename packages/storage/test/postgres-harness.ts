/** Gives the contract suite a database of its own on the run's PostgreSQL server. */
import { randomUUID } from "node:crypto";

import { createDatabaseOn, dropDatabaseOn } from "@cmdrdata/testkit";
import pg from "pg";
import { inject } from "vitest";

import type { UsageStoreHarness } from "../src/contract/index.ts";
import { openPostgresStore } from "../src/postgres/index.ts";
import type { Row } from "../src/sql/sql.ts";
import { appendInKilledProcess } from "./killed-process.ts";
import { storedEvent } from "./stored-event.ts";

const now = (): number => 1_795_428_000_000;

export interface PostgresHarness extends UsageStoreHarness {
  readonly url: string;
  /** Runs a statement past the port. */
  query(text: string): Promise<readonly Row[]>;
}

export async function createPostgresHarness(): Promise<PostgresHarness> {
  const server = inject("postgres");
  const url = await createDatabaseOn(server, `test_${randomUUID().replaceAll("-", "")}`);
  const query = (text: string): ReturnType<PostgresHarness["query"]> => queryOn(url, text);
  return {
    url,
    query,
    open: () => openPostgresStore({ connectionString: url, now }),
    openReader: () => openPostgresStore({ connectionString: url, now, readOnly: true }),
    appendInKilledProcess: (batch) => appendInKilledProcess("postgres", url, batch),
    storedEvents: async () =>
      (await query("SELECT * FROM events WHERE NOT quarantined ORDER BY identity_day, tenant, event_id")).map(
        storedEvent,
      ),
    remove: () => dropDatabaseOn(server, url),
  };
}

/** @returns the rows of the last statement of the text */
async function queryOn(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
