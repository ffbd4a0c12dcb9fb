/**
 * Costs worked out by hand from published prices. Prices in the comments are US dollars for a million tokens, input /
 * cached input / output; a dollar for a million tokens is 1,000,000 pico-dollars for one.
 *
 * Source: OpenAI's list of prices, https://platform.openai.com/docs/pricing (later developers.openai.com/api/docs/pricing),
 * and its changelog, as taken over by @pydantic/genai-prices 0.1.8 of 2026-09-23; for other tiers and units those of
 * scripts/openai-overlay.mjs, looked up on 2026-11-25 and 26.
 */
import { emptyEvent, type UsageEvent } from "@cmdrdata/protocol";
import { describe, expect, it } from "vitest";

import type { Cost } from "./cost.ts";
import { createPricer } from "./create-pricer.ts";

interface Tokens {
  readonly input: number;
  readonly cached?: number;
  readonly cacheWrite?: number;
  readonly output?: number;
  readonly reasoning?: number;
  readonly searches?: number;
  readonly tier?: string;
  readonly region?: string;
}

const pricer = createPricer();

function costOf(model: string, tokens: Tokens, at = "2026-10-01T00:00:00Z"): Cost {
  const { input, cached = 0, cacheWrite = 0, output = null, reasoning = 0, searches = 0, tier = null } = tokens;
  const { region } = tokens;
  const event: UsageEvent = {
    ...emptyEvent,
    operation: output === null ? "embeddings" : "chat.completions",
    model,
    service_tier: tier,
    input_tokens: input,
    output_tokens: output,
    request: region === undefined ? emptyEvent.request : { ...emptyEvent.request, region },
    usage: {
      source: "reported",
      input: { cached, cache_write: cacheWrite },
      output: { reasoning },
      quantities: { web_search_calls: searches },
      raw: null,
    },
  };
  return pricer.price(event, Date.parse(at));
}

describe("a call costs what OpenAI's list says", () => {
  it("gpt-4o, 2.50 / 1.25 / 10.00, with cached tokens", () => {
    // 1,000 in, 400 of them cached: 600 x 2.5 + 400 x 1.25 = 1,500 + 500; 200 out x 10 = 2,000: 4,000 millionths.
    const cost = costOf("gpt-4o-2024-08-06", { input: 1_000, cached: 400, output: 200 });
    expect(cost).toMatchObject({ kind: "priced", picoUsd: 4_000_000_000n });
  });

  it("gpt-4o of May 2024, 5.00 / no cached price / 15.00", () => {
    // 1,000 x 5 + 200 x 15 = 8,000 millionths, and no discount for the cached ones.
    const cost = costOf("gpt-4o-2024-05-13", { input: 1_000, cached: 400, output: 200 });
    expect(cost).toMatchObject({ picoUsd: 8_000_000_000n });
  });

  it("gpt-4o-mini, 0.15 / 0.075 / 0.60", () => {
    // 10,000 in, 2,048 cached: 7,952 x 0.15 = 1,192.8; 2,048 x 0.075 = 153.6; 500 out x 0.6 = 300: 1,646.4 millionths.
    const cost = costOf("gpt-4o-mini", { input: 10_000, cached: 2_048, output: 500 });
    expect(cost).toMatchObject({ picoUsd: 1_646_400_000n });
  });

  it("gpt-5, 1.25 / 0.125 / 10.00, where reasoning tokens are part of the output", () => {
    // 2,000 in, 1,024 cached: 976 x 1.25 = 1,220; 1,024 x 0.125 = 128; 1,500 out x 10 = 15,000: 16,348 millionths.
    const cost = costOf("gpt-5-2025-08-07", { input: 2_000, cached: 1_024, output: 1_500, reasoning: 1_280 });
    expect(cost).toMatchObject({ picoUsd: 16_348_000_000n });
  });

  it("gpt-5-nano, 0.05 / 0.005 / 0.40", () => {
    // 1 in x 0.05 + 1 cached x 0.005 + 1 out x 0.4 = 0.455 millionths.
    const cost = costOf("gpt-5-nano", { input: 2, cached: 1, output: 1 });
    expect(cost).toMatchObject({ picoUsd: 455_000n });
  });

  it("o4-mini, 1.10 / 0.275 / 4.40", () => {
    // 3,000 in, 1,000 cached: 2,000 x 1.1 = 2,200; 1,000 x 0.275 = 275; 4,000 out x 4.4 = 17,600: 20,075 millionths.
    const cost = costOf("o4-mini-2025-04-16", { input: 3_000, cached: 1_000, output: 4_000, reasoning: 3_200 });
    expect(cost).toMatchObject({ picoUsd: 20_075_000_000n });
  });

  it("text-embedding-3-small, 0.02, and no output", () => {
    // 8,191 x 0.02 = 163.82 millionths.
    expect(costOf("text-embedding-3-small", { input: 8_191 })).toMatchObject({ picoUsd: 163_820_000n });
  });

  it("a web search of gpt-4.1, 2.00 / 0.50 / 8.00 and 10.00 for a thousand searches", () => {
    // 1,000 x 2 + 100 x 8 = 2,800 millionths; 3 searches x 0.01 = 30,000 millionths.
    const cost = costOf("gpt-4.1", { input: 1_000, output: 100, searches: 3 });
    expect(cost).toMatchObject({ picoUsd: 32_800_000_000n });
  });
});

