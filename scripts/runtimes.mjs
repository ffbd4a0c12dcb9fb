// The runtimes beside Node that the packed SDK is tried on: they come from npm, into a folder of their own.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { install } from "./install.mjs";
import { pinnedNode, root } from "./steps.mjs";

const folder = join(root, "tests", "runtimes");
const architecture = process.arch === "arm64" ? "arm64" : "x64";

/** Installs them, where they are not there already. */
export async function installRuntimes() {
  await install(folder, "Installing Bun, Deno and workerd");
}

/**
 * The programs of `tests/consumers/runtimes` and what they are run with, for each runtime that npm has for this platform.
 * @param {string} consumer folder with the programs and the packed packages
 */
export function runtimeSteps(consumer) {
  writeFileSync(join(consumer, "runtimes", "page-worker.mjs"), workerOfThePage());
  const arm = architecture === "arm64";
  const bun = binary("@oven", `bun-linux-${arm ? "aarch64" : "x64"}`, "bin", "bun");
  const deno = binary("@deno", `linux-${architecture}-glibc`, "deno");
  const workerd = binary("@cloudflare", `workerd-linux-${arm ? "arm64" : "64"}`, "bin", "workerd");
  const esbuild = binary("@esbuild", `linux-${architecture}`, "bin", "esbuild");
  const worker = ["workerd", workerd, esbuild];
  const testkit = pathToFileURL(join(root, "packages", "testkit", "dist", "esm", "index.js")).href;
  return [
    { name: "a program on Bun", args: ["bun", bun] },
    { name: "a program on Deno", args: ["deno", deno] },
    { name: "certificates on Bun", program: "tls.mjs", args: ["bun", bun, testkit] },
    { name: "certificates on Deno", program: "tls.mjs", args: ["deno", deno, testkit] },
    { name: "a worker on workerd, with nodejs_compat", args: [...worker, "2026-11-01", "nodejs_compat"] },
    { name: "a worker on workerd, without", args: [...worker, "2026-11-01"] },
    { name: "the worker of docs/serverless.md", args: ["page", workerd, esbuild] },
    { name: "a worker on workerd, of an old compatibility date", args: [...worker, "2024-01-01"] },
  ].flatMap(({ name, program = "run.mjs", args }) =>
    args.includes(undefined) ? [] : [{ name, command: pinnedNode(), args: [join("runtimes", program), ...args] }],
  );
}

/** The code under "Cloudflare Workers" in docs/serverless.md. */
function workerOfThePage() {
  const page = readFileSync(join(root, "docs", "serverless.md"), "utf8");
  const [, code] = /^## Cloudflare Workers$.*?^```js\n(.*?)^```$/ms.exec(page) ?? [];
  if (code === undefined) throw new Error("docs/serverless.md has no worker");
  return code;
}

/** @param {readonly string[]} path in node_modules @returns {string | undefined} */
function binary(...path) {
  const file = join(folder, "node_modules", ...path);
  return existsSync(file) ? file : undefined;
}
