/** Gives the contract suite a SQLite file in a folder of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

import { parseEvent } from "@cmdrdata/protocol";

import type { StoredEvent, UsageStoreHarness } from "../src/contract/index.ts";
import { openSqliteStore } from "../src/sqlite/index.ts";
import { joinMoney } from "../src/sqlite/money.ts";
import type { PricedEvent } from "../src/store.ts";

const program = fileURLToPath(new URL("append-and-wait.ts", import.meta.url));
const now = (): number => 1_795_428_000_000;

export async function createSqliteHarness(): Promise<UsageStoreHarness> {
  const folder = await mkdtemp(join(tmpdir(), "cmdrdata-storage-"));
  const path = join(folder, "usage.db");
  return {
    open: async () => openSqliteStore({ path, now }),
    openReader: async () => openSqliteStore({ path, now, readOnly: true }),
    appendInKilledProcess: (batch) => appendInKilledProcess(path, batch),
    storedEvents: async () => storedEvents(path),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function appendInKilledProcess(path: string, batch: readonly PricedEvent[]): Promise<void> {
  const child = spawn(process.execPath, [program, path], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  child.stdin.end(
    JSON.stringify(batch, (_name, value: unknown) => (typeof value === "bigint" ? `bigint:${value}` : value)),
  );
  const answered = once(child.stdout, "data").then(([chunk]) => String(chunk));
  const first = await Promise.race([answered, exited.then(([code]) => `exited with ${code}`)]);
  child.kill("SIGKILL");
  await exited;
  if (first !== "answered\n") throw new Error(`expected the child to answer, it ${first}`);
}

function storedEvents(path: string): readonly StoredEvent[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const select = database.prepare("SELECT * FROM events ORDER BY identity_day, tenant, event_id");
    select.setReadBigInts(true);
    return select.all().map((row) => ({
      tenant: String(row["tenant"]),
      id: String(row["event_id"]),
      eventTimeMs: Number(row["event_time_ms"]),
      event: parseEvent(JSON.parse(String(row["event"]))).event,
      picoUsd:
        row["cost_milli_usd"] === null
          ? null
          : joinMoney(row["cost_milli_usd"] as bigint, row["cost_rest_pico_usd"] as bigint),
    }));
  } finally {
    database.close();
  }
}
