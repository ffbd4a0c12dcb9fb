// `npm test`: installs, builds, checks, and runs every test there is. The last line says how many passed and failed.
import { build } from "./build.mjs";
import { check } from "./check.mjs";
import { installExamples, testExamples } from "./examples.mjs";
import { checkNamespace } from "./openai-namespace.mjs";
import { checkTypes, installOpenAIMajors, openAIMajors, testOpenAI, workspaceMajor } from "./openai-versions.mjs";
import { installOtherNodes, otherNode } from "./other-nodes.mjs";
import { testPackedPackages } from "./packed-packages.mjs";
import { installRuntimes } from "./runtimes.mjs";
import { runVitest } from "./run-vitest.mjs";
import { pinnedNode } from "./steps.mjs";

/** What runs in the user's own program, and so on every Node we support. */
const sdkProjects = ["protocol", "tracker", "openai"];
/** Of real processes that wait and are killed: on the oldest and on the pinned Node, which is enough of waiting. */
const longOnes = ["exit-table", "crashes", "containers"].map((name) => `packages/tracker/test/${name}.test.ts`);
const others = openAIMajors.filter(({ major }) => major !== workspaceMajor);

/** @typedef {{ passed: number, failed: number }} Counted */

const results = [];
await Promise.all([build(), installOtherNodes(), installOpenAIMajors(), installRuntimes(), installExamples()]);
await stage("Checks", check);
await stage("All tests, with coverage, on the pinned Node", () => runVitest(pinnedNode(), ["--coverage"]));
for (const major of /** @type {const} */ ([20, 22])) {
  const left = major === 22 ? longOnes.map((file) => `--exclude=${file}`) : [];
  await stage(`The SDK's tests on Node ${major}`, () => testSdk(otherNode(major), left));
}
for (const { major, nodeInTest } of others) {
  await stage(`The differential suite on openai ${major}, with Node ${nodeInTest}`, () =>
    testOpenAI(major, nodeInTest),
  );
}
// Each of these is one program after another, and takes one core.
await Promise.all([
  besides("The packed packages", testPackedPackages),
  besides("The examples", testExamples),
  besides("What the other versions of openai declare", checkOthers),
]);

const { passed, failed } = total(results);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/**
 * @param {string} title
 * @param {() => Promise<Counted>} work
 */
async function stage(title, work) {
  process.stdout.write(`\n== ${title}\n`);
  const startedAt = performance.now();
  results.push(await work());
  process.stdout.write(`took ${secondsSince(startedAt)} s\n`);
}

/**
 * A stage beside others: what it says is shown when it has ended.
 * @param {string} title
 * @param {(say: (text: string) => void) => Promise<Counted>} work
 */
async function besides(title, work) {
  const startedAt = performance.now();
  let said = "";
  results.push(await work((text) => void (said += text)));
  process.stdout.write(`\n== ${title}\n${said}took ${secondsSince(startedAt)} s\n`);
}

/** @param {number} startedAt */
function secondsSince(startedAt) {
  return ((performance.now() - startedAt) / 1_000).toFixed(1);
}

/**
 * @param {string | undefined} node
 * @param {readonly string[]} args of vitest
 * @returns {Promise<Counted>}
 */
async function testSdk(node, args) {
  if (node !== undefined) return runVitest(node, [...sdkProjects.map((name) => `--project=${name}`), ...args]);
  process.stdout.write("left out: npm has no such Node for this platform\n");
  return { passed: 0, failed: 0 };
}

/**
 * Their types, and that TrackedOpenAI's namespace has them.
 * @param {(text: string) => void} say
 * @returns {Promise<Counted>}
 */
async function checkOthers(say) {
  const counted = [await checkNamespace(say)];
  for (const { major } of others) counted.push(await checkTypes(major, say));
  return total(counted);
}

/** @param {readonly Counted[]} counted @returns {Counted} */
function total(counted) {
  const sum = (/** @type {keyof Counted} */ name) => counted.reduce((all, each) => all + each[name], 0);
  return { passed: sum("passed"), failed: sum("failed") };
}
