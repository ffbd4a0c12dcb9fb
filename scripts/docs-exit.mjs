// `npm run docs:exit`: writes the table of docs/exit.md from what real processes do. A test compares them.
import { build } from "./build.mjs";
import { runVitest } from "./run-vitest.mjs";
import { pinnedNode } from "./steps.mjs";

await build();
const { failed } = await runVitest(pinnedNode(), ["--project=tracker", "exit-table"], { UPDATE_DOCS: "1" });
process.exitCode = failed === 0 ? 0 : 1;
