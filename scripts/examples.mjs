// Runs every program in examples/ as its reader would, against the third-party emulator of the OpenAI API and a collector
// of our own, and looks at what the collector then knows. `node scripts/examples.mjs`
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

import { build } from "./build.mjs";
import { install } from "./install.mjs";
import { copyBuiltPackages } from "./openai-versions.mjs";
import { pinnedNode, root, run } from "./steps.mjs";

const folder = join(root, "examples");

/**
 * What each program must have made known: customer, operation, and how many calls. Each answer of the emulator has usage.
 * @type {Readonly<Record<string, readonly (readonly [string, string, number])[]>>}
 */
const expected = {
  "openai.mjs": [
    ["customer-123", "chat.completions", 1],
    ["customer-123", "embeddings", 1],
    ["customer-456", "chat.completions", 1],
  ],
  "langchain.mjs": [
    ["customer-123", "chat.completions", 1],
    ["customer-123", "embeddings", 1],
    ["customer-456", "chat.completions", 1],
  ],
  "vercel-ai.mjs": [
    ["customer-123", "responses", 1],
    ["customer-456", "chat.completions", 1],
  ],
  "openai-agents.mjs": [
    ["customer-123", "responses", 2],
    ["customer-456", "responses", 1],
  ],
  "llamaindex.mjs": [
    ["customer-123", "chat.completions", 1],
    ["customer-123", "embeddings", 1],
    ["customer-456", "chat.completions", 1],
  ],
};

/** Installs what the programs use, where it is not there already. */
export async function installExamples() {
  await install(folder, "Installing what the examples use");
}

/**
 * @param {(text: string) => void} [say]
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function testExamples(say = (text) => void process.stdout.write(text)) {
  await installExamples();
  copyBuiltPackages(folder);
  const { startEmulator } = await import("./demo/emulator.mjs");
  const emulator = await startEmulator();
  let failed = 0;
  for (const [file, rows] of Object.entries(expected)) {
    const problem = await problemOf(file, rows, emulator.url);
    say(`${problem === undefined ? "ok    " : "FAILED"} examples/${file}\n${problem ?? ""}`);
    failed += problem === undefined ? 0 : 1;
  }
  await emulator.stop();
  return { passed: Object.keys(expected).length - failed, failed };
}

/**
 * @param {string} file
 * @param {readonly (readonly [string, string, number])[]} rows
 * @param {string} baseUrl of the API
 * @returns {Promise<string | undefined>} what is wrong
 */
async function problemOf(file, rows, baseUrl) {
  const collector = await startCollector();
  try {
    const env = {
      OPENAI_API_KEY: "sk-example-0123456789",
      OPENAI_BASE_URL: baseUrl,
      CMDRDATA_API_KEY: collector.key,
      CMDRDATA_ENDPOINT: `${collector.url}/api/events`,
      CMDRDATA_SPOOL_DIR: collector.spoolDir,
    };
    const { code, output } = await run(pinnedNode(), [file], { cwd: folder, env, quiet: true });
    if (code !== 0) return `ended with ${code}:\n${output}\n`;
    const known = await collector.usage();
    const wanted = JSON.stringify(rows);
    const seen = JSON.stringify(known.map(({ customer_id, operation, calls }) => [customer_id, operation, calls]));
    if (seen !== wanted) return `expected ${wanted}\ngot      ${seen}\n${output}\n`;
    const without = known.filter(({ input_tokens, errors }) => !(input_tokens > 0) || errors > 0);
    return without.length === 0 ? undefined : `calls that failed or have no tokens: ${JSON.stringify(without)}\n`;
  } finally {
    await collector.stop();
  }
}

async function startCollector() {
  const key = `tk-${"e".repeat(30)}`;
  const data = mkdtempSync(join(tmpdir(), "cmdrdata-example-"));
  const bin = join(root, "apps", "cmdrdata", "bin", "cmdrdata.js");
  const child = spawn(pinnedNode(), [bin, "serve", "--data", data, "--port", "0"], {
    env: { ...process.env, CMDRDATA_BOOTSTRAP_KEY: key },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let url = "";
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line);
    if (entry.msg !== "ready") continue;
    url = entry.url;
    break;
  }
  return {
    key,
    url,
    /** For the program: it goes with the rest. */
    spoolDir: join(data, "spool"),
    async usage() {
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(`${url}/api/v1/usage?group_by=customer_id,operation`, { headers });
      const { rows } = await answer.json();
      return rows.toSorted((a, b) => (`${a.customer_id} ${a.operation}` < `${b.customer_id} ${b.operation}` ? -1 : 1));
    },
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      rmSync(data, { recursive: true });
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await build();
  const { passed, failed } = await testExamples();
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}