describe("a price holds for its size of request", () => {
  // gpt-5.4: 2.50 / 0.25 / 15.00 below 272,000 tokens of input, else 5.00 / 0.50 / 22.50 for the whole request.
  it("gpt-5.4 just below the long context", () => {
    // 271,999 x 2.5 = 679,997.5; 1,000 out x 15 = 15,000: 694,997.5 millionths.
    const cost = costOf("gpt-5.4-2026-03-05", { input: 271_999, output: 1_000 });
    expect(cost).toMatchObject({ picoUsd: 694_997_500_000n });
  });

  it("gpt-5.4 with a long context", () => {
    // 172,000 x 5 = 860,000; 100,000 cached x 0.5 = 50,000; 1,000 out x 22.5 = 22,500: 932,500 millionths.
    const cost = costOf("gpt-5.4", { input: 272_000, cached: 100_000, output: 1_000 });
    expect(cost).toMatchObject({ picoUsd: 932_500_000_000n });
  });

  // gpt-6-sol: 2.00 / 0.20 / 10.00, writes to the cache 2.50; with more than 272,000 tokens of input double, output 15.00.
  it("gpt-6-sol with exactly 272,000 tokens of input, which is not more", () => {
    // 171,000 x 2 = 342,000; 100,000 cached x 0.2 = 20,000; 1,000 written x 2.5 = 2,500; 10 out x 10 = 100: 364,600.
    const tokens = { input: 272_000, cached: 100_000, cacheWrite: 1_000, output: 10 };
    expect(costOf("gpt-6-sol", tokens)).toMatchObject({ picoUsd: 364_600_000_000n });
  });
});

describe("a price holds for its time", () => {
  const tokens = { input: 1_000, output: 100 };

  it("o3 before it became cheaper on 2025-06-10: 10.00 / 40.00", () => {
    // 1,000 x 10 + 100 x 40 = 14,000 millionths.
    expect(costOf("o3", tokens, "2025-06-09T23:59:59.999Z")).toMatchObject({ picoUsd: 14_000_000_000n });
  });

  it("o3 from then on: 2.00 / 8.00", () => {
    // 1,000 x 2 + 100 x 8 = 2,800 millionths.
    expect(costOf("o3", tokens, "2025-06-10T00:00:00Z")).toMatchObject({ picoUsd: 2_800_000_000n });
  });

  it("gpt-5.6-sol before and from 2026-08-21: 5.00 / 30.00, then 4.00 / 20.00", () => {
    // 1,000 x 5 + 100 x 30 = 8,000 millionths; 1,000 x 4 + 100 x 20 = 6,000 millionths.
    expect(costOf("gpt-5.6-sol", tokens, "2026-08-20T12:00:00Z")).toMatchObject({ picoUsd: 8_000_000_000n });
    expect(costOf("gpt-5.6-sol", tokens, "2026-08-21T12:00:00Z")).toMatchObject({ picoUsd: 6_000_000_000n });
  });
});

