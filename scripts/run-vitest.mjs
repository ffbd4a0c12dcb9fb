// Runs tests on one Node and counts how they ended.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { root, run } from "./steps.mjs";

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
/** What Node makes of the modules it loads: hundreds of processes and threads load the same ones, some of them TypeScript. */
const compiled = join(root, "node_modules", ".cache", "cmdrdata-modules");

/** @typedef {{ passed: number, failed: number }} Counted */

/**
 * @param {string} node path of the Node binary to run on
 * @param {readonly string[]} args of vitest
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<Counted>}
 */
export async function runVitest(node, args, env = {}) {
  const reports = mkdtempSync(join(tmpdir(), "cmdrdata-test-"));
  try {
    const file = join(reports, "report.json");
    const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${file}`, "--silent=passed-only"];
    const { code } = await run(node, [vitest, "run", ...reporters, ...args], {
      env: { NO_COLOR: "1", FORCE_COLOR: undefined, NODE_COMPILE_CACHE: compiled, ...env },
    });
    const { numPassedTests, numFailedTests } = readReport(file);
    // A run may fail although every test passed: an unhandled rejection, a file that does not load, coverage below its bound.
    return { passed: numPassedTests, failed: numFailedTests > 0 || code === 0 ? numFailedTests : 1 };
  } finally {
    rmSync(reports, { recursive: true });
  }
}

/** @param {string} file @returns {{ numPassedTests: number, numFailedTests: number }} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1 };
  }
}
