/**
 * `npm run chaos:collector`: the collector's bad days at length. `-- --engine sqlite|postgres|both`, `--cycles N` of
 * misfortunes, `--seed N`, `--only <part of a name>`, `--no-mount` as without the right to mount. Says what each day came to;
 * exit code 1 if anything was lost, doubled or wrong.
 *
 * With `--wrong` it shows that the days can fail: each misfortune by itself, on a collector that is wrong on purpose (liar.ts);
 * exit code 1 if a day does not notice.
 */
import { parseArgs } from "node:util";

import { type Day, type DayReport, playDay } from "./collector-days.ts";
import { lieFor } from "./liar.ts";
import { type Engine, misfortuneNames } from "./site.ts";

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "both" },
    cycles: { type: "string" },
    only: { type: "string", default: "" },
    "no-mount": { type: "boolean", default: false },
    wrong: { type: "boolean", default: false },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const engines = (["sqlite", "postgres"] satisfies Engine[]).filter((each) => [each, "both"].includes(values.engine));
let failures = engines.length === 0 ? 1 : 0;
for (const engine of engines) await (values.wrong ? playWrong(engine) : play(engine));
process.exitCode = failures === 0 ? 0 : 1;

async function play(engine: Engine): Promise<void> {
  const report = await playDay({ ...dayOf(engine, "300"), only: (name) => name.includes(values.only) });
  failures += report.problems.length;
  say(report.problems.length === 0 ? "ok    " : "FAILED", engine, report);
}

async function playWrong(engine: Engine): Promise<void> {
  for (const name of misfortuneNames[engine].filter((each) => each.includes(values.only))) {
    const lie = lieFor(name);
    const report = await playDay({ ...dayOf(engine, "3"), lie, only: (each) => each === name });
    const unnoticed = report.problems.length === 0 && report.skipped.length === 0;
    if (unnoticed) failures += 1;
    say(unnoticed ? `UNNOTICED: ${lie}` : `noticed (${lie})`, engine, report);
  }
}

function dayOf(engine: Engine, cycles: string): Day {
  return { engine, cycles: Number(values.cycles ?? cycles), seed: Number(values.seed), mayMount: !values["no-mount"] };
}

function say(verdict: string, engine: Engine, { problems, skipped, summary }: DayReport): void {
  process.stdout.write(`${verdict} ${engine}, seed ${values.seed}: ${summary}\n`);
  for (const each of skipped) process.stdout.write(`SKIPPED ${engine}, ${each}\n`);
  for (const problem of problems.slice(0, 10)) process.stdout.write(`       ${problem.slice(0, 300)}\n`);
}
