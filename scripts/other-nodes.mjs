// The Node versions the SDK is tested on beside the pinned one: they come from npm, into a folder of their own.
import { existsSync } from "node:fs";
import { join } from "node:path";

import { install } from "./install.mjs";
import { root } from "./steps.mjs";

const folder = join(root, "tests", "node-versions");

/** Installs them, where they are not there already. */
export async function installOtherNodes() {
  await install(folder, "Installing other Node versions");
}

/**
 * @param {20 | 22} major
 * @returns {string | undefined} path of the Node binary; undefined on a platform for which npm has none
 */
export function otherNode(major) {
  const binary = join(folder, "node_modules", `node-${major}-${process.arch}`, "bin", "node");
  return existsSync(binary) ? binary : undefined;
}
