import { DatabaseSync } from "node:sqlite";

import { describe, expect, it } from "vitest";

import { inTransaction } from "./transaction.ts";

describe("inTransaction", () => {
  it("throws the cause when SQLite has rolled back by itself, as on a full disk", () => {
    const database = new DatabaseSync(":memory:");
    const work = (): never => {
      database.exec("ROLLBACK");
      throw new Error("disk is full");
    };
    expect(() => inTransaction(database, "IMMEDIATE", work)).toThrow("disk is full");
    expect(inTransaction(database, "DEFERRED", () => 7)).toBe(7);
    database.close();
  });
});
