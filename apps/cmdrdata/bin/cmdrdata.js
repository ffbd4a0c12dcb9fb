#!/usr/bin/env node
// Plain JavaScript that any Node reads: npm links it before anything is built, and an old Node must get a clear answer
// instead of a syntax error.
import { existsSync } from "node:fs";

const needed = "Node 22.23.3 or newer in 22, or 24.21.0 or newer";
const [major, minor, patch] = process.versions.node.split(".").map(Number);
const fine =
  major > 24 || (major === 24 && minor >= 21) || (major === 22 && (minor > 23 || (minor === 23 && patch >= 3)));

if (!fine) {
  process.stderr.write(`cmdrdata: expected ${needed}, got ${process.versions.node} (CMDR_NODE_TOO_OLD)\n`);
  process.exitCode = 1;
} else if (!existsSync(new URL("../dist/esm/main.js", import.meta.url))) {
  process.stderr.write('cmdrdata: this is a clone that is not built yet: run "npm run build" in it first\n');
  process.exitCode = 1;
} else {
  const { main } = await import("../dist/esm/main.js");
  process.exitCode = await main(process.argv.slice(2));
}
