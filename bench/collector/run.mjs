// `npm run bench:collector`: events a second and the time to the acknowledgement at several batch sizes, on both engines, with
// what the engine does by itself beside it in the same run; writes docs/benchmarks.md. `-- --seconds N` for each measurement,
// `--rounds N`, `--connections N`, `--seed N`, `--engine sqlite|postgres`.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { startPostgres } from "../../packages/testkit/dist/esm/index.js";
import { startCollector } from "../../tests/e2e/collector-process.ts";
import { quantile, spread } from "../sdk/numbers.mjs";
import { replaceSection } from "../sdk/page.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    connections: { type: "string", default: "32" },
    seed: { type: "string", default: "1" },
    engine: { type: "string" },
  },
});
const [seconds, rounds, connections, seed] = ["seconds", "rounds", "connections", "seed"].map((each) => Number(values[each])); // prettier-ignore
const engines = ["sqlite", "postgres"].filter((engine) => values.engine === undefined || values.engine === engine);
const batches = [1, 10, 100, 1_000];
const key = `tk-${"b".repeat(30)}`;
const folder = mkdtempSync(join(tmpdir(), "cmdrdata-bench-"));
const postgres = engines.includes("postgres") ? await startPostgres() : undefined;

/** In a process of its own, whose work is in nobody's numbers. */
async function ask(file, question) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)));
  await once(child, "message");
  child.send(question);
  const [answer] = await once(child, "message");
  child.kill();
  return answer;
}

const rates = {};
const acks = {};
const ceilings = {};
const starts = {};
const note = (taken, name, value) => (taken[name] ??= []).push(value);
for (let round = 0; round < rounds; round += 1) {
  for (const engine of engines) {
    const place = join(folder, `${engine}-${round}`);
    const databaseUrl = engine === "postgres" ? await postgres.createDatabase() : undefined;
    const startedMs = performance.now();
    const collector = await startCollector(place, { firstKey: key, databaseUrl });
    note(starts, engine, { ms: performance.now() - startedMs, bytes: residentBytes(collector.pid) });
    for (const batch of batches) {
      const load = { url: collector.url, key, batch, connections, seconds, seed: seed + round };
      const { eventsPerSecond, refused, tookMs } = await ask("load.mjs", load);
      if (refused > 0) process.stderr.write(`${engine}, ${batch}: ${refused} requests were refused\n`);
      note(rates, `${engine} ${batch}`, eventsPerSecond);
      note(acks, `${engine} ${batch}`, [quantile(tookMs, 0.5), quantile(tookMs, 0.99)]);
    }
    await collector.stop("SIGTERM");
    const own = engine === "postgres" ? await postgres.createDatabase() : undefined;
    const bare = { path: join(folder, `bare-${round}.db`), databaseUrl: own, batch: 1_000, seconds, seed };
    note(ceilings, engine, await ask("ceiling.mjs", bare));
    process.stderr.write(`round ${round + 1} of ${rounds}: ${engine}\n`);
  }
}
await postgres?.remove();
rmSync(folder, { recursive: true });
replaceSection("collector: npm run bench:collector", table());

function residentBytes(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1_024;
}

function table() {
  const median = (list, pick) => spread(list.map(pick)).median;
  const rows = engines.flatMap((engine) =>
    batches.map((batch) => {
      const name = `${engine} ${batch}`;
      const { low, median: middle, high } = spread(rates[name]);
      const [p50, p99] = [0, 1].map((at) => median(acks[name], (each) => each[at]).toFixed(1));
      const ceiling = median(ceilings[engine], ({ eventsPerSecond }) => eventsPerSecond);
      const whole = (number) => Math.round(number).toLocaleString("en-US");
      return `| ${engine} | ${batch} | ${whole(middle)} (${whole(low)} to ${whole(high)}) | ${p50} | ${p99} | ${(middle / ceiling).toFixed(2)} |`;
    }),
  );
  const bare = engines.map((engine) => {
    const perSecond = Math.round(median(ceilings[engine], (each) => each.eventsPerSecond)).toLocaleString("en-US");
    const cpu = median(ceilings[engine], (each) => each.cpuPerEvent).toFixed(1);
    const start = median(starts[engine], ({ ms }) => ms).toFixed(0);
    const memory = (median(starts[engine], ({ bytes }) => bytes) / 2 ** 20).toFixed(0);
    return `${engine}: the engine alone ${perSecond} events/s (${cpu} us of CPU each in that process); started and ready in ${start} ms, ${memory} MiB resident then.`;
  });
  return [
    `Node ${process.versions.node}, ${rounds} rounds of ${seconds} s each, ${connections} connections from one other process on the same`,
    `cores, seed ${seed}; every event once, durable before it is acknowledged, priced.`,
    "",
    ...bare.flatMap((line) => [line, ""]),
    "| engine | events per request | events/s (middle half) | ack p50, ms | p99, ms | of the engine alone |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
