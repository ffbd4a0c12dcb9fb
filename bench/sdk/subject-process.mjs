// One subject in its process. Told to, it makes calls and says what they took: CPU time of all threads, memory, or how late
// the event loop was. Run with --expose-gc.
import { Session } from "node:inspector/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate, setTimeout } from "node:timers/promises";

import { subjects } from "./subjects.mjs";

const [name, sink] = process.argv.slice(2);
const messages = [
  { role: "system", content: "You are a helpful assistant that answers in one sentence." },
  { role: "user", content: "What is a canary?" },
];
const question = { model: "gpt-4o", messages };
/** Since the warm-up. */
let measured;
const { client, flush, metrics } = await subjects[name](sink);

/** The program's own work: what it does with an answer. @returns how much text came */
const work = {
  async chat() {
    const reply = await client.chat.completions.create(question);
    return reply.choices[0].message.content.length;
  },
  async stream() {
    let characters = 0;
    const stream = await client.chat.completions.create({ ...question, stream: true });
    for await (const chunk of stream) characters += chunk.choices[0]?.delta?.content?.length ?? 0;
    return characters;
  },
};

/** Ten calls at once, then a turn of the event loop: a real network gives one to every call, the `fetch` here gives none. */
async function makeCalls(kind, calls) {
  let characters = 0;
  for (let made = 0; made < calls; made += 10) {
    const lengths = await Promise.all(Array.from({ length: 10 }, work[kind]));
    for (const length of lengths) characters += length;
    await setImmediate();
  }
  return characters;
}

/**
 * Compiles the code; what is measured begins here. Nothing is collected by force: for seconds afterwards every program is
 * slower, and one that has more code by more.
 */
async function warmUp({ kind, calls }) {
  await makeCalls(kind, calls);
  await flush();
  measured = { calls: 0, before: process.cpuUsage() };
  return {};
}

async function someCalls({ kind, calls }) {
  await makeCalls(kind, calls);
  measured.calls += calls;
  return {};
}

/**
 * CPU of all threads since the warm-up, everything included: capture, batches, compression and sending as they come, and
 * the collection of garbage.
 */
async function cost() {
  await flush();
  const { user, system } = process.cpuUsage(measured.before);
  return { microsecondsPerCall: (user + system) / measured.calls };
}

/** What is left in memory after a block of calls. */
async function memory({ kind, calls }) {
  await makeCalls(kind, calls);
  await flush();
  // Twice: what a finalizer lets go of is collected at the next one.
  for (let times = 0; times < 2; times += 1) {
    globalThis.gc();
    await setTimeout(10);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, rssBytes: rss, metrics: metrics?.() };
}

/** How late the event loop was while calls came in at a steady pace. */
async function delay({ kind, callsPerSecond, seconds }) {
  globalThis.gc();
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  const until = performance.now() + seconds * 1_000;
  const calls = [];
  histogram.enable();
  for (let due = performance.now(); due < until; due += 1_000 / callsPerSecond) {
    const wait = due - performance.now();
    if (wait > 0) await setTimeout(wait);
    calls.push(work[kind]());
  }
  await Promise.all(calls);
  histogram.disable();
  globalThis.gc();
  const ms = (percentile) => histogram.percentile(percentile) / 1e6;
  const { heapUsed, external } = process.memoryUsage();
  return {
    p50Ms: ms(50),
    p99Ms: ms(99),
    p999Ms: ms(99.9),
    calls: calls.length,
    heapBytes: heapUsed + external,
    metrics: metrics?.(),
  };
}

/** Waits until what was captured has its outcome. */
async function settle() {
  await flush();
  return { metrics: metrics?.() };
}

/** Whose code the CPU was in during a block of calls: what a built-in does counts for the script that called it. */
async function profile({ kind, calls }) {
  await makeCalls(kind, calls);
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 200 });
  await session.post("Profiler.start");
  await makeCalls(kind, calls);
  await flush();
  const { profile: taken } = await session.post("Profiler.stop");
  session.disconnect();
  return { microseconds: byOwner(taken) };
}

function byOwner({ nodes, samples, timeDeltas }) {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const known = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const owners = {};
  samples.forEach((id, index) => {
    const owner = ownerOf(id, known, parents);
    owners[owner] = (owners[owner] ?? 0) + timeDeltas[index];
  });
  return owners;
}

function ownerOf(leaf, known, parents) {
  const { functionName } = known.get(leaf);
  if (functionName === "(idle)" || functionName === "(garbage collector)") return functionName;
  for (let id = leaf; id !== undefined; id = parents.get(id)) {
    const { url } = known.get(id);
    const [, part] = /\/packages\/(openai\/dist\/esm\/(?:hook|capture)|[a-z]+)\//.exec(url) ?? [];
    if (part !== undefined) return part.replace("/dist/esm", "");
    if (url.startsWith("file:")) return "program";
  }
  return "runtime";
}

const measures = { warmUp, calls: someCalls, cost, memory, delay, settle, profile };
process.on(
  "message",
  ({ measure, ...options }) => void measures[measure](options).then((taken) => process.send(taken)),
);
process.send({ ready: true });
