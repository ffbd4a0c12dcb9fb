/** docs/coverage.md is written from the table in the code: `UPDATE_DOCS=1 npx vitest run --project openai coverage-docs`. */
import { readFileSync, writeFileSync } from "node:fs";

import { expect, it } from "vitest";

import { endpoints } from "../src/capture/endpoints.ts";

const page = new URL("../../../docs/coverage.md", import.meta.url);
const begin = "<!-- begin: written from packages/openai/src/capture/endpoints.ts -->\n";
const end = "<!-- end -->\n";

function renderTable(): string {
  const rows = Object.entries(endpoints).map(([path, { operation, coverage }]) => {
    const { reports, streamed, note } = coverage;
    const reported = reports.length === 0 ? "none" : reports.join(", ");
    return `| \`${path}\` | \`${operation}\` | ${reported} | ${streamed ? "yes" : "no"} | ${note} |`;
  });
  return ["| POST | operation | reports | streamed | |", "|---|---|---|---|---|", ...rows, ""].join("\n");
}

it("docs/coverage.md says what the table says", () => {
  const text = readFileSync(page, "utf8");
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  expect(from >= begin.length && to >= from).toBe(true);
  const written = text.slice(0, from) + renderTable() + text.slice(to);
  if (process.env["UPDATE_DOCS"] !== undefined) writeFileSync(page, written);
  expect(readFileSync(page, "utf8")).toBe(written);
});
