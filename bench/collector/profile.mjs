// Where the CPU of the collector is while it takes events, by whose code it is in: what a built-in does counts for the script
// that called it. Of the load alone: starting and stopping are not in it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ask, markdownTable, serveLedger } from "./setting.mjs";
import { key } from "./tenant.mjs";

const batch = 100;

/** Rows of the table, and what belongs to each: the thread, and a part of the script's address. The first that fits has it. */
const owners = [
  ["garbage collection, all threads", /./, /^\(garbage collector\)$/],
  ["HTTP, keys, limits, metrics (main thread)", /^main$/, /./],
  ["reading the body: text and JSON", /./, /collector\/ingest\/prepare|protocol\/body/],
  ["checking the event, field by field", /./, /packages\/protocol\/(?!encode-event)/],
  ["its canonical JSON, and the hash of that", /./, /protocol\/encode-event|ingest\/identify/],
  ["its time and its price", /./, /packages\/pricing|judge-time|price-feed/],
  ["compressing the body that is kept", /./, /collector\/received-body/],
  ["the values of its rows", /./, /storage\/event-row|storage\/money|storage\/dimensions/],
  [
    "inserting identities, events and bodies",
    /./,
    /append-events|append-bodies|append-set-aside|\/prepared|partitions/,
  ],
  ["the roll-up", /./, /append-roll-ups/],
  ["commit, with the wait for the disk", /./, /storage\/sqlite\/transaction/],
  ["the driver of PostgreSQL", /./, /node_modules\/pg/],
  ["the rest", /./, /./],
];

export async function profileTable(setting) {
  const columns = [];
  for (const engine of setting.engines) columns.push(await profileEngine(setting, engine));
  const share = ({ microseconds, events }, name) => {
    const all = [...microseconds.values()].reduce((sum, each) => sum + each, 0);
    const own = microseconds.get(name) ?? 0;
    return `${(own / events).toFixed(1)} (${((own * 100) / all).toFixed(0)} %)`;
  };
  return [
    `${batch} events a request, ${setting.connections} connections, ${setting.seconds} s; microseconds of the collector's threads per event, under the profiler,`,
    "which costs something itself. The server of PostgreSQL is not in it.",
    "",
    markdownTable(
      ["", ...setting.engines],
      owners.map(([name]) => [name, ...columns.map((each) => share(each, name))]),
    ),
  ].join("\n");
}

async function profileEngine(setting, engine) {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-profile-"));
  process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${folder}`;
  const collector = await serveLedger(await setting.newLedger(engine));
  delete process.env.NODE_OPTIONS;
  const { seconds, connections, seed } = setting;
  const fromUs = Number(process.hrtime.bigint() / 1_000n);
  const { acknowledged } = await ask("load.mjs", { url: collector.url, key, batch, connections, seconds, seed });
  const toUs = Number(process.hrtime.bigint() / 1_000n);
  await collector.stop("SIGTERM");
  const microseconds = new Map();
  for (const file of readdirSync(folder)) {
    const profile = JSON.parse(readFileSync(join(folder, file), "utf8"));
    addProfile(microseconds, profile, { isMain: file.split(".").at(-3) === "0", fromUs, toUs });
  }
  rmSync(folder, { recursive: true });
  return { microseconds, events: acknowledged };
}

function addProfile(microseconds, { nodes, samples, timeDeltas, startTime }, { isMain, fromUs, toUs }) {
  const scripts = scriptsOf(nodes);
  let atUs = startTime;
  for (const [index, id] of samples.entries()) {
    atUs += timeDeltas[index];
    const script = scripts.get(id);
    if (atUs < fromUs || atUs > toUs || script === "(idle)") continue;
    const [name] = owners.find(([, thread, part]) => thread.test(isMain ? "main" : "worker") && part.test(script));
    microseconds.set(name, (microseconds.get(name) ?? 0) + timeDeltas[index]);
  }
}

/** The script of each node: its own, or that of whoever called the built-in. */
function scriptsOf(nodes) {
  const scripts = new Map();
  const visit = (node, callers) => {
    const { url, functionName } = node.callFrame;
    const own = /^\((idle|garbage collector|program)\)$/.test(functionName) ? functionName : undefined;
    const script = own ?? (url.startsWith("file:") ? url.replace("dist/esm/", "") : callers);
    scripts.set(node.id, script);
    for (const child of node.children ?? []) visit(byId.get(child), script);
  };
  const byId = new Map(nodes.map((node) => [node.id, node]));
  visit(nodes[0], "(none)");
  return scripts;
}
