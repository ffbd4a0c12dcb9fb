// `npm run demo`: the whole path on this machine. Installs, builds, starts the collector and an OpenAI emulator, makes
// the calls of three customers through the built client, and prints who used what. Stops whatever it started.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

import { build } from "./build.mjs";
import { pinnedNode, root, run } from "./steps.mjs";

const usage = `npm run demo [-- options]
  --keep   keep the collector running afterwards, until Ctrl-C
  --real   call the real OpenAI API with OPENAI_API_KEY (this costs a few cents) instead of the emulator
  --help   show this text
`;
const commandFile = join(root, "apps", "cmdrdata", "bin", "cmdrdata.js");

/** What was started, the last first: run on every way out. @type {(() => Promise<void> | void)[]} */
const cleanups = [];

/** Whether everything is done and the collector stays up because `--keep` asks for it: then Ctrl-C is the ordinary end. */
let keptUp = false;

process.exitCode = await main();

async function main() {
  const options = readOptions();
  if (typeof options === "number") return options;
  const interrupted = new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
  try {
    return await Promise.race([demo(options, interrupted), interrupted.then(() => (keptUp ? 0 : 130))]);
  } catch (error) {
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

function readOptions() {
  const flags = {
    keep: { type: "boolean", default: false },
    real: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  };
  try {
    const { values } = parseArgs({ options: /** @type {any} */ (flags) });
    if (values["help"]) return (process.stdout.write(usage), 0);
    if (values["real"] && !process.env["OPENAI_API_KEY"]) {
      return (process.stderr.write("--real: expected OPENAI_API_KEY in the environment, got none\n"), 1);
    }
    return { keep: values["keep"] === true, real: values["real"] === true };
  } catch (error) {
    return (process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`), 1);
  }
}

/** @param {{ keep: boolean, real: boolean }} options @param {Promise<unknown>} interrupted */
async function demo(options, interrupted) {
  await build();
  const trackerKey = `tk-${randomBytes(32).toString("base64url")}`;
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-demo-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const collector = await startCollector(folder, trackerKey);
  say(`Collector: ${collector}`);
  const openai = await startOpenAI(options.real);
  say(options.real ? "OpenAI: the real API" : `OpenAI: the emulator @copilotkit/aimock at ${openai.baseURL}`);

  const { makeCalls } = await import("./demo/calls.mjs");
  const metrics = await makeCalls({ ...openai, trackerKey, trackerEndpoint: `${collector}/api/events` }, showProgress);
  const { captured, delivered, held } = metrics;
  say(`Captured ${captured} events, delivered ${delivered}${held > 0 ? `, still held ${held}` : ""}.\n`);

  const environment = { CMDRDATA_API_KEY: trackerKey, CMDRDATA_URL: collector };
  const { code } = await run(pinnedNode(), [commandFile, "usage"], { env: environment });
  if (code !== 0 || delivered !== captured) return 1;
  say(`
Where to look next
  README.md             put TrackedOpenAI into your own program: one import, one field
  docs/configuration.md run the collector for real: npx cmdrdata serve
  docs/wire-protocol.md send events from another language
  ARCHITECTURE.md       how an event gets from a call into this table`);
  if (!options.keep) return 0;
  const keyFile = join(folder, "first-key");
  writeFileSync(keyFile, `${trackerKey}\n`, { mode: 0o600 });
  say(`
The collector stays up at ${collector} until Ctrl-C. In another terminal:
  npx cmdrdata usage --url ${collector} --data ${folder} --group-by customer_id,operation
  curl -H "Authorization: Bearer $(cat ${keyFile})" "${collector}/api/v1/usage?group_by=customer_id"`);
  keptUp = true;
  await interrupted;
  return 0;
}

/**
 * @param {string} folder
 * @param {string} key
 * @returns {Promise<string>} its URL
 */
async function startCollector(folder, key) {
  const args = [commandFile, "serve", "--data", folder, "--port", "0", "--log-level", "info"];
  const child = spawn(pinnedNode(), args, {
    env: { ...process.env, CMDRDATA_BOOTSTRAP_KEY: key },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  let complaint = "";
  child.stderr.on("data", (chunk) => (complaint += chunk));
  cleanups.push(async () => {
    child.kill("SIGTERM");
    await exit;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line);
    if (entry.msg !== "ready") continue;
    child.stdout.resume();
    return entry.url;
  }
  throw new Error(`the collector did not start: ${complaint.trim()}`);
}

/** @param {boolean} real */
async function startOpenAI(real) {
  if (real) return { apiKey: process.env["OPENAI_API_KEY"] ?? "", baseURL: undefined, detailedURL: undefined };
  const { startEmulator } = await import("./demo/emulator.mjs");
  const emulator = await startEmulator();
  cleanups.push(() => emulator.stop());
  return { apiKey: "sk-emulator", baseURL: emulator.url, detailedURL: emulator.detailedUrl };
}

/** @param {number} done @param {number} total */
function showProgress(done, total) {
  const bar = "#".repeat(Math.round((done / total) * 30)).padEnd(30, ".");
  if (process.stdout.isTTY) process.stdout.write(`\rCalls: [${bar}] ${done}/${total}${done === total ? "\n" : ""}`);
  else if (done % 10 === 0 || done === total) say(`Calls: ${done}/${total}`);
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`${text}\n`);
}
