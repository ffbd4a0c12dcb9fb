// `npm run docs:compatibility`: writes the table of docs/compatibility.md from the tables in the code. A test compares them.
import { build } from "./build.mjs";
import { runVitest } from "./run-vitest.mjs";
import { pinnedNode } from "./steps.mjs";

await build();
const { failed } = await runVitest(pinnedNode(), ["--project=openai", "compatibility-docs"], { UPDATE_DOCS: "1" });
process.exitCode = failed === 0 ? 0 : 1;
