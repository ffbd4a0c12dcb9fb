// The majors of openai that the SDK is tested on. The workspace has 6; each other one is in a folder of its own under
// tests/openai-versions, with a copy of our built packages beside it, so that their `openai` is that one.
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { install } from "./install.mjs";
import { root } from "./steps.mjs";

const versions = join(root, "tests", "openai-versions");

/**
 * @typedef {{ major: number, version: string, nodes: (20 | 22 | 24)[], nodeInTest: 20 | 22 | 24, types: string }} OpenAIMajor
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
 * Installs a major and copies what is built beside it.
 * @param {number} major not the workspace's
 * @returns {Promise<string>} the folder
 */
export async function prepareOpenAI(major) {
  const folder = join(versions, `openai-${major}`);
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
