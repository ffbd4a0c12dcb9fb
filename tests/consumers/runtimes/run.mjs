// Runs a program on another runtime, against an OpenAI API and a collector here, and looks at what arrived.
//   node runtimes/run.mjs bun|deno <binary>
//   node runtimes/run.mjs workerd <binary> <esbuild> <compatibility date> [flag]
//   node runtimes/run.mjs page <workerd> <esbuild>
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { startServers } from "../scripted-servers.cjs";

const folder = import.meta.dirname;
const [kind, binary, ...rest] = process.argv.slice(2);
const servers = await startServers();
const runs = { bun: runProgram, deno: runProgram, workerd: runWorker, page: runPage };
await runs[kind]();
await servers.close();

async function runProgram() {
  const args =
    kind === "bun" ? ["run"] : ["run", "--no-prompt", "--allow-net=127.0.0.1", "--allow-env", "--allow-read"];
  const startedAt = performance.now();
  const env = { ...process.env, CMDRDATA_SPOOL_DIR: join(folder, "spool") };
  const { code, output } = await ended(spawn(binary, [...args, join(folder, "main.mjs"), servers.url], { env }));
  assert.equal(code, 0, output);
  const lines = output.split("\n").filter((line) => !line.startsWith('{"time"'));
  // With these permissions alone Deno lets nobody have a spool: that is said, and nothing else is.
  const logged = output.split("\n").filter((line) => line.startsWith('{"time"'));
  assert.deepEqual(
    logged.map((line) => /the spool takes no events/.test(line)),
    kind === "deno" ? [true] : [],
  );
  assert.equal(lines.join("\n"), `Hi Hi Hi\n${JSON.stringify({ delivered: 15, held: 0, lastError: null })}\n`);
  // Nothing of ours keeps a program from ending.
  assert.ok(performance.now() - startedAt < 10_000);
  assertEvents(["acme", "a", "b", "c", "d"], new RegExp(`^${kind}/\\d`), true);
}

async function runWorker() {
  const [esbuild, date, flag] = rest;
  const worker = await startWorker({ file: "worker.mjs", esbuild, date, flag });
  const customers = ["acme", "a", "b", "c", "d"];
  const answers = await Promise.all(customers.map((customer) => worker.text(`/?customer=${customer}`)));
  for (const answer of answers) assert.match(answer, /^\{"text":"Hi Hi Hi","held":[123],"state":"running"\}$/);
  await servers.arrived(3 * customers.length);
  const output = await worker.stop();
  // Of old dates, and without the flag, nothing follows asynchronous work.
  assertEvents(customers, /^workerd$/, date > "2026");
  // What a worker says of itself; of ours it is only that a call named no customer.
  assert.doesNotMatch(output, /error|hung|uncaught/i);
}

/** The worker of docs/serverless.md, as it stands there. */
async function runPage() {
  const [esbuild] = rest;
  const worker = await startWorker({ file: "page-worker.mjs", esbuild, date: "2026-11-01" });
  assert.equal(await worker.text("/", { "x-customer": "acme" }), '{"text":"Hi"}');
  await servers.arrived(1);
  await worker.stop();
  assert.deepEqual([servers.events[0].customer_id, servers.events[0].total_tokens], ["acme", 11]);
}

/** Bundles a worker as its tools do, and serves it. */
async function startWorker({ file, esbuild, date, flag }) {
  const bundle = join(folder, "worker.bundle.mjs");
  const external = ["--external:node:*", "--external:gpt-tokenizer*", "--external:@opentelemetry/api"];
  const conditions = "--conditions=workerd,worker,browser";
  const args = ["--bundle", "--format=esm", "--target=es2022", conditions, ...external, `--outfile=${bundle}`];
  const bundled = await ended(spawn(esbuild, [join(folder, file), ...args, "--log-level=warning"]));
  assert.deepEqual(bundled, { code: 0, output: "" });
  const config = readFileSync(join(folder, "workerd.capnp"), "utf8")
    .replace("COMPATIBILITY_DATE", date)
    .replace("COMPATIBILITY_FLAGS", flag === undefined ? "" : `"${flag}"`)
    .replaceAll("SERVERS_URL", servers.url);
  const configFile = join(folder, "workerd.test.capnp");
  writeFileSync(configFile, config);
  const worker = spawn(binary, ["serve", "--control-fd=3", configFile], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
  // However this ends.
  process.once("exit", () => worker.kill());
  const end = ended(worker);
  const port = await listening(worker, end);
  return {
    text: (path, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers }).then((answer) => answer.text()),
    stop: () => {
      worker.kill();
      return end.then(({ output }) => output);
    },
  };
}

/**
 * @param {readonly string[]} customers for whom `talk` was called
 * @param {RegExp} runtime what the events say it was
 * @param {boolean} follows whether it follows asynchronous work: without, a context ends at its first pause
 */
function assertEvents(customers, runtime, follows) {
  const { events } = servers;
  const named = (names) => names.map((name) => String(name ?? "nobody")).toSorted((a, b) => a.localeCompare(b));
  assert.deepEqual(
    named(events.map(({ customer_id }) => customer_id)),
    named(customers.flatMap((name) => [name, `${name} streamed`, follows ? `${name} later` : undefined])),
  );
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
  for (const event of events) {
    assert.deepEqual([event.input_tokens, event.output_tokens, event.usage.source], [9, 2, "reported"]);
    assert.equal(event.request.streaming, event.customer_id?.endsWith(" streamed") === true);
    assert.match(event.sdk.runtime, runtime);
  }
}

/** The port of the worker's server, from what it says on its control channel. */
async function listening(worker, end) {
  const lines = createInterface({ input: worker.stdio[3] });
  void end.then(() => lines.close());
  for await (const line of lines) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return port;
  }
  throw new Error((await end).output);
}

function ended(child) {
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}
