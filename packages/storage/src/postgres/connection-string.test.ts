import { expect, it } from "vitest";

import { describeDatabase, isConnectionString } from "./connection-string.ts";

it.each([
  ["postgres://me:secret@db.example:5433/ledger?sslmode=verify-full", "db.example:5433/ledger"],
  ["postgresql://me:secret@db.example/ledger", "db.example/ledger"],
  ["postgres:///ledger?host=/var/run/postgresql", "/var/run/postgresql/ledger"],
  ["postgres:///ledger", "localhost/ledger"],
])("shows where %s leads, without name and password", (url, shown) => {
  expect(isConnectionString(url)).toBe(true);
  expect(describeDatabase(url)).toBe(shown);
});

it.each(["", "ledger", "mysql://x/y", "postgres://x:port/y", "http://postgres://"])(
  "takes %s for no URL of PostgreSQL",
  (text) => {
    expect(isConnectionString(text)).toBe(false);
  },
);
