/** docs/coverage.md is written from the tables in the code: `UPDATE_DOCS=1 npx vitest run --project openai coverage-docs`. */
import { readFileSync, writeFileSync } from "node:fs";

import { expect, it } from "vitest";

import { endpoints, gaps } from "../src/capture/endpoints.ts";
import { jobKinds } from "../src/capture/jobs/job-kinds.ts";
import { turns } from "../src/realtime/turns.ts";

const page = new URL("../../../docs/coverage.md", import.meta.url);

const reported = (reports: readonly string[]): string => (reports.length === 0 ? "none" : reports.join(", "));

const responses = {
  path: "/responses",
  ends: ["response.completed", "response.incomplete", "response.failed"],
  endpoint: endpoints["/responses"]!,
};

const tables: Readonly<Record<string, () => readonly string[]>> = {
  endpoints: () => [
    "| POST | operation | reports | streamed | |",
    "|---|---|---|---|---|",
    ...Object.entries(endpoints).map(([path, { operation, coverage }]) => {
      const { reports, streamed, note } = coverage;
      return `| \`${path}\` | \`${operation}\` | ${reported(reports)} | ${streamed ? "yes" : "no"} | ${note} |`;
    }),
  ],
  jobs: () => [
    "| job | operation of its result | reports | seen in the answer to | |",
    "|---|---|---|---|---|",
    ...Object.entries(jobKinds)
      .filter(([, { shownBy }]) => shownBy.length > 0)
      .map(([object, { operation, reports, shownBy, note }]) => {
        const seen = shownBy.map((request) => `\`${request}\``).join(", ");
        return `| \`${object}\` | \`${operation}.result\` | ${reported(reports)} | ${seen} | ${note} |`;
      }),
  ],
  connections: () => [
    "| connection | each | operation | reports | |",
    "|---|---|---|---|---|",
    ...[...turns, responses].map(({ path, ends, endpoint: { operation, coverage } }) => {
      const each = ends.map((event) => `\`${event}\``).join(", ");
      return `| \`${path}\` | ${each} | \`${operation}\` | ${reported(coverage.reports)} | ${coverage.note} |`;
    }),
  ],
  gaps: () => [
    "| billed | why it is not counted |",
    "|---|---|",
    ...Object.entries(gaps).map(([what, why]) => `| ${what} | ${why} |`),
  ],
};

it.each(Object.keys(tables))("docs/coverage.md says what the table in the code says (%s)", (name) => {
  const text = readFileSync(page, "utf8");
  const source = name === "connections" ? "realtime" : "capture";
  const begin = `<!-- begin: ${name}, written from packages/openai/src/${source} -->\n`;
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf("<!-- end -->\n", from);
  expect(from >= begin.length && to >= from).toBe(true);
  const written = text.slice(0, from) + (tables[name]?.() ?? []).map((row) => `${row}\n`).join("") + text.slice(to);
  if (process.env["UPDATE_DOCS"] !== undefined) writeFileSync(page, written);
  expect(readFileSync(page, "utf8")).toBe(written);
});