describe("a price holds for its service tier", () => {
  it("gpt-4.1 in a batch, 1.00 / no cached price / 4.00", () => {
    // 1,000 x 1 + 100 x 4 = 1,400 millionths, and no discount for the cached ones.
    const cost = costOf("gpt-4.1-2025-04-14", { input: 1_000, cached: 400, output: 100, tier: "batch" });
    expect(cost).toMatchObject({ picoUsd: 1_400_000_000n });
  });

  it("gpt-5 in a batch and in flex, 0.625 / 0.0625 / 5.00", () => {
    // 600 x 0.625 = 375; 400 x 0.0625 = 25; 100 x 5 = 500: 900 millionths.
    for (const tier of ["batch", "flex"]) {
      const cost = costOf("gpt-5", { input: 1_000, cached: 400, output: 100, tier });
      expect(cost).toMatchObject({ picoUsd: 900_000_000n });
    }
  });

  it("gpt-5.4 in flex, 1.25 / 0.13 / 7.50, long 2.50 / 0.25 / 11.25", () => {
    // 600 x 1.25 = 750; 400 x 0.13 = 52; 100 x 7.5 = 750: 1,552. 299,000 x 2.5 = 747,500; 1,000 x 0.25 = 250: 747,750.
    const short = costOf("gpt-5.4", { input: 1_000, cached: 400, output: 100, tier: "flex" });
    expect(short).toMatchObject({ picoUsd: 1_552_000_000n });
    const long = costOf("gpt-5.4", { input: 300_000, cached: 1_000, output: 0, tier: "flex" });
    expect(long).toMatchObject({ picoUsd: 747_750_000_000n });
  });

  it("gpt-4o by priority, 4.25 / 2.125 / 17.00, whichever of its two names the tier has", () => {
    // 600 x 4.25 = 2,550; 400 x 2.125 = 850; 100 x 17 = 1,700: 5,100 millionths.
    for (const tier of ["priority", "fast"]) {
      const cost = costOf("gpt-4o-2024-11-20", { input: 1_000, cached: 400, output: 100, tier });
      expect(cost).toMatchObject({ picoUsd: 5_100_000_000n });
    }
  });

  it("gpt-6-luna by priority, 0.20 / 0.02 / 1.00, writes to the cache 0.25", () => {
    // 500 x 0.2 = 100; 400 x 0.02 = 8; 100 x 0.25 = 25; 100 x 1 = 100: 233 millionths.
    const cost = costOf("gpt-6-luna", { input: 1_000, cached: 400, cacheWrite: 100, output: 100, tier: "priority" });
    expect(cost).toMatchObject({ picoUsd: 233_000_000n });
  });

  it("gpt-5.6-sol in a batch before and from 2026-08-21: 2.50 / 15.00, then 2.00 / 10.00", () => {
    // 1,000 x 2.5 + 100 x 15 = 4,000 millionths; 1,000 x 2 + 100 x 10 = 3,000 millionths.
    const tokens = { input: 1_000, output: 100, tier: "batch" };
    expect(costOf("gpt-5.6-sol", tokens, "2026-08-20T12:00:00Z")).toMatchObject({ picoUsd: 4_000_000_000n });
    expect(costOf("gpt-5.6-sol", tokens, "2026-08-21T12:00:00Z")).toMatchObject({ picoUsd: 3_000_000_000n });
  });

  it("o3 by priority only from 2025-06-10: what it cost before is not known", () => {
    const tokens = { input: 1_000, output: 100, tier: "priority" };
    // 1,000 x 3.5 + 100 x 14 = 4,900 millionths.
    expect(costOf("o3", tokens)).toMatchObject({ picoUsd: 4_900_000_000n });
    expect(costOf("o3", tokens, "2025-06-09T00:00:00Z")).toMatchObject({ kind: "unpriced" });
  });

  it("gpt-5.6-sol by priority is left out: the published price is older than its ordinary one", () => {
    const cost = costOf("gpt-5.6-sol", { input: 1, output: 1, tier: "priority" });
    expect(cost).toMatchObject({ kind: "unpriced", reason: "tier_unpriced" });
  });
});

