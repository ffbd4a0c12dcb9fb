/**
 * Compiles the OpenAI prices of @pydantic/genai-prices (a devDependency, pinned), and of openai-overlay.mjs what those
 * lack, into src/price-book.generated.ts.
 *
 * Promise: every price becomes an exact integer or the script fails; nothing is dropped in silence: a kind of price or
 * of matcher that is not listed here fails too. The same package gives the same file, byte for byte.
 *
 *   node scripts/compile-price-book.mjs           writes the file
 *   node scripts/compile-price-book.mjs --print   prints it
 *
 * Azure is left out: the package's own Azure list has 23 models, matches by "contains" (a price of o4-mini for every
 * name with o4-mini in it) and rounds (cached o4-mini at 0.28 instead of 0.275). The pricer uses OpenAI's prices for it.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { findProvider } from "@pydantic/genai-prices";

import { applyOverlay } from "./apply-overlay.mjs";
import { sources as overlaySources } from "./overlay-sources.mjs";
import { picoUsd } from "./pico-usd.mjs";

const file = fileURLToPath(new URL("../src/price-book.generated.ts", import.meta.url));
const { version: packageVersion } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.resolve("@pydantic/genai-prices")), "utf8"),
);
const source = `genai-prices ${packageVersion}`;
/** When this version was published. */
const packageDate = "2026-09-23";

/** The package's price keys: our unit, and how many units the price is for. */
const units = new Map([
  ["input_mtok", ["input_tokens", 1_000_000n]],
  ["cache_read_mtok", ["cached_input_tokens", 1_000_000n]],
  ["cache_write_mtok", ["cache_write_tokens", 1_000_000n]],
  ["input_audio_mtok", ["input_audio_tokens", 1_000_000n]],
  ["input_image_mtok", ["input_image_tokens", 1_000_000n]],
  ["output_mtok", ["output_tokens", 1_000_000n]],
  ["output_audio_mtok", ["output_audio_tokens", 1_000_000n]],
  ["output_image_mtok", ["output_image_tokens", 1_000_000n]],
  ["web_searches_kcount", ["web_search_calls", 1_000n]],
  ["audio_hours", ["audio_seconds", 3_600n]],
]);

/** A fee for a tool is the same in every service tier: OpenAI lists it once. */
const anyTier = new Set(["web_search_calls"]);

/** Known, and not taken: the event has no count for them, so that a call that used them is not priced by them. */
const keysLeftOut = new Set([
  "storage_searches_kcount",
  "cache_audio_read_mtok",
  "cache_image_read_mtok",
  // The same as audio_hours, which is taken.
  "input_audio_hours",
]);

/** Matchers of models whose calls cost more than their tokens: a fee per call that the package does not have. */
const matchersLeftOut = /^gpt-4o(-mini)?-search-preview/;

/** Prices of a reseller, not OpenAI's: the package says so in a comment. */
const resold = (model) => /OpenRouter/.test(model.price_comments ?? "") || model.id === "gpt-4o:extended";

function compileModels(provider) {
  const models = provider.models
    .filter((model) => !resold(model))
    .map((model) => ({
      provider: provider.id,
      id: model.id,
      match: matchersOf(model.match).filter((matcher) => !matchersLeftOut.test(Object.values(matcher)[0])),
      rows: periodsOf(model).flatMap((period) => rowsOf(period, model.id)),
    }));
  return models.filter(({ match }) => match.length > 0);
}

function matchersOf(clause) {
  const [[kind, value]] = Object.entries(clause);
  if (kind === "or") return value.flatMap(matchersOf);
  const names = { equals: "equals", starts_with: "startsWith", ends_with: "endsWith", contains: "contains" };
  if (kind === "regex") return [{ regex: value }];
  if (names[kind] === undefined) throw new Error(`unknown matcher ${kind}`);
  return [{ [names[kind]]: value.toLowerCase() }];
}

/** The package takes the last period whose start has come; the first has no start. */
function periodsOf({ id, prices }) {
  if (!Array.isArray(prices)) return [{ from: null, to: null, prices }];
  const starts = prices.map(({ constraint }) => startOf(constraint, id));
  const sorted = starts.slice(1).every((start, index) => start > (starts[index] ?? ""));
  if (starts[0] !== null || !sorted) throw new Error(`${id}: expected an open first period and rising dates`);
  return prices.map((period, index) => ({ from: starts[index], to: starts[index + 1] ?? null, prices: period.prices }));
}

function startOf(constraint, id) {
  if (constraint === undefined) return null;
  const { type, start_date: start } = constraint;
  if (type === "start_date" && /^\d{4}-\d{2}-\d{2}$/.test(start)) return start;
  throw new Error(`${id}: expected a start date, got ${JSON.stringify(constraint)}`);
}

/** A model with no price at all is one that costs nothing (moderation): a price of 0, not a missing one. */
function rowsOf({ from, to, prices }, id) {
  const given = Object.keys(prices).length === 0 ? { input_mtok: 0, output_mtok: 0 } : prices;
  return Object.entries(given).flatMap(([key, price]) => {
    if (keysLeftOut.has(key)) return [];
    const [unit, per] = units.get(key) ?? fail(`${id}: unknown price ${key}`);
    return tiersOf(price).map(({ above, usd }) => ({
      unit,
      serviceTier: anyTier.has(unit) ? null : "default",
      aboveInputTokens: above,
      atMostInputTokens: null,
      effectiveFrom: from,
      effectiveTo: to,
      picoUsdPerUnit: picoUsd(usd, per),
      source,
    }));
  });
}

/** A tier holds for requests with more input tokens than its start, for the whole request. */
function tiersOf(price) {
  if (typeof price === "number") return [{ above: null, usd: price }];
  const tiers = price.tiers.toSorted((a, b) => a.start - b.start);
  return [{ above: null, usd: price.base }, ...tiers.map(({ start, price: usd }) => ({ above: start, usd }))];
}

function fail(message) {
  throw new Error(message);
}

function render(models) {
  const used = new Set(models.flatMap(({ rows }) => rows.map((row) => row.source)));
  const sources = Object.fromEntries(
    Object.entries({
      [source]: {
        url: "https://www.npmjs.com/package/@pydantic/genai-prices",
        checkedAt: packageDate,
        note: "MIT License, from OpenAI's list of prices and its changelog",
      },
      ...overlaySources,
    }).filter(([name]) => used.has(name)),
  );
  const hash = createHash("sha256").update(JSON.stringify({ sources, models })).digest("hex").slice(0, 8);
  const lines = models.map(({ rows, ...model }) => {
    const head = JSON.stringify(model).slice(0, -1);
    const body = rows.map((row) => `\n    ${JSON.stringify(row)},`).join("");
    return `  ${head},"rows":[${body}${rows.length === 0 ? "" : "\n  "}]},\n`;
  });
  return `// Generated by scripts/compile-price-book.mjs; do not edit: run "npm run prices:compile".
// Prices from @pydantic/genai-prices ${packageVersion}, MIT License, Copyright (c) Pydantic Services Inc. 2025 to present,
// and from scripts/openai-overlay.mjs.
import type { PriceBook } from "./price-book.ts";

export const compiledBook: PriceBook = { version: "genai-prices-${packageVersion}+${hash}",
sources: ${JSON.stringify(sources, null, 2)},
models: [
${lines.join("")}] };
`;
}

const provider = findProvider({ providerId: "openai" }) ?? fail("no provider openai");
const text = render(applyOverlay(compileModels(provider), "openai"));
if (process.argv.includes("--print")) process.stdout.write(text);
else writeFileSync(file, text);
