/** Each thing that may be wrong with a ledger, done to a real one, is found; with the true one nothing is. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { key, startCollector } from "../e2e/collector-process.ts";
import { compareLedger, type Expected } from "./compare-ledger.ts";
import { readSqliteLedger } from "./ledger.ts";

const folder = mkdtempSync(join(tmpdir(), "cmdrdata-compared-"));
const ledger = join(folder, "data", "cmdrdata.db");

const expected: Expected = {
  sent: ["a", "b"].map((customer) => ({ customer, calls: 2, tokens: 30 })),
  heldBack: 1,
};

beforeAll(async () => {
  const collector = await startCollector(folder);
  const timestamp = new Date().toISOString();
  const event = { model: "gpt-4o", operation: "chat.completions", output_tokens: 0, timestamp };
  const events = ["a", "b"].flatMap((customer_id) =>
    [10, 20].map((tokens) => ({
      ...event,
      id: `${customer_id}-${tokens}`,
      customer_id,
      input_tokens: tokens,
      total_tokens: tokens,
    })),
  );
  const inDoubt = { ...event, id: "late", customer_id: "a", timestamp: new Date(Date.now() + 30 * 86_400_000) };
  const { status } = await fetch(`${collector.url}/api/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify([...events, inDoubt]),
  });
  expect(status).toBe(200);
  await collector.stop("SIGTERM");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @returns what is found in a copy of the ledger to which these statements were done */
async function problemsAfter(statements: string): Promise<readonly string[]> {
  const copy = join(folder, "copy.db");
  copyFileSync(ledger, copy);
  const database = new DatabaseSync(copy);
  database.exec(statements);
  database.close();
  return compareLedger(expected, await readSqliteLedger(copy));
}

describe("compareLedger", () => {
  it("finds nothing wrong with what the collector has stored", async () => {
    expect(await problemsAfter("")).toEqual([]);
  });

  const again = `CREATE TEMP TABLE again AS SELECT * FROM events WHERE event_id = 'a-10';
    UPDATE again SET event_id = 'a-10 again', sequence = sequence + 100; INSERT INTO events SELECT * FROM again`;

  it.each([
    ["an event is lost", "DELETE FROM events WHERE event_id = 'a-10'", "the events: "],
    ["an event and its sums are lost", "DELETE FROM events; DELETE FROM usage_15m", "the events: "],
    ["an event is there twice", again, "the events: "],
    ["an event is somebody else's", "UPDATE events SET customer_id = 'b' WHERE event_id = 'a-10'", "the events: "],
    ["a call is summed up twice", "UPDATE usage_15m SET calls = calls + 1 WHERE customer_id = 'a'", "the roll-up: "],
    ["tokens are summed up twice", "UPDATE usage_15m SET total_tokens = total_tokens * 2", "the roll-up: "],
    ["a sum is lost", "DELETE FROM usage_15m WHERE customer_id = 'b'", "the roll-up: "],
    [
      "money is summed up twice",
      "UPDATE usage_15m SET cost_rest_pico_usd = cost_rest_pico_usd + 1",
      "the events cost ",
    ],
    [
      "a day is summed up to something else",
      `INSERT INTO usage_day_built (tenant, day_start_ms, day_end_ms, building)
        SELECT tenant, bucket_start_ms, bucket_start_ms + 86400000, 0 FROM usage_15m LIMIT 1`,
      "1 days are summed up ",
    ],
    ["what is held back is lost", "DELETE FROM quarantined_events", "1 events are to be held back, 0 are"],
  ])("finds that %s", async (_what, statements, problem) => {
    expect(await problemsAfter(statements)).toContainEqual(expect.stringContaining(problem));
  });
});
