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
      const keys = rows.map((row) => [row.unit, row.effectiveFrom, row.aboveInputTokens].join());
      expect(new Set(keys).size, id).toBe(keys.length);
    }
  });

  it("leaves out the prices of resellers and models with a fee per call", () => {
    const names = JSON.stringify(priceBook.models.map(({ match }) => match));
    expect(names).not.toMatch(/gpt-oss|extended|search-preview/);
  });
});
