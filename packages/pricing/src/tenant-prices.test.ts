import { emptyEvent, type UsageEvent } from "@cmdrdata/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createPricer } from "./create-pricer.ts";
import { adjust, adjustmentOf, type TenantAdjustment, type TenantPrice, type TenantTerm } from "./tenant-prices.ts";

const atMs = Date.parse("2026-10-01T00:00:00Z");
const always = { provider: "openai", effectiveFrom: null, effectiveTo: null };
const price: TenantPrice = { ...always, kind: "price", model: "gpt-4o*", unit: "input_tokens", serviceTier: "default", picoUsdPerUnit: 1_000_000 }; // prettier-ignore
const markUp: TenantAdjustment = { ...always, kind: "adjustment", model: "*", numerator: 11, denominator: 10 };
/** 1,000 tokens in at $2.50, 100 out at $10: 3,500 millionths of a dollar. */
const event: UsageEvent = { ...emptyEvent, model: "gpt-4o", input_tokens: 1_000, output_tokens: 100 };
const costOf = (terms: readonly TenantTerm[], changed: Partial<UsageEvent> = {}, tenant = "acme"): unknown =>
  createPricer(undefined, new Map([["acme", terms]])).price({ ...event, ...changed }, atMs, tenant);

describe("a tenant's own prices (T1)", () => {
  it("take the place of the book's for that tenant, and leave other units and tenants alone", () => {
    expect(costOf([price])).toMatchObject({
      picoUsd: 2_000_000_000n,
      lines: [
        { unit: "input_tokens", source: "tenant" },
        { unit: "output_tokens", source: "genai-prices 0.1.8" },
      ],
    });
    expect(costOf([price], {}, "globex")).toMatchObject({ picoUsd: 3_500_000_000n });
    expect(createPricer().price(event, atMs)).toMatchObject({ picoUsd: 3_500_000_000n });
  });

  it("hold for any size of request, in their tier and while they last", () => {
    const own = { ...price, model: "gpt-5.4" };
    expect(costOf([own], { model: "gpt-5.4", input_tokens: 300_000, output_tokens: 0 })).toMatchObject({
      picoUsd: 300_000_000_000n,
    });
    expect(costOf([{ ...price, serviceTier: "priority" }])).toMatchObject({ picoUsd: 3_500_000_000n });
    expect(costOf([{ ...price, serviceTier: "scale" }], { service_tier: "scale", output_tokens: 0 })).toMatchObject({
      picoUsd: 1_000_000_000n,
    });
    expect(costOf([{ ...price, effectiveTo: "2026-09-01" }])).toMatchObject({ picoUsd: 3_500_000_000n });
    expect(costOf([{ ...price, effectiveFrom: "2026-11-01" }])).toMatchObject({ picoUsd: 3_500_000_000n });
  });

  it("price models and providers that the book does not know", () => {
    const output = { ...price, unit: "output_tokens", picoUsdPerUnit: 0 } as const;
    const own = [price, output].map((each) => ({ ...each, provider: "acme", model: "llama*" }));
    expect(costOf(own, { provider: "acme", model: "llama-4" })).toMatchObject({ picoUsd: 1_000_000_000n });
    expect(costOf(own, { provider: "acme", model: "gemma" })).toMatchObject({ reason: "model_unknown" });
    const azure = { ...price, provider: "azure" };
    expect(costOf([azure], { provider: "azure" })).toMatchObject({ picoUsd: 2_000_000_000n });
    expect(costOf([azure])).toMatchObject({ picoUsd: 3_500_000_000n });
  });
});

describe("a tenant's terms for the hosts of a region", () => {
  const request = { ...emptyEvent.request, region: "eu" };
  const own = { ...price, model: "gpt-5.4" };

  it("are the model's, or its own", () => {
    const called = { model: "gpt-5.4", output_tokens: 0, request };
    expect(costOf([], called)).toMatchObject({ picoUsd: 2_750_000_000n });
    expect(costOf([own], called)).toMatchObject({ picoUsd: 1_000_000_000n });
    expect(costOf([own, { ...own, model: "gpt-5.4-regional", picoUsdPerUnit: 3 }], called)).toMatchObject({
      picoUsd: 3_000n,
    });
  });
});

