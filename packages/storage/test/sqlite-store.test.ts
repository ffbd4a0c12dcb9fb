import { describeUsageStore } from "../src/contract/index.ts";
import { createSqliteHarness } from "./sqlite-harness.ts";

describeUsageStore("SQLite", createSqliteHarness);
