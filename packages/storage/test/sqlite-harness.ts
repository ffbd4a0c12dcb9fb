/** Gives the contract suite a SQLite file in a folder of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { StoredEvent, UsageStoreHarness } from "../src/contract/index.ts";
import { openSqliteStore } from "../src/sqlite/index.ts";
import { appendInKilledProcess } from "./killed-process.ts";
import { storedEvent } from "./stored-event.ts";

const now = (): number => 1_795_428_000_000;

export async function createSqliteHarness(): Promise<UsageStoreHarness> {
  const folder = await mkdtemp(join(tmpdir(), "cmdrdata-storage-"));
  const path = join(folder, "usage.db");
  return {
    open: async () => openSqliteStore({ path, now }),
    openReader: async () => openSqliteStore({ path, now, readOnly: true }),
    appendInKilledProcess: (batch) => appendInKilledProcess("sqlite", path, batch),
    storedEvents: async () => storedEvents(path),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function storedEvents(path: string): readonly StoredEvent[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const select = database.prepare("SELECT * FROM events ORDER BY identity_day, tenant, event_id");
    select.setReadBigInts(true);
    return select.all().map(storedEvent);
  } finally {
    database.close();
  }
}
