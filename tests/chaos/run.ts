/**
 * `npm run chaos`: every scenario, then a thousand cycles of `kill -9`. `-- --only <part of a name>`, `--cycles N`, `--seed N`,
 * `--calls N` of each program; `--rounds N` goes through all scenarios so many times. Says what each day came to; exit code 1 if anything was lost,
 * doubled, wrong or late.
 */
import { parseArgs } from "node:util";

import { seededRandom } from "@cmdrdata/testkit";

import { quantile } from "../../bench/sdk/numbers.mjs";
import { killed, type Scenario, scenarios } from "./scenarios.ts";
import { compare, makeWorld, type Ran } from "./world.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    cycles: { type: "string", default: "1000" },
    calls: { type: "string", default: "600" },
    rounds: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const cycles = Number(values.cycles);
const all: readonly (readonly [string, Scenario])[] = [
  ...Object.entries(scenarios(Number(values.calls))),
  [`${cycles} programs are killed`, killed(cycles)],
];
const wanted = all.filter(([name]) => name.includes(values.only));
let failures = 0;
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const [name, scenario] of wanted) {
    const seed = Number(values.seed) + round;
    const { problems, summary } = await play(scenario, seed);
    failures += problems.length;
    process.stdout.write(`${problems.length === 0 ? "ok    " : "FAILED"} ${name}, seed ${seed}: ${summary}\n`);
    for (const problem of problems.slice(0, 10)) process.stdout.write(`       ${problem}\n`);
  }
}
process.exitCode = failures === 0 ? 0 : 1;

async function play(scenario: Scenario, seed: number) {
  const world = await makeWorld();
  try {
    const ran = [...(await scenario(world, seededRandom(seed)))];
    ran.push(...(await world.settle()));
    const ledger = await world.ledger();
    const late = lateness(ran);
    const said = ran.reduce((sum, { calls }) => sum + calls.length, 0);
    const summary = `${said} calls, ${ledger.size} in the ledger${late === undefined ? "" : `; ${late.text}`}`;
    return { problems: [...compare(ran, ledger), ...(late?.problems ?? [])], summary };
  } finally {
    await world.end();
  }
}

/** How much longer a tracked call takes than a bare one made beside it: at most 1 ms at the median, 10 ms at the 99th percentile. */
function lateness(ran: readonly Ran[]) {
  const [bare, tracked] = [ran.flatMap(({ bareMs }) => afterStart(bareMs)), ran.flatMap(({ trackedMs }) => afterStart(trackedMs))]; // prettier-ignore
  if (bare.length === 0) return undefined;
  const added = (share: number): number => quantile(tracked, share) - quantile(bare, share);
  const [median, p99] = [added(0.5), added(0.99)];
  const text = `added ms: median ${median.toFixed(2)}, p99 ${p99.toFixed(2)}`;
  return { text, problems: median <= 1 && p99 <= 10 ? [] : [`too late: ${text}`] };
}

/** The first fifth of the calls is the compiler's. */
function afterStart(values: readonly number[]): readonly number[] {
  return values.slice(values.length / 5);
}
