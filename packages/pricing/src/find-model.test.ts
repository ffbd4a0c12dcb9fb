import { describe, expect, it } from "vitest";

import { createFindModel } from "./find-model.ts";
import type { ModelMatcher, PriceBook, PriceRow } from "./price-book.ts";
import { createRateCard, type RateCard, ratesAt } from "./rate-card.ts";

const row: PriceRow = {
  unit: "input_tokens",
  serviceTier: "default",
  aboveInputTokens: null,
  atMostInputTokens: null,
  effectiveFrom: null,
  effectiveTo: null,
  picoUsdPerUnit: 1,
  source: "test",
};

const modelWith = (id: string, match: readonly ModelMatcher[], picoUsdPerUnit: number, provider = "openai"): Model => ({
  provider,
  id,
  match,
  rows: [{ ...row, picoUsdPerUnit }],
});
type Model = PriceBook["models"][number];

const book: PriceBook = {
  version: "test",
  sources: {},
  models: [
    modelWith("exact", [{ equals: "exact" }, { endsWith: "-tail" }], 1),
    modelWith("start", [{ startsWith: "ex" }], 2),
    modelWith("middle", [{ contains: "mid" }], 3),
    modelWith("pattern", [{ regex: "^v\\d$" }], 4),
    modelWith("azure's own", [{ equals: "exact" }], 5, "azure"),
  ],
};

const ratesOf = (card: RateCard | undefined, atMs = 0, inputTokens = 0) =>
  ratesAt(card?.get("default") ?? [], atMs, inputTokens);
const priceOf = (...args: Parameters<typeof ratesOf>): bigint | undefined =>
  ratesOf(...args)?.rates.input_tokens?.picoUsdEach;

describe("createFindModel", () => {
  it.each([
    ["exact", 1n],
    ["EXACT", 1n],
    ["any-Tail", 1n],
    ["example", 2n],
    ["a-MID-b", 3n],
    ["v1", 4n],
    ["V1", undefined],
    ["v10", undefined],
    ["", undefined],
  ])("finds for %s the first model that fits", (name, expected) => {
    const find = createFindModel(book);
    expect(priceOf(find("openai", name))).toBe(expected);
    expect(priceOf(find("openai", name))).toBe(expected);
  });

  it("prefers prices of Azure's own where the book has them", () => {
    expect(priceOf(createFindModel(book)("azure", "exact"))).toBe(5n);
  });

  it("prefers a model that has wholly a more particular name, the most particular first, and never one of a part", () => {
    const particular = createFindModel({
      ...book,
      models: [
        ...book.models,
        modelWith("whole", [{ equals: "v1-a" }], 6),
        modelWith("dated", [{ regex: "^v1-\\d-b$" }], 7),
        modelWith("open", [{ regex: "^v1-c" }], 8),
      ],
    });
    expect(priceOf(particular("openai", "v1", ["-a"]))).toBe(6n);
    expect(priceOf(particular("openai", "v1", ["-x", "-a", "-2-b"]))).toBe(6n);
    expect(priceOf(particular("openai", "v1", ["-2-b", "-a"]))).toBe(7n);
    expect(priceOf(particular("openai", "v1", ["-tail", "-mid", "-c"]))).toBe(4n);
    expect(priceOf(particular("openai", "v1"))).toBe(4n);
    expect(particular("openai", "unknown", ["-y"])).toBeUndefined();
  });

  it("goes on finding after any number of other names", () => {
    const find = createFindModel(book);
    for (let index = 0; index < 2_500; index += 1) expect(find("openai", `unknown-${index}`)).toBeUndefined();
    expect(priceOf(find("openai", "exact"))).toBe(1n);
  });
});

describe("createRateCard", () => {
  const card = createRateCard([
    { ...row, effectiveFrom: "2026-01-01", effectiveTo: "2026-02-01", picoUsdPerUnit: 10 },
    { ...row, effectiveFrom: "2026-01-01", effectiveTo: "2026-02-01", aboveInputTokens: 100, picoUsdPerUnit: 20 },
    { ...row, effectiveFrom: "2026-03-01", picoUsdPerUnit: 30 },
  ]);

  it.each([
    ["2025-12-31T23:59:59.999Z", 0, undefined],
    ["2026-01-01", 100, 10n],
    ["2026-01-01", 101, 20n],
    ["2026-02-01", 0, undefined],
    ["2026-03-01", 101, 30n],
  ])("on %s, for %d tokens of input, holds %s", (day, inputTokens, expected) => {
    expect(priceOf(card, Date.parse(day), inputTokens)).toBe(expected);
  });

  it("holds a price that is for small requests only for those, and says which those are", () => {
    const small = createRateCard([{ ...row, atMostInputTokens: 100 }]);
    expect(ratesOf(small, 0, 100)).toMatchObject({ smallest: true, rates: { input_tokens: { picoUsdEach: 1n } } });
    expect(ratesOf(small, 0, 101)).toEqual({ smallest: false, rates: {} });
  });

  it("has fees in every tier, and no tier of fees alone", () => {
    const fee = { ...row, unit: "file_search_calls", serviceTier: null } as const;
    const both = createRateCard([fee, { ...row, serviceTier: "batch" }]);
    expect([...both.keys()]).toEqual(["batch"]);
    expect(Object.keys(ratesAt(both.get("batch") ?? [], 0, 0)?.rates ?? {})).toEqual([
      "file_search_calls",
      "input_tokens",
    ]);
  });
});
