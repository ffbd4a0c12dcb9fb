// Runs one command after another and shows what happened: the tools behind `npm run build|check|test|demo`.
// Plain JavaScript with built-ins only, valid on Node 20: it runs before anything is installed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const binFolder = join(root, "node_modules", ".bin");

/**
 * The pinned Node (24, from npm) where this platform has it, else the Node that runs this script.
 * @returns {string} path of a Node binary
 */
export function pinnedNode() {
  const name = `node-${process.platform}-${process.arch}`;
  const pinned = join(root, "node_modules", name, "bin", "node");
  return existsSync(pinned) ? pinned : process.execPath;
}

/**
 * Runs a command to its end with the pinned Node first on the path.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, quiet?: boolean, env?: NodeJS.ProcessEnv }} [options] quiet: output is kept and shown only on failure
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env, PATH: `${binFolder}${delimiter}${process.env.PATH}` },
      stdio: options.quiet === true ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    });
    let output = "";
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ code: 127, output: String(error) }));
    child.on("close", (code, signal) => resolve({ code: code ?? (signal === null ? 1 : 128), output }));
  });
}

/**
 * Like `run`, but a failure ends the script: its output is shown and the exit code is 1. Several may run at once: each says
 * when it begins and when it is done, in a line of its own.
 * @param {string} title
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export async function mustRun(title, command, args, options = {}) {
  const startedAt = performance.now();
  process.stderr.write(`${title} …\n`);
  const { code, output } = await run(command, args, { ...options, quiet: true });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (code === 0) {
    process.stderr.write(`${title}: done in ${seconds} s\n`);
    return output;
  }
  process.stderr.write(`${title}: failed after ${seconds} s (exit code ${code})\n${output}\n`);
  process.exit(1);
}
