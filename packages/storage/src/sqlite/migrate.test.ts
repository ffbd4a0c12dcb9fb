import { DatabaseSync } from "node:sqlite";

import { describe, expect, it } from "vitest";

import { checkSchema, migrate } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";

const now = (): number => 1_000.5;

function withDatabase(test: (database: DatabaseSync) => void): () => void {
  return () => {
    const database = new DatabaseSync(":memory:");
    try {
      test(database);
    } finally {
      database.close();
    }
  };
}

function ledgerOf(database: DatabaseSync): readonly object[] {
  return database
    .prepare("SELECT version, name, applied_at_ms FROM schema_migrations")
    .all()
    .map((row) => ({ ...row }));
}

describe("migrate", () => {
  it("numbers its migrations from 1 without a gap", () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  });

  it(
    "runs each migration once and enters it in the ledger",
    withDatabase((database) => {
      migrate(database, now);
      migrate(database, now);
      expect(ledgerOf(database)).toEqual(
        migrations.map(({ version, name }) => ({ version, name, applied_at_ms: 1_000 })),
      );
      expect(() => checkSchema(database)).not.toThrow();
    }),
  );

  it(
    "runs only what is missing, forward",
    withDatabase((database) => {
      const version = migrations.length + 1;
      const steps = [...migrations, { version, name: "more", sql: "CREATE TABLE more (id INTEGER) STRICT" }];
      migrate(database, now);
      migrate(database, now, steps);
      expect(ledgerOf(database).at(-1)).toMatchObject({ version, name: "more" });
      database.exec("INSERT INTO more VALUES (1)");
    }),
  );

  it(
    "leaves neither table nor ledger row of a migration that fails",
    withDatabase((database) => {
      const version = migrations.length + 1;
      const broken = { version, name: "broken", sql: "CREATE TABLE half (id INTEGER) STRICT; SELECT nonsense" };
      expect(() => migrate(database, now, [...migrations, broken])).toThrow("nonsense");
      expect(ledgerOf(database)).toMatchObject(migrations.map(({ version }) => ({ version })));
      expect(() => database.exec("SELECT * FROM half")).toThrow("no such table");
    }),
  );

  it(
    "refuses a schema that a newer release has made",
    withDatabase((database) => {
      migrate(database, now);
      database.exec("INSERT INTO schema_migrations VALUES (99, 'future', 0)");
      const tooNew = expect.objectContaining({ code: "CMDR_SCHEMA_TOO_NEW" });
      expect(() => migrate(database, now)).toThrow(tooNew);
      expect(() => checkSchema(database)).toThrow(tooNew);
    }),
  );
});

describe("checkSchema", () => {
  it(
    "says that a database is not migrated yet",
    withDatabase((database) => {
      const notReady = expect.objectContaining({ code: "CMDR_NOT_READY", retryable: true });
      expect(() => checkSchema(database)).toThrow(notReady);
    }),
  );
});
