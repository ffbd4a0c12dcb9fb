import { DatabaseSync } from "node:sqlite";

import { expect, it } from "vitest";

import { createPrepare } from "./prepared.ts";

it("keeps a bounded number of statements, and prepares a forgotten one anew", () => {
  const database = new DatabaseSync(":memory:");
  const prepare = createPrepare(database);
  const first = prepare("SELECT 0 AS value");
  expect(prepare("SELECT 0 AS value")).toBe(first);
  for (let value = 1; value <= 200; value += 1) prepare(`SELECT ${value} AS value`);
  expect(prepare("SELECT 0 AS value")).not.toBe(first);
  expect(prepare("SELECT 0 AS value").get()).toEqual({ value: 0n });
  database.close();
});
