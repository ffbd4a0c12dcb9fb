// `npm run docs:configuration`: writes name, environment variable, default and range of each of the tracker's numbers into
// docs/configuration.md, from the table in the code. What an option means is written by hand, and stays.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "./build.mjs";
import { root } from "./steps.mjs";

await build();
const tracker = join(root, "packages", "tracker", "dist", "esm", "index.js");
const { numberOptions } = await import(pathToFileURL(tracker).href);
const page = join(root, "docs", "configuration.md");
const head = "| option | environment | default | range | meaning |\n|---|---|---|---|---|\n";
const [before = "", rest] = readFileSync(page, "utf8").split(head);
if (rest === undefined) throw new Error(`${page}: expected a table with the head ${head}`);
const end = rest.indexOf("\n\n");
const meanings = new Map(
  rest
    .slice(0, end)
    .split("\n")
    .map((row) => row.split(" | "))
    .map(([name = "", , , , ...meaning]) => [name.replace(/^\| `|`$/g, ""), meaning.join(" | ").replace(/ \|$/, "")]),
);
const rows = Object.entries(numberOptions).map(([name, option]) => {
  const { env, min, max } = option;
  return `| \`${name}\` | \`${env}\` | ${option.default} | ${min} to ${max} | ${meanings.get(name) ?? "…"} |`;
});
writeFileSync(page, `${before}${head}${rows.join("\n")}${rest.slice(end)}`);
