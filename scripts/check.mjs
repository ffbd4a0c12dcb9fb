// `npm run check`: everything that is true of the code without running it. Builds first, because types are read from what is built.
import { pathToFileURL } from "node:url";

import { build } from "./build.mjs";
import { run } from "./steps.mjs";

/** @type {readonly { name: string, command: string, args: readonly string[] }[]} */
const checks = [
  { name: "format", command: "oxfmt", args: ["--check", "."] },
  { name: "lint", command: "oxlint", args: [] },
  { name: "types of tests and scripts", command: "tsc", args: ["-p", "tsconfig.tests.json"] },
  { name: "architecture", command: "node", args: ["scripts/check-architecture.mjs"] },
  { name: "API reports", command: "node", args: ["scripts/api-report.mjs", "--check"] },
  { name: "unused code", command: "knip", args: ["--no-progress"] },
];

/**
 * Runs every check, also after one has failed; all at once, and shown in their order.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function check() {
  let failed = 0;
  const running = checks.map(async ({ name, command, args }) => ({
    name,
    ...(await run(command, args, { quiet: true })),
  }));
  for (const { name, code, output } of await Promise.all(running)) {
    process.stdout.write(`${code === 0 ? "ok    " : "FAILED"} ${name}\n`);
    if (code !== 0) process.stdout.write(`${output}\n`);
    failed += code === 0 ? 0 : 1;
  }
  return { passed: checks.length - failed, failed };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await build();
  const { failed } = await check();
  process.exitCode = failed === 0 ? 0 : 1;
}
