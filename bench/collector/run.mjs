// `npm run bench:collector`: what the collector takes and answers, on both engines, as an operator runs it and with its load from
// another process; writes the tables of docs/benchmarks.md. `-- --only ingest,idle,profile,growth` measures some parts (all
// but `growth` by default), `--grow N` is to how many events a ledger grows (10,000,000 by default; some 25 minutes and 30 GiB),
// `--engine sqlite|postgres`, `--seconds N` for each measurement, `--rounds N`, `--connections N`, `--seed N`.
import { parseArgs } from "node:util";

import { replaceSection } from "../sdk/page.mjs";
import { growthTables } from "./growth.mjs";
import { idleTable } from "./idle.mjs";
import { ingestTable } from "./ingest.mjs";
import { profileTable } from "./profile.mjs";
import { engineNames, openSetting } from "./setting.mjs";

const command = "npm run bench:collector";
const parts = {
  ingest: async (setting) => replaceSection(`collector: ${command}`, await ingestTable(setting)),
  idle: async (setting) => replaceSection(`collector idle: ${command}`, await idleTable(setting)),
  profile: async (setting) => replaceSection(`collector profile: ${command}`, await profileTable(setting)),
  growth: async (setting) => {
    for (const engine of engines) {
      const { growth, queries } = await growthTables(setting, engine);
      replaceSection(`collector growth ${engine}: ${command} -- --only growth`, growth);
      replaceSection(`collector queries ${engine}: ${command} -- --only growth`, queries);
    }
  },
};

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "ingest,idle,profile" },
    engine: { type: "string" },
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    connections: { type: "string", default: "32" },
    seed: { type: "string", default: "1" },
    grow: { type: "string", default: "10000000" },
  },
});
const wanted = values.only.split(",");
if (wanted.some((part) => !Object.hasOwn(parts, part)))
  throw new Error(`--only: expected some of ${Object.keys(parts).join(", ")}`);
const numbers = ["seconds", "rounds", "connections", "seed", "grow"].map((name) => [name, Number(values[name])]);
const engines = engineNames.filter((engine) => values.engine === undefined || values.engine === engine);
const setting = await openSetting({ ...Object.fromEntries(numbers), engines });
try {
  for (const part of wanted) {
    process.stderr.write(`measuring ${part}\n`);
    await parts[part](setting);
  }
} finally {
  await setting.close();
}
