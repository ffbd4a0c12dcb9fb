// `npm test`: installs, builds, checks, and runs every test there is. The last line says how many passed and failed.
import { build } from "./build.mjs";
import { check } from "./check.mjs";
import { testExamples } from "./examples.mjs";
import { checkNamespace } from "./openai-namespace.mjs";
import { checkTypes, openAIMajors, testOpenAI, workspaceMajor } from "./openai-versions.mjs";
import { installOtherNodes, otherNode } from "./other-nodes.mjs";
import { testPackedPackages } from "./packed-packages.mjs";
import { installRuntimes } from "./runtimes.mjs";
import { runVitest } from "./run-vitest.mjs";
import { pinnedNode } from "./steps.mjs";

/** What runs in the user's own program, and so on every Node we support. */
const sdkProjects = ["protocol", "tracker", "openai"];
/** Of real processes that wait and are killed: on the oldest and on the pinned Node, which is enough of waiting. */
const longOnes = ["exit-table", "crashes", "containers"].map((name) => `packages/tracker/test/${name}.test.ts`);

const results = [];
await build();
heading("Checks");
results.push(await check());
heading("All tests, with coverage, on the pinned Node");
results.push(await runVitest(pinnedNode(), ["--coverage"]));
await installOtherNodes();
for (const major of /** @type {const} */ ([20, 22])) {
  heading(`The SDK's tests on Node ${major}`);
  const node = otherNode(major);
  const projects = sdkProjects.map((name) => `--project=${name}`);
  const left = major === 22 ? longOnes.map((file) => `--exclude=${file}`) : [];
  if (node === undefined) process.stdout.write("left out: npm has no such Node for this platform\n");
  else results.push(await runVitest(node, [...projects, ...left]));
}
for (const { major, nodeInTest } of openAIMajors) {
  if (major === workspaceMajor) continue;
  heading(`The differential suite on openai ${major}, with Node ${nodeInTest}`);
  results.push(await testOpenAI(major, nodeInTest), await checkTypes(major));
}
heading("What the installed versions of openai declare");
results.push(await checkNamespace());
await installRuntimes();
heading("The packed packages");
results.push(await testPackedPackages());
heading("The examples");
results.push(await testExamples());

const passed = results.reduce((sum, each) => sum + each.passed, 0);
const failed = results.reduce((sum, each) => sum + each.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/** @param {string} text */
function heading(text) {
  process.stdout.write(`\n== ${text}\n`);
}