describe("a tenant's terms for images and videos", () => {
  const second: TenantPrice = { ...price, model: "sora-2-pro", unit: "video_seconds", picoUsdPerUnit: 5 };
  const large: TenantPrice = { ...second, model: "sora-2-pro-1024x1792", picoUsdPerUnit: 7 };
  const filmed = (size: string): Partial<UsageEvent> => ({
    model: "sora-2-pro",
    input_tokens: null,
    output_tokens: null,
    usage: { ...emptyEvent.usage, quantities: { video_seconds: 10 }, size },
  });

  it("go before the book's by the model's name, and by the size's name before those, in whatever order (T1)", () => {
    for (const terms of [
      [second, large],
      [large, second],
    ]) {
      expect(costOf(terms, filmed("1024x1792"))).toMatchObject({ picoUsd: 70n });
      expect(costOf(terms, filmed("1792x1024"))).toMatchObject({ picoUsd: 50n });
    }
    expect(costOf([large], filmed("1792x1024"))).toMatchObject({ picoUsd: 5_000_000_000_000n });
    expect(costOf([{ ...large, model: "sora-3-1x1" }], { ...filmed("1x1"), model: "sora-3" })).toMatchObject({
      picoUsd: 70n,
    });
  });

  it("mark up by the longer name (T2)", () => {
    const double = { ...markUp, model: "sora-2-pro-1024x1792", numerator: 20 };
    expect(costOf([markUp, double], filmed("1024x1792"))).toMatchObject({ picoUsd: 10_000_000_000_000n });
    expect(costOf([markUp, double], filmed("1792x1024"))).toMatchObject({ picoUsd: 5_500_000_000_000n });
  });
});

describe("a tenant's adjustments (T2)", () => {
  it("multiply the cost, as a line of their own", () => {
    expect(costOf([markUp])).toMatchObject({
      picoUsd: 3_850_000_000n,
      lines: [{}, {}, { unit: "adjustment", quantity: 1, picoUsd: 350_000_000n, source: "tenant 11/10" }],
    });
    expect(costOf([{ ...markUp, numerator: 0 }])).toMatchObject({ picoUsd: 0n });
    expect(costOf([{ ...markUp, numerator: 10 }])).toEqual(costOf([]));
  });

  it("leave unpriced calls unpriced", () => {
    expect(costOf([markUp], { model: "gpt-99" })).toMatchObject({ kind: "unpriced" });
  });

  it("hold by the longest pattern, then by the latest start, while they last", () => {
    const call = { provider: "openai", names: ["gpt-4o"], atMs };
    const later = { ...markUp, effectiveFrom: "2026-09-01", numerator: 12 };
    const exact = { ...markUp, model: "gpt-4o", numerator: 13 };
    expect(adjustmentOf([later, markUp], call)).toBe(later);
    expect(adjustmentOf([exact, later, markUp], call)).toBe(exact);
    expect(adjustmentOf([{ ...markUp, effectiveTo: "2026-10-01" }], call)).toBeUndefined();
    expect(adjustmentOf([{ ...markUp, effectiveTo: "2026-10-02" }], call)).toBeDefined();
    expect(adjustmentOf([{ ...markUp, effectiveFrom: "2026-10-02" }], call)).toBeUndefined();
  });

  it.each([
    ["gpt-4o", "gpt-4o", true],
    ["gpt-4o", "gpt-4o-mini", false],
    ["GPT-4O*", "gpt-4o-mini", true],
    ["*mini", "gpt-4o-mini", true],
    ["gpt*mini", "gpt-4o-mini", true],
    ["gpt*4*o*mini", "gpt-4o-mini", true],
    ["gpt*x*mini", "gpt-4o-mini", false],
    ["gpt-4*4o", "gpt-4o", false],
    ["o*", "gpt-4o", false],
    ["*", "", true],
  ])("with the pattern %s fit %s: %s", (model, name, expected) => {
    const found = adjustmentOf([{ ...markUp, model }], { provider: "openai", names: [name], atMs });
    expect(found !== undefined).toBe(expected);
  });

  it("round half up, and undo one another to the pico-dollar", () => {
    expect(adjust(5n, { ...markUp, numerator: 1, denominator: 2 })).toBe(3n);
    expect(adjust(4n, { ...markUp, numerator: 1, denominator: 3 })).toBe(1n);
    const parts = fc.integer({ min: 1, max: 1_000 });
    const property = fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 20n }),
      parts,
      parts,
      (cost, numerator, denominator) => {
        const exact = cost * BigInt(numerator);
        const rounded = adjust(cost, { ...markUp, numerator, denominator }) * BigInt(denominator);
        const off = rounded - exact;
        expect(off * 2n <= BigInt(denominator) && off * 2n > -BigInt(denominator)).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
