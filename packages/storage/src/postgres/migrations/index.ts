/** The migrations, oldest first, with the numbers and the meaning of those of SQLite. A released one is never changed. */
import type { Migration } from "../../sql/migration.ts";
import { usage } from "./0001-usage.ts";
import { queries } from "./0002-queries.ts";
import { administration } from "./0003-administration.ts";
import { unpricedCounts } from "./0004-unpriced-counts.ts";

export const migrations: readonly Migration[] = [
  { version: 1, name: "usage", sql: usage },
  { version: 2, name: "queries", sql: queries },
  { version: 3, name: "administration", sql: administration },
  { version: 4, name: "unpriced-counts", sql: unpricedCounts },
];
