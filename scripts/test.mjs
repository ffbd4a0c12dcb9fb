// `npm test`: installs, builds, checks, and runs every test there is. The last line says how many passed and failed.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { build } from "./build.mjs";
import { check } from "./check.mjs";
import { testExamples } from "./examples.mjs";
import { installOtherNodes, otherNode } from "./other-nodes.mjs";
import { testPackedPackages } from "./packed-packages.mjs";
import { pinnedNode, root, run } from "./steps.mjs";

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
/** What runs in the user's own program, and so on every Node we support. */
const sdkProjects = ["protocol", "tracker", "openai"];

const results = [];
const reports = mkdtempSync(join(tmpdir(), "cmdrdata-test-"));
try {
  await build();
  heading("Checks");
  results.push(await check());
  heading("All tests, with coverage, on the pinned Node");
  results.push(await runVitest("all", pinnedNode(), ["--coverage"]));
  await installOtherNodes();
  for (const major of /** @type {const} */ ([20, 22])) {
    heading(`The SDK's tests on Node ${major}`);
    const node = otherNode(major);
    const projects = sdkProjects.map((name) => `--project=${name}`);
    if (node === undefined) process.stdout.write("left out: npm has no such Node for this platform\n");
    else results.push(await runVitest(`node-${major}`, node, projects));
  }
  heading("The packed packages");
  results.push(await testPackedPackages());
  heading("The examples");
  results.push(await testExamples());
} finally {
  rmSync(reports, { recursive: true });
}
const passed = results.reduce((sum, each) => sum + each.passed, 0);
const failed = results.reduce((sum, each) => sum + each.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/**
 * @param {string} name
 * @param {string} node path of the Node binary to run it on
 * @param {readonly string[]} args
 */
async function runVitest(name, node, args) {
  const file = join(reports, `${name}.json`);
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${file}`, "--silent=passed-only"];
  const { code } = await run(node, [vitest, "run", ...reporters, ...args], {
    env: { NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  const { numPassedTests, numFailedTests } = readReport(file);
  // A run may fail although every test passed: an unhandled rejection, a file that does not load, coverage below its bound.
  return { passed: numPassedTests, failed: numFailedTests > 0 || code === 0 ? numFailedTests : 1 };
}

/** @param {string} file @returns {{ numPassedTests: number, numFailedTests: number }} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1 };
  }
}

/** @param {string} text */
function heading(text) {
  process.stdout.write(`\n== ${text}\n`);
}