describe("images and videos have their price by size and quality", () => {
  /** DALL·E and Sora tell no tokens. */
  function costOfMade(model: string, usage: Partial<UsageEvent["usage"]>): Cost {
    const event = { ...emptyEvent, model, usage: { ...emptyEvent.usage, source: "reported" as const, ...usage } };
    return pricer.price(event, Date.parse("2026-03-01T00:00:00Z"));
  }
  const images = (size: string, count: number, quality?: string): Partial<UsageEvent["usage"]> => ({
    quantities: { images: count },
    size,
    ...(quality === undefined ? {} : { quality }),
  });
  const video = (size: string, seconds: number) => ({ quantities: { video_seconds: seconds }, size });

  it("dall-e-3, 0.040 an image, larger or in HD 0.080, both 0.120", () => {
    // 1 x 0.04; 2 x 0.08 = 0.16; 1 x 0.08; 3 x 0.12 = 0.36 dollars.
    expect(costOfMade("dall-e-3", images("1024x1024", 1, "standard"))).toMatchObject({ picoUsd: 40_000_000_000n });
    for (const size of ["1024x1792", "1792x1024"]) {
      expect(costOfMade("dall-e-3", images(size, 2, "standard"))).toMatchObject({ picoUsd: 160_000_000_000n });
      expect(costOfMade("dall-e-3", images(size, 3, "hd"))).toMatchObject({ picoUsd: 360_000_000_000n });
    }
    expect(costOfMade("dall-e-3", images("1024x1024", 1, "hd"))).toMatchObject({
      picoUsd: 80_000_000_000n,
      lines: [{ unit: "images", quantity: 1, picoUsdEach: 80_000_000_000n, source: "openai-dall-e" }],
    });
  });

  it("dall-e-2, 0.020, 0.018 and 0.016 an image by its size, whether its quality is named or not", () => {
    // 10 x 0.02 = 0.2; 10 x 0.018 = 0.18; 10 x 0.016 = 0.16 dollars.
    expect(costOfMade("dall-e-2", images("1024x1024", 10))).toMatchObject({ picoUsd: 200_000_000_000n });
    expect(costOfMade("dall-e-2", images("512x512", 10, "standard"))).toMatchObject({ picoUsd: 180_000_000_000n });
    expect(costOfMade("dall-e-2", images("256x256", 10))).toMatchObject({ picoUsd: 160_000_000_000n });
  });

  it("sora-2-pro, 0.30 a second, at 1024x1792 and 1792x1024 0.50, at 1080x1920 and 1920x1080 0.70", () => {
    // 8 x 0.3 = 2.4; 12 x 0.5 = 6; 4 x 0.7 = 2.8 dollars.
    for (const model of ["sora-2-pro", "sora-2-pro-2025-10-06"]) {
      expect(costOfMade(model, video("1280x720", 8))).toMatchObject({ picoUsd: 2_400_000_000_000n });
      expect(costOfMade(model, video("1024x1792", 12))).toMatchObject({ picoUsd: 6_000_000_000_000n });
      expect(costOfMade(model, video("1920x1080", 4))).toMatchObject({ picoUsd: 2_800_000_000_000n });
    }
  });

  it("sora-2, 0.10 a second whatever the size", () => {
    // 8 x 0.1 = 0.8 dollars.
    expect(costOfMade("sora-2", video("720x1280", 8))).toMatchObject({ picoUsd: 800_000_000_000n });
    expect(costOfMade("sora-2-2025-12-08", video("1280x720", 8))).toMatchObject({ picoUsd: 800_000_000_000n });
  });

  it("what has no published price, or does not tell what decides it, is left out", () => {
    expect(costOfMade("sora-2-pro", video("480x480", 8))).toMatchObject({
      kind: "unpriced",
      reason: "model_unknown",
    });
    expect(costOfMade("dall-e-3", images("1024x1024", 1))).toMatchObject({ kind: "unpriced", reason: "model_unknown" });
    expect(costOfMade("dall-e-2", { quantities: { images: 1 } })).toMatchObject({ kind: "unpriced" });
  });
});

