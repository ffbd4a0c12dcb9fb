/**
 * `npm run chaos:collector`: the collector's bad days at length. `-- --engine sqlite|postgres|both`, `--cycles N` of
 * misfortunes, `--seed N`. Says what each day came to; exit code 1 if anything was lost, doubled or wrong.
 */
import { parseArgs } from "node:util";

import { type Engine, playDay } from "./collector-days.ts";

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "both" },
    cycles: { type: "string", default: "300" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const engines = (["sqlite", "postgres"] satisfies Engine[]).filter((each) => [each, "both"].includes(values.engine));
const seed = Number(values.seed);
let failures = engines.length === 0 ? 1 : 0;
for (const engine of engines) {
  const { problems, summary } = await playDay({ engine, cycles: Number(values.cycles), seed });
  failures += problems.length;
  process.stdout.write(`${problems.length === 0 ? "ok    " : "FAILED"} ${engine}, seed ${seed}: ${summary}\n`);
  for (const problem of problems.slice(0, 10)) process.stdout.write(`       ${problem}\n`);
}
process.exitCode = failures === 0 ? 0 : 1;
