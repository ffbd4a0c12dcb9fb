// `npm run bench:sdk`: what tracking costs the program, beside the bare client and the other wrappers, in one run; writes
// docs/benchmarks.md. `-- --only cost|profile|memory|delay` measures one part; `-- --generations N`,
// `--rounds N`, `--seed N`; the other wrappers take part in the first `--peer-generations N` only, since they take ten times
// as long.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { seeded, shuffled, spread } from "./numbers.mjs";
import { startSink, startSubject } from "./processes.mjs";
import { replaceSection } from "./page.mjs";
import { subjects } from "./subjects.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    generations: { type: "string", default: "9" },
    rounds: { type: "string", default: "10" },
    "peer-generations": { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    million: { type: "string", default: "1000000" },
  },
});
const parts = ["cost", "profile", "memory", "delay"];
if (values.only !== undefined && !parts.includes(values.only)) throw new Error(`--only: expected ${parts.join(", ")}`);
const wanted = values.only === undefined ? parts : [values.only];
const generations = Number(values.generations);
const peerGenerations = Math.min(generations, Number(values["peer-generations"]));
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const [bare, ours] = Object.keys(subjects);

const pinned = process.execPath;
const node20 = join(root, "tests", "node-versions", "node_modules", `node-20-${process.arch}`, "bin", "node");

/** Calls in a block: some tenths of a second, of which a program that is busy sends one or two batches. */
const blocks = { chat: 1_000, stream: 100 };
/** Blocks before what is measured: by then the engine has compiled what is to be compiled. */
const warmUpBlocks = 30;

/** Whose code a profile tells of. */
const owners = {
  program: "the SDK, the program and its `fetch`",
  runtime: "Node itself, with no script on the stack",
  "(garbage collector)": "garbage collection",
  "openai/hook": "ours: the hook (`packages/openai/src/hook`)",
  "openai/capture": "ours: reading usage, making the event (`capture`)",
  openai: "ours: the client around them",
  tracker: "ours: queue, batches, sending (`packages/tracker`)",
  protocol: "ours: encoding (`packages/protocol`)",
};

for (const part of wanted) {
  process.stderr.write(`measuring ${part}\n`);
  const tables = { cost: costTables, profile: profileTable, memory: memoryTable, delay: delayTable };
  replaceSection(`sdk ${part}: npm run bench:sdk`, await tables[part]());
}

/** All on the pinned Node, and ours on the oldest Node it runs on. */
async function costTables() {
  const all = await costTable(pinned, peerGenerations);
  const oldest = existsSync(node20) ? await costTable(node20, 0) : "";
  return `${all}\n${oldest}`;
}

/**
 * Small blocks of calls by turns, so that what else the machine does falls on all alike; every generation in new processes,
 * since how a process compiled its code stays with it. A generation's number is the CPU time of the whole process from its
 * first measured call to the last event delivered, over its calls; its ratio is to the bare client's of that generation.
 */
async function costTable(node, withPeers) {
  const sink = await startSink(node);
  const random = seeded(seed);
  const taken = Object.fromEntries(Object.keys(blocks).map((kind) => [kind, []]));
  const names = withPeers > 0 ? Object.keys(subjects) : [bare, ours];
  for (let generation = 0; generation < generations; generation += 1) {
    const present = generation < withPeers ? names : [bare, ours];
    for (const kind of Object.keys(blocks)) {
      taken[kind].push(await costsOfGeneration(kind, { names: present, node, random, sink: sink.url }));
    }
  }
  sink.close();
  const columns = (name) => Object.keys(blocks).map((kind) => cells(taken[kind], name));
  return [
    `Node ${versionOf(node)}, openai ${versionIn("openai")}, ${generations} generations of ${rounds} rounds, seed ${seed}` +
      (withPeers > 0 ? `; the other wrappers in ${withPeers} of them:` : ":"),
    "",
    "| | CPU per call, µs | x bare (middle half) | CPU per stream of 200 chunks, µs | x bare (middle half) |",
    "|---|---|---|---|---|",
    ...names.map((name) => `| ${label(name)} | ${columns(name).join(" | ")} |`),
    "",
  ].join("\n");
}

