// Brings node_modules to what package-lock.json says, only when it is not there already.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { mustRun } from "./steps.mjs";

/**
 * Installs a folder's dependencies with `npm ci`, unless the last install was of the same lockfile.
 * @param {string} folder
 * @param {string} title
 */
export async function install(folder, title) {
  const stamp = join(folder, "node_modules", ".cmdrdata-lock-hash");
  const hash = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  // Node 20 runs npm, the pinned Node 24 runs the tools: npm's engine warnings about that are noise, its errors are not.
  await mustRun(title, "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  writeFileSync(stamp, hash);
}
