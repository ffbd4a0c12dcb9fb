// `npm run bench:soak`: the tracked client and the bare one, by turns, at 1,000 calls a second, with the real collector that
// is killed and comes back; writes docs/benchmarks.md. `-- --seconds N` for each run, `--runs N`, `--rate N`, `--seed N`.
// Exit code 1 if the sums do not agree, memory grew, or the event loop was later than it may be.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";

import { startCollector } from "../../tests/e2e/collector-process.ts";
import { seeded, spread } from "./numbers.mjs";
import { replaceSection } from "./page.mjs";
import { startSubject } from "./processes.mjs";
import { subjects } from "./subjects.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    runs: { type: "string", default: "5" },
    rate: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
  },
});
const [seconds, runs, rate] = [Number(values.seconds), Number(values.runs), Number(values.rate)];
const random = seeded(Number(values.seed));
const [bare, ours] = Object.keys(subjects);
/** As subjects.mjs gives it. */
const key = `tk-${"b".repeat(30)}`;
/** Up for so long, then down for so long, at most. */
const [upMs, downMs] = [15_000, 8_000];

const folder = mkdtempSync(join(tmpdir(), "cmdrdata-soak-"));
process.env["CMDRDATA_SPOOL_DIR"] = join(folder, "spool");
let collector = await startCollector(folder, { firstKey: key });
const { url } = collector;
const port = Number(new URL(url).port);
const over = new AbortController();
let kills = 0;
const comesAndGoes = comeAndGo();

const taken = { [bare]: [], [ours]: [] };
const running = [await startSubject(bare, url, process.execPath), await startSubject(ours, url, process.execPath)];
const load = { measure: "delay", kind: "chat", callsPerSecond: rate };
for (const subject of running) await subject.ask({ ...load, seconds: Math.min(5, seconds) });
for (let run = 0; run < runs; run += 1) {
  for (const subject of run % 2 === 0 ? running : running.toReversed()) {
    taken[subject.name].push(await subject.ask({ ...load, seconds }));
    process.stderr.write(`run ${run + 1} of ${runs}: ${subject.name}, the collector was killed ${kills} times\n`);
  }
}
over.abort();
await comesAndGoes;
const { metrics } = await settled(running[1]);
const ledger = (await collector.usage("")).total.calls;
for (const subject of running) subject.close();
await collector.stop("SIGTERM");
rmSync(folder, { recursive: true });

const problems = judge();
replaceSection("soak: npm run bench:soak", table());
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function comeAndGo() {
  for (;;) {
    await wait(upMs * (0.5 + random() / 2));
    if (over.signal.aborted) return;
    await collector.stop("SIGKILL");
    kills += 1;
    await wait(downMs * (0.5 + random() / 2));
    collector = await startCollector(folder, { port, firstKey: key });
  }
}

/** Or until it is over. */
async function wait(ms) {
  await setTimeout(ms, undefined, { signal: over.signal }).catch(() => {});
}

/** One flush waits for so long as a program would let it; what a dead collector left takes several. */
async function settled(subject) {
  for (let flushes = 0; ; flushes += 1) {
    const answer = await subject.ask({ measure: "settle" });
    if ((answer.metrics.held === 0 && inSpool(answer.metrics) === 0) || flushes === 30) return answer;
  }
}

/** What was put on the disk for want of room, and not taken over again. */
function inSpool({ spooled, adopted }) {
  return spooled - adopted;
}

function median(name, field) {
  return spread(taken[name].map((each) => each[field])).median;
}

/** Why, for those that were. */
function reasons() {
  const named = Object.entries({ ...metrics.dropped, rejected: metrics.rejected }).filter(([, count]) => count > 0);
  return named.length === 0 ? "" : ` (${named.map(([reason, count]) => `${reason} ${count}`).join(", ")})`;
}

function lost() {
  return Object.values(metrics.dropped).reduce((all, each) => all + each, metrics.rejected);
}

/** Taken over from the disk, an event counts as captured once more. */
function calls() {
  return metrics.captured - metrics.adopted;
}

function judge() {
  const late = median(ours, "p999Ms") - median(bare, "p999Ms");
  const may = Math.max(2, 0.2 * median(bare, "p999Ms"));
  const [first, last] = [taken[ours][0].heapBytes, taken[ours].at(-1).heapBytes];
  return [
    ...(late <= may
      ? []
      : [`the event loop is later by ${late.toFixed(2)} ms at p99.9; expected at most ${may.toFixed(2)}`]),
    ...(ledger + lost() + metrics.held + inSpool(metrics) === calls()
      ? []
      : [
          `${calls()} calls, ${ledger} in the ledger, ${lost()} dropped, ${metrics.held} held, ${inSpool(metrics)} on the disk`,
        ]),
    // What a collector that is away just then leaves in the queue is bounded by its own limit of 16 MiB.
    ...(last - first < 24 * 2 ** 20 ? [] : [`the heap grew from ${first} to ${last} bytes`]),
  ];
}

function table() {
  const row = (name, title) => {
    const delays = ["p50Ms", "p99Ms", "p999Ms"].map((field) => median(name, field).toFixed(2));
    const heaps = taken[name].map(({ heapBytes }) => (heapBytes / 2 ** 20).toFixed(0));
    return `| ${title} | ${delays.join(" | ")} | ${heaps.join(", ")} |`;
  };
  return [
    `Node ${process.versions.node}, ${runs} runs of ${seconds} s each at ${rate} calls a second, by turns, seed ${values.seed}; the`,
    `collector was killed with \`kill -9\` ${kills} times and stayed away for up to ${downMs / 1_000} s each time. Calls ${calls()}, in the`,
    `ledger ${ledger}, dropped and counted ${lost()}${reasons()}, still held ${metrics.held + inSpool(metrics)}.`,
    "",
    "| | p50, ms | p99, ms | p99.9, ms | MiB after every run |",
    "|---|---|---|---|---|",
    row(bare, "`openai` alone"),
    row(ours, "**`cmdrdata-openai`**"),
    "",
  ].join("\n");
}
