/** The table of docs/exit.md, made of real processes. `npm run docs:exit` writes it. */
import { readFileSync, writeFileSync } from "node:fs";

import { beforeAll, describe, expect, it } from "vitest";

import {
  type Cell,
  type Ended,
  endings,
  exitFlushMs,
  inParallel,
  runBare,
  runCell,
  states,
  tableOf,
} from "./exit-table.ts";

const page = new URL("../../../docs/exit.md", import.meta.url);
const [begin, end] = ["<!-- table: npm run docs:exit -->\n", "\n<!-- end of table -->"] as const;

let bare: readonly Ended[] = [];
let cells: readonly (readonly Cell[])[] = [];

beforeAll(async () => {
  bare = await inParallel(
    endings.map((ending) => () => runBare(ending)),
    4,
  );
  // Those that wait come first, so that they wait together.
  const tasks = states.toReversed().flatMap((state) => endings.map((ending) => () => runCell(ending, state)));
  const flat = await inParallel(tasks, 6);
  cells = endings.map((_, row) =>
    states.map((_state, column) => flat[(states.length - 1 - column) * endings.length + row] as Cell),
  );
}, 120_000);

const all = endings.flatMap((ending, row) => states.map((state, column) => ({ ending, state, row, column })));

describe.each(all)("$ending.title, collector: $state.title", ({ row, column }) => {
  const cell = (): Cell => cells[row]?.[column] as Cell;

  it("delivers 3 of 3, at once or by the next process (D5, D6)", () => {
    const { atOnce, byNext, ended } = cell();
    expect([...atOnce, ...byNext].toSorted(), ended.output).toEqual(["event-1", "event-2", "event-3"]);
  });

  it("ends as it would without a tracker (X1), in time", () => {
    const { ended } = cell();
    const without = bare[row] as Ended;
    expect([ended.code, ended.signal]).toEqual([without.code, without.signal]);
    expect(ended.afterMs - without.afterMs).toBeLessThan(exitFlushMs + 2_000);
    // Of what Node says of an exception nothing is lost, and nothing of ours is beside it.
    expect(lines(ended.output)).toEqual(lines(without.output));
  });
});

/** Without places in files, and without our own lines in the log. */
function lines(output: string): readonly string[] {
  return output
    .split("\n")
    .filter((line) => !line.includes('"service":"cmdrdata"'))
    .filter((line) => !line.startsWith("    at ") && !line.startsWith("file:"));
}

describe("docs/exit.md", () => {
  it("has the table as it is measured", () => {
    const text = readFileSync(page, "utf8");
    const [before = "", rest = ""] = text.split(begin);
    const [table, after = ""] = rest.split(end);
    const measured = tableOf(cells, bare);
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(page, `${before}${begin}${measured}${end}${after}`);
    else expect(table).toBe(measured);
  });
});
