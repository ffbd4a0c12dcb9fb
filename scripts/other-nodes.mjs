// The Node versions the SDK is tested on beside the pinned one: they come from npm, into a folder of their own.
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
 * @returns {string} path of the Node binary
 */
export function otherNode(major) {
  return join(folder, "node_modules", `node-${major}-${process.arch}`, "bin", "node");
}
