// Builds every package: ESM for all, CommonJS for those that a program may require(). Installs first where needed.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { install } from "./install.mjs";
import { mustRun, root } from "./steps.mjs";

const commonJsPackages = ["protocol", "tracker", "openai"];

/** Installs and builds all; ends the process with the compiler's output on failure. */
export async function build() {
  await install(root, "Installing dependencies");
  await mustRun("Building all packages", "tsc", ["-b"]);
  for (const name of commonJsPackages) {
    const file = join(root, "packages", name, "dist", "cjs", "package.json");
    const text = `${JSON.stringify({ type: "commonjs" })}\n`;
    // Not touched where it is right: programs may be running on what is built.
    if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await build();
