/** Prompt estimates against what the API counted; docs/estimates.md is written from it: `UPDATE_DOCS=1 npx vitest run --project openai published-counts`. */
import { readFileSync, writeFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { recordStream } from "../src/capture/estimate/estimate-stream.ts";
import { loadTokenizer } from "../src/capture/estimate/tokenizer.ts";
import { contradictions, type PublishedCount, publishedCounts } from "./published-counts.ts";

async function estimateOf({ operation, model, request }: PublishedCount): Promise<number> {
  const text = recordStream(operation);
  if (text === null) throw new Error(`expected ${operation} to be estimated`);
  text.request = JSON.stringify({ model, ...request, stream: true });
  const { inputTokens } = await text.estimate(model, { loadTokenizer, nextTurn: () => Promise.resolve() });
  return Number(inputTokens);
}

const offBy = (estimate: number, counted: number): number => Math.abs(estimate - counted) / counted;

describe("a prompt estimate", () => {
  it.each(publishedCounts)("is within 2 % of $promptTokens for $model ($source)", async (published) => {
    expect(offBy(await estimateOf(published), published.promptTokens)).toBeLessThanOrEqual(0.02);
  });

  it("is exact for at least nine of ten of them", async () => {
    const estimates = await Promise.all(publishedCounts.map(estimateOf));
    const exact = publishedCounts.filter(({ promptTokens }, index) => estimates[index] === promptTokens);
    expect(exact.length / publishedCounts.length).toBeGreaterThanOrEqual(0.9);
  });

  it.each(contradictions)("is not explained by the published $promptTokens for $model: $why", async (published) => {
    const estimate = await estimateOf(published);
    expect(estimate).toBe(published.estimate);
    expect(offBy(estimate, published.promptTokens)).toBeGreaterThan(0.02);
  });
});

const page = new URL("../../../docs/estimates.md", import.meta.url);
const begin = "<!-- begin: written from packages/openai/test/published-counts.ts -->\n";
const end = "<!-- end -->\n";

async function renderTables(): Promise<string> {
  const sources = [...new Set(publishedCounts.map(({ source }) => source))];
  const rows = await Promise.all(
    sources.map(async (source) => {
      const counts = publishedCounts.filter((each) => each.source === source);
      const estimates = await Promise.all(counts.map(estimateOf));
      const exact = counts.filter(({ promptTokens }, index) => promptTokens === estimates[index]).length;
      const worst = Math.max(
        ...counts.map(({ promptTokens }, index) => offBy(estimates[index] ?? Number.NaN, promptTokens)),
      );
      return `| ${source} | ${counts.length} | ${exact} | ${(worst * 100).toFixed(1)} % |`;
    }),
  );
  const others = contradictions.map(
    ({ source, model, promptTokens, estimate, why }) =>
      `| ${source}, \`${model}\` | ${promptTokens} | ${estimate} | ${why} |`,
  );
  return [
    "| published by | counts | exact | furthest off |",
    "|---|---|---|---|",
    ...rows,
    "",
    "Published counts that contradict the rule, and are no part of the above:",
    "",
    "| published by | count | estimate | why |",
    "|---|---|---|---|",
    ...others,
    "",
  ].join("\n");
}

it("docs/estimates.md says how near the estimates are", async () => {
  const text = readFileSync(page, "utf8");
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  expect(from >= begin.length && to >= from).toBe(true);
  const written = text.slice(0, from) + (await renderTables()) + text.slice(to);
  if (process.env["UPDATE_DOCS"] !== undefined) writeFileSync(page, written);
  expect(readFileSync(page, "utf8")).toBe(written);
});
