import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { priceBook } from "./price-book.ts";

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

describe("priceBook", () => {
  it("is what the script compiles from the pinned package, byte for byte", () => {
    const script = pathOf("../scripts/compile-price-book.mjs");
    const compiled = execFileSync(process.execPath, [script, "--print"], { encoding: "utf8" });
    expect(readFileSync(pathOf("./price-book.generated.ts"), "utf8")).toBe(compiled);
  });

  it("has a version that names its source and its content", () => {
    expect(priceBook.version).toMatch(/^genai-prices-\d+\.\d+\.\d+\+[0-9a-f]{8}$/);
  });

  it("has exact prices only: integers of pico-dollars", () => {
    const prices = priceBook.models.flatMap(({ rows }) => rows.map(({ picoUsdPerUnit }) => picoUsdPerUnit));
    expect(prices.length).toBeGreaterThan(200);
    expect(prices.filter((price) => !Number.isSafeInteger(price) || price < 0)).toEqual([]);
  });

  it("has at most one price for a unit at any time and size of request", () => {
    for (const { id, rows } of priceBook.models) {
      const keys = rows.map((row) => [row.unit, row.serviceTier, row.effectiveFrom, row.aboveInputTokens].join());
      expect(new Set(keys).size, id).toBe(keys.length);
    }
  });

  it("says of every price where it is from and when that was looked up", () => {
    for (const { source } of priceBook.models.flatMap(({ rows }) => rows)) {
      expect(priceBook.sources[source]?.url, source).toMatch(/^https:\/\//);
      expect(priceBook.sources[source]?.checkedAt, source).toMatch(/^2026-\d\d-\d\d$/);
    }
  });

  it("has in the batch and flex tiers half of the ordinary prices, but for what is published rounded", () => {
    const odd = priceBook.models.flatMap(({ id, rows }) =>
      rows.flatMap((row) => {
        if (row.serviceTier !== "batch" && row.serviceTier !== "flex") return [];
        const ordinary = rows.find(
          (other) =>
            other.serviceTier === "default" &&
            other.unit === row.unit &&
            other.aboveInputTokens === row.aboveInputTokens &&
            other.effectiveTo === row.effectiveTo,
        );
        return ordinary?.picoUsdPerUnit === row.picoUsdPerUnit * 2 ? [] : [`${id} ${row.serviceTier} ${row.unit}`];
      }),
    );
    expect(odd).toEqual([
      "gpt-5.4-regional batch cached_input_tokens",
      "gpt-5.4-regional flex cached_input_tokens",
      "gpt-5.4 batch cached_input_tokens",
      "gpt-5.4 flex cached_input_tokens",
      "o4-mini flex cached_input_tokens",
    ]);
  });

  it("has for the hosts of a region the model's own rows: tokens and seconds at 11/10, fees as they are", () => {
    const copies = priceBook.models.filter(({ id }) => id.endsWith("-regional"));
    expect(copies.map(({ id }) => id)).toContain("gpt-5.4-regional");
    for (const { id, match, rows } of copies) {
      const own = priceBook.models.find((model) => `${model.id}-regional` === id)?.rows ?? [];
      const elevenths = own.map((row) => row.picoUsdPerUnit * (row.serviceTier === null ? 10 : 11));
      expect(
        rows.map((row) => row.picoUsdPerUnit * 10),
        id,
      ).toEqual(elevenths);
      expect(match.length, id).toBeGreaterThan(0);
    }
  });

  it("leaves out the prices of resellers and models with a fee per call", () => {
    const names = JSON.stringify(priceBook.models.map(({ match }) => match));
    expect(names).not.toMatch(/gpt-oss|extended|search-preview/);
  });
});
