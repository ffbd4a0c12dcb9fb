import { describeUsageStore } from "../src/contract/index.ts";
import { createPostgresHarness } from "./postgres-harness.ts";

describeUsageStore("PostgreSQL", createPostgresHarness);
