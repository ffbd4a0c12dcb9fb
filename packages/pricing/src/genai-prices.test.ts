/** Compares our integers with the floats of the package the book comes from: another way of working it out. */
import { emptyEvent } from "@cmdrdata/protocol";
import { calcPrice } from "@pydantic/genai-prices";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createPricer } from "./create-pricer.ts";
import { priceBook } from "./price-book.ts";

const pricer = createPricer();

/** Names that the book's matchers give by themselves: all but patterns. Prices of regions the package does not have. */
const names = priceBook.models.flatMap(({ id, match, rows }) =>
  id.endsWith("-regional") || rows.filter(({ source }) => source.startsWith("genai-prices")).length < 2
    ? []
    : match.flatMap((matcher) => ("equals" in matcher ? [matcher.equals] : [])),
);

const usages = fc
  .tuple(fc.integer({ min: 1, max: 400_000 }), fc.nat(400_000), fc.nat(50_000), fc.nat(4))
  .map(([input, cached, output, searches]) => ({ input, cached: Math.min(cached, input), output, searches }));
const times = fc.date({ min: new Date("2025-05-01"), max: new Date("2026-12-31"), noInvalidDate: true });

describe("createPricer", () => {
  it("knows many names", () => expect(names.length).toBeGreaterThan(100));

  it("agrees with genai-prices for every model, time, size of request, cached tokens and searches", () => {
    const property = fc.property(fc.constantFrom(...names), usages, times, (model, usage, at) => {
      const { input, cached, output, searches } = usage;
      const event = {
        ...emptyEvent,
        model,
        input_tokens: input,
        output_tokens: output,
        usage: { ...emptyEvent.usage, input: { cached }, quantities: { web_search_calls: searches } },
      };
      const cost = pricer.price(event, at.getTime());
      if (cost.kind === "unpriced") {
        expect([cost.reason, searches > 0]).toEqual(["unit_unpriced", true]);
        return;
      }
      const counts = { input_tokens: input, cache_read_tokens: cached, output_tokens: output, web_searches: searches };
      const theirs = calcPrice(counts, model, { providerId: "openai", timestamp: at })?.total_price ?? Number.NaN;
      expect(Number(cost.picoUsd) / 1e12 / theirs).toBeCloseTo(1, 9);
    });
    fc.assert(property, { numRuns: 3_000 });
  });
});
