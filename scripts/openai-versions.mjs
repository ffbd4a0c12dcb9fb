// The majors of openai that the SDK is tested on. The workspace has 6; each other one is in a folder of its own under
// tests/openai-versions, with a copy of our built packages beside it, so that their `openai` is that one.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { install } from "./install.mjs";
import { otherNode } from "./other-nodes.mjs";
import { runVitest } from "./run-vitest.mjs";
import { pinnedNode, root, run } from "./steps.mjs";

const versions = join(root, "tests", "openai-versions");
const consumers = join(root, "tests", "consumers");

/**
 * @typedef {object} OpenAIMajor
 * @property {number} major
 * @property {string} version the one that is tested
 * @property {readonly (20 | 22 | 24)[]} nodes majors of Node it is tested on
 * @property {20 | 22 | 24} nodeInTest the one of them in `npm test`
 * @property {"all" | "all but images"} types where the tracking fields are typed
 */

/** The table behind docs/compatibility.md. @type {readonly OpenAIMajor[]} */
export const openAIMajors = JSON.parse(readFileSync(join(versions, "majors.json"), "utf8"));

/** The major that is in the workspace. */
export const workspaceMajor = 6;

const copied = [
  { name: "@cmdrdata/protocol", source: "protocol", parts: ["package.json", "dist"] },
  { name: "@cmdrdata/tracker", source: "tracker", parts: ["package.json", "dist"] },
  { name: "cmdrdata-openai", source: "openai", parts: ["package.json", "dist", "cjs"] },
];

/**
 * Runs the differential suite on a major: the workspace's with the sources, another one with a copy of what is built.
 * @param {number} major
 * @param {20 | 22 | 24} nodeMajor
 */
export async function testOpenAI(major, nodeMajor) {
  const node = nodeMajor === 24 ? pinnedNode() : otherNode(nodeMajor);
  if (node === undefined) {
    process.stdout.write("left out: npm has no such Node for this platform\n");
    return { passed: 0, failed: 0 };
  }
  const env = major === workspaceMajor ? {} : { CMDRDATA_OPENAI_FOLDER: await prepareOpenAI(major) };
  return await runVitest(node, ["--project=openai", "packages/openai/test/differential"], env);
}

/**
 * Compiles the programs of tests/consumers with a major, libraries checked too.
 * @param {number} major not the workspace's
 * @param {(text: string) => void} [say]
 */
export async function checkTypes(major, say = (text) => void process.stdout.write(text)) {
  const folder = join(await prepareOpenAI(major), ".types");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const files = readdirSync(consumers).filter((file) => file.startsWith("types-"));
  for (const file of files) cpSync(join(consumers, file), join(folder, file));
  const config = JSON.parse(readFileSync(join(consumers, "tsconfig.json"), "utf8"));
  const compiled = files.filter((file) => major >= 5 || !file.includes("since-5"));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...config, files: compiled }));
  const { code, output } = await run("tsc", ["-p", join(folder, "tsconfig.json")], { quiet: true });
  say(`${code === 0 ? "ok    " : "FAILED"} types of openai ${major}\n${code === 0 ? "" : output}`);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Where a major is. @param {number} major not the workspace's */
const folderOf = (major) => join(versions, `openai-${major}`);

/** Installs every major but the workspace's, where they are not there already. */
export async function installOpenAIMajors() {
  const others = openAIMajors.filter(({ major }) => major !== workspaceMajor);
  await Promise.all(others.map(({ major }) => install(folderOf(major), `Installing openai ${major}`)));
}

/**
 * Installs a major and copies what is built beside it.
 * @param {number} major not the workspace's
 * @returns {Promise<string>} the folder
 */
export async function prepareOpenAI(major) {
  const folder = folderOf(major);
  await install(folder, `Installing openai ${major}`);
  copyBuiltPackages(folder);
  return folder;
}

/**
 * Puts what is built beside what a folder has installed.
 * @param {string} folder
 */
export function copyBuiltPackages(folder) {
  for (const { name, source, parts } of copied) {
    const target = join(folder, "node_modules", name);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    for (const part of parts) cpSync(join(root, "packages", source, part), join(target, part), { recursive: true });
  }
}
