import { DatabaseSync } from "node:sqlite";

import { describe, expect, it } from "vitest";

import { sampleEvent } from "../contract/sample-events.ts";
import { appendEvents } from "./append-events.ts";
import { migrate } from "./migrate.ts";
import { createPrepare } from "./prepared.ts";

type Append = (...batch: Parameters<typeof appendEvents>[2]) => ReturnType<typeof appendEvents>;

function withTables(test: (append: Append, database: DatabaseSync) => void): () => void {
  return () => {
    const database = new DatabaseSync(":memory:");
    migrate(database, () => 0);
    const prepare = createPrepare(database);
    try {
      test((...batch) => appendEvents(database, prepare, batch), database);
    } finally {
      database.close();
    }
  };
}

function countRows(database: DatabaseSync): readonly number[] {
  return ["event_ids", "events", "usage_15m"].map((table) =>
    Number(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.["rows"]),
  );
}

function sequences(database: DatabaseSync): readonly unknown[] {
  const query = "SELECT sequence FROM events JOIN event_ids USING (sequence) ORDER BY sequence";
  return database
    .prepare(query)
    .all()
    .map((row) => row["sequence"]);
}

describe("appendEvents", () => {
  it(
    "leaves nothing in any table when the identity, the event or the roll-up cannot be written (S3)",
    withTables((append, database) => {
      const good = sampleEvent({ id: "good" });
      expect(() => append(good, sampleEvent({ id: "" }))).toThrow("CHECK");
      expect(() => append(good, sampleEvent({ event: { customer_id: "" } }))).toThrow("CHECK");
      database.exec("CREATE TRIGGER broken BEFORE INSERT ON usage_15m BEGIN SELECT RAISE(ABORT, 'no roll-up'); END");
      expect(() => append(good)).toThrow("no roll-up");
      expect(countRows(database)).toEqual([0, 0, 0]);
    }),
  );

  it(
    "fails rather than round a sum that leaves 64 bits (S5)",
    withTables((append, database) => {
      append(sampleEvent());
      database.exec("UPDATE usage_15m SET input_tokens = 9223372036854775807");
      expect(() => append(sampleEvent({ id: "event-2" }))).toThrow("cannot store REAL value in INTEGER column");
      expect(countRows(database)).toEqual([1, 1, 1]);
    }),
  );

  it(
    "numbers events in order of arrival, without a gap for duplicates, and never reuses a number",
    withTables((append, database) => {
      append(sampleEvent({ id: "1" }), sampleEvent({ id: "1" }), sampleEvent({ id: "2" }));
      expect(sequences(database)).toEqual([1, 2]);
      database.exec("DELETE FROM events WHERE sequence = 2");
      expect(append(sampleEvent({ id: "2" }), sampleEvent({ id: "3" }))).toMatchObject([
        { kind: "duplicate" },
        { kind: "inserted" },
      ]);
      expect(sequences(database)).toEqual([1, 3]);
    }),
  );
});