describe("a host of one region costs a tenth more for models of March 2026 and later", () => {
  it("gpt-5.4, 2.75 / 0.275 / 16.50, long 5.50 / 0.55 / 24.75", () => {
    // 600 x 2.75 = 1,650; 400 x 0.275 = 110; 100 x 16.5 = 1,650: 3,410. 300,000 x 5.5 = 1,650,000 millionths.
    const short = { input: 1_000, cached: 400, output: 100 };
    expect(costOf("gpt-5.4-2026-03-05", { ...short, region: "eu" })).toMatchObject({
      picoUsd: 3_410_000_000n,
      lines: [
        { unit: "input_tokens", quantity: 600, picoUsdEach: 2_750_000n, source: "openai-regional" },
        { unit: "cached_input_tokens", picoUsdEach: 275_000n },
        { unit: "output_tokens", picoUsdEach: 16_500_000n },
      ],
    });
    expect(costOf("gpt-5.4", { input: 300_000, output: 0, region: "us" })).toMatchObject({
      picoUsd: 1_650_000_000_000n,
    });
  });

  it("gpt-5.4-nano, 0.22 / 0.022 / 1.375", () => {
    // 600 x 0.22 = 132; 400 x 0.022 = 8.8; 100 x 1.375 = 137.5: 278.3 millionths.
    const cost = costOf("gpt-5.4-nano", { input: 1_000, cached: 400, output: 100, region: "gb" });
    expect(cost).toMatchObject({ picoUsd: 278_300_000n });
  });

  it("gpt-5.6-sol by a dated name, 4.40 / 22.00, in a batch 2.20 / 11.00", () => {
    // 1,000 x 4.4 + 100 x 22 = 6,600; 1,000 x 2.2 + 100 x 11 = 3,300 millionths.
    const tokens = { input: 1_000, output: 100, region: "us" };
    expect(costOf("gpt-5.6-sol-2026-07-09", tokens)).toMatchObject({ picoUsd: 6_600_000_000n });
    expect(costOf("gpt-5.6-sol", { ...tokens, tier: "batch" })).toMatchObject({ picoUsd: 3_300_000_000n });
  });

  it("but not its searches, 10.00 for a thousand", () => {
    // 1,000 x 5.5 + 100 x 33 = 8,800 millionths; 2 searches x 0.01 = 20,000 millionths.
    const cost = costOf("gpt-5.5", { input: 1_000, output: 100, searches: 2, region: "eu" });
    expect(cost).toMatchObject({ picoUsd: 28_800_000_000n });
  });

  it.each(["gpt-4.1", "gpt-5", "gpt-5.2", "o3", "gpt-5.3-codex", "gpt-realtime", "gpt-realtime-mini"])(
    "%s is older and costs what it costs elsewhere",
    (model) => {
      const tokens = { input: 1_000, output: 100 };
      expect(costOf(model, { ...tokens, region: "eu" })).toEqual(costOf(model, tokens));
    },
  );
});

describe("a model that only the overlay has", () => {
  it("ft:gpt-4.1-mini, 0.80 / 0.20 / 3.20", () => {
    // 600 x 0.8 = 480; 400 x 0.2 = 80; 100 x 3.2 = 320: 880 millionths.
    const cost = costOf("ft:gpt-4.1-mini-2025-04-14:acme::id", { input: 1_000, cached: 400, output: 100 });
    expect(cost).toMatchObject({ picoUsd: 880_000_000n });
  });

  it("babbage-002, 0.40 / 0.40, and fine-tuned 1.60 / 1.60", () => {
    expect(costOf("babbage-002", { input: 1_000, output: 100 })).toMatchObject({ picoUsd: 440_000_000n });
    expect(costOf("ft:babbage-002:acme", { input: 1_000, output: 100 })).toMatchObject({ picoUsd: 1_760_000_000n });
  });

  it("gpt-6.1-sol, 2.00 / 0.10 / 10.00, up to 272,000 tokens of input", () => {
    // 600 x 2 = 1,200; 400 x 0.1 = 40; 100 x 10 = 1,000: 2,240 millionths.
    expect(costOf("gpt-6.1-sol", { input: 1_000, cached: 400, output: 100 })).toMatchObject({
      picoUsd: 2_240_000_000n,
    });
    expect(costOf("gpt-6.1-sol", { input: 272_001, output: 1 })).toMatchObject({ kind: "unpriced" });
  });
});