/** @returns microseconds of CPU per call, by subject */
async function costsOfGeneration(kind, { names, node, random, sink }) {
  const running = [];
  for (const name of names) running.push(await startSubject(name, sink, node));
  const block = { kind, calls: blocks[kind] };
  for (const subject of running) await subject.ask({ measure: "warmUp", kind, calls: warmUpBlocks * block.calls });
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of shuffled(running, random)) await subject.ask({ measure: "calls", ...block });
  }
  const costs = {};
  for (const subject of running) {
    costs[subject.name] = (await subject.ask({ measure: "cost" })).microsecondsPerCall;
    subject.close();
  }
  return costs;
}

function cells(all, name) {
  const costs = all.filter((each) => each[name] !== undefined);
  const microseconds = spread(costs.map((each) => each[name])).median;
  const ratio = spread(costs.map((each) => each[name] / each[bare]));
  const ratios = `**${ratio.median.toFixed(2)}** (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`;
  return `${microseconds.toFixed(0)} | ${ratios}`;
}

/** Where the time of our client goes. Compression is in threads that a profile does not see. */
async function profileTable() {
  const sink = await startSink(pinned);
  const subject = await startSubject(ours, sink.url, pinned);
  const shares = {};
  for (const [kind, calls] of [
    ["chat", 20_000],
    ["stream", 1_000],
  ]) {
    const { microseconds } = await subject.ask({ measure: "profile", kind, calls });
    delete microseconds["(idle)"];
    const all = sum(microseconds);
    shares[kind] = (owner) => `${((100 * (microseconds[owner] ?? 0)) / all).toFixed(1)} %`;
  }
  subject.close();
  sink.close();
  const lines = Object.entries(owners).map(
    ([owner, text]) => `| ${text} | ${shares.chat(owner)} | ${shares.stream(owner)} |`,
  );
  return ["| | of a call | of a stream |", "|---|---|---|", ...lines, ""].join("\n");
}

/** What is left on the heap after every tenth of a million calls. */
async function memoryTable() {
  const sink = await startSink(pinned);
  const total = Number(values.million);
  const lines = [];
  for (const name of [bare, ours]) {
    const subject = await startSubject(name, sink.url, pinned);
    const heaps = [];
    let last;
    for (let tenth = 0; tenth < 10; tenth += 1) {
      last = await subject.ask({ measure: "memory", kind: "chat", calls: total / 10 });
      heaps.push(last.heapBytes / 2 ** 20);
    }
    subject.close();
    const { delivered, dropped } = last.metrics ?? {};
    const counted = delivered === undefined ? "" : `${delivered} delivered, ${sum(dropped)} dropped`;
    lines.push(`| ${label(name)} | ${heaps.map((each) => each.toFixed(1)).join(", ")} | ${counted} |`);
  }
  sink.close();
  return ["| | MiB after every tenth | events |", "|---|---|---|", ...lines, ""].join("\n");
}

/** 500 calls a second for 10 seconds, five times by turns. */
async function delayTable() {
  const sink = await startSink(pinned);
  const running = [];
  for (const name of [bare, ours]) running.push(await startSubject(name, sink.url, pinned));
  const load = { measure: "delay", kind: "chat", callsPerSecond: 500 };
  const taken = new Map(running.map(({ name }) => [name, []]));
  for (const subject of running) await subject.ask({ ...load, seconds: 3 });
  for (let run = 0; run < 5; run += 1) {
    for (const subject of run % 2 === 0 ? running : running.toReversed()) {
      taken.get(subject.name).push(await subject.ask({ ...load, seconds: 10 }));
      await subject.ask({ measure: "settle" });
    }
  }
  for (const subject of running) subject.close();
  sink.close();
  const median = (name, field) => spread(taken.get(name).map((each) => each[field])).median.toFixed(2);
  const lines = running.map(
    ({ name }) =>
      `| ${label(name)} | ${["p50Ms", "p99Ms", "p999Ms"].map((field) => median(name, field)).join(" | ")} |`,
  );
  return ["| | p50, ms | p99, ms | p99.9, ms |", "|---|---|---|---|", ...lines, ""].join("\n");
}

function sum(counts) {
  return Object.values(counts).reduce((all, each) => all + each, 0);
}

function label(name) {
  if (name === bare) return "`openai` alone";
  return name === ours ? "**`cmdrdata-openai`**" : `\`${name}\` ${versionIn(name)}`;
}

function versionIn(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
}

function versionOf(node) {
  return node === pinned ? process.versions.node : "20.20.2";
}
