// docs/benchmarks.md is written by hand but for its tables, each between two comments that name it.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const page = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));

/**
 * Puts a table in its place, and prints it.
 *
 * @param {string} name as in the comment: the table, a colon, the command that writes it
 * @param {string} text
 */
export function replaceSection(name, text) {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name.split(":")[0]} -->`];
  const whole = readFileSync(page, "utf8");
  const [before, rest] = whole.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${page}: expected ${begin} … ${end}`);
  writeFileSync(page, `${before}${begin}\n${text}${end}${after}`);
  process.stdout.write(`${text}\n`);
}
