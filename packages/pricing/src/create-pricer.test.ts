import { emptyEvent, type ErrorType, parseEvent, type UsageEvent } from "@cmdrdata/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Cost } from "./cost.ts";
import { createPricer } from "./create-pricer.ts";
import { type PricedModel, priceBook } from "./price-book.ts";

const atMs = Date.parse("2026-10-01T00:00:00Z");
const pricer = createPricer();

interface Given extends Partial<Omit<UsageEvent, "usage" | "error">> {
  readonly usage?: Partial<UsageEvent["usage"]>;
  readonly error?: Partial<UsageEvent["error"]>;
}

/** A call of gpt-4o with 1,000 tokens in and 100 out, changed as given. */
function eventWith({ usage, error, ...top }: Given): UsageEvent {
  return {
    ...emptyEvent,
    operation: "chat.completions",
    model: "gpt-4o",
    input_tokens: 1_000,
    output_tokens: 100,
    ...top,
    usage: { ...emptyEvent.usage, source: "reported", ...usage },
    error: { ...emptyEvent.error, ...error },
  };
}

const price = (given: Given): Cost => pricer.price(eventWith(given), atMs);
const unpriced = (reason: string): object => ({ kind: "unpriced", reason, bookVersion: priceBook.version });
const free = { kind: "priced", picoUsd: 0n, bookVersion: priceBook.version, lines: [] };
const nothing = { input_tokens: null, output_tokens: null, usage: { source: "none" } } as const;
const trained: Given = {
  ...nothing,
  operation: "fine_tuning.jobs.result",
  usage: { quantities: { trained_tokens: 2_000_000 } },
};
const spoken = (model: string): Given => ({
  ...nothing,
  model,
  operation: "audio.speech",
  usage: { quantities: { characters: 1_000 } },
});
const drawn = (model: string): Given => ({
  ...nothing,
  model,
  operation: "images.generations",
  usage: { quantities: { images: 2 }, size: "1024x1024", quality: "standard" },
});
const long = (model: string): Given => ({ model, input_tokens: 300_000 });
const batch: Given = { operation: "batches.result", service_tier: "batch" };
const fileSearch = { quantities: { file_search_calls: 3 } };
const container = (memory: string | null): Given => ({
  ...nothing,
  model: null,
  operation: "containers",
  usage: { quantities: { container_sessions: 1 }, raw: memory === null ? null : { memory_limit: memory } },
});

describe("P1: a cost is its lines", () => {
  it("names unit, quantity, price and source of each line", () => {
    const line = { quantity: 600, picoUsdEach: 2_500_000n, picoUsd: 1_500_000_000n, source: "genai-prices 0.1.8" };
    expect(price({ usage: { input: { cached: 400 } } })).toMatchObject({
      lines: [
        { unit: "input_tokens", ...line },
        { unit: "cached_input_tokens", quantity: 400 },
        { unit: "output_tokens" },
      ],
    });
  });

  it("has no line for what was not used", () => {
    expect(price({ output_tokens: 0 })).toMatchObject({ lines: [{ unit: "input_tokens" }] });
  });

  it("sells audio and images at their own rates where the model has them (R1)", () => {
    const usage = { input: { audio: 300, image: 200 }, output: { audio: 60 } };
    expect(price({ model: "gpt-realtime", usage })).toMatchObject({
      lines: [
        { unit: "input_tokens", quantity: 500 },
        { unit: "input_audio_tokens", quantity: 300, picoUsdEach: 32_000_000n },
        { unit: "input_image_tokens", quantity: 200, picoUsdEach: 5_000_000n },
        { unit: "output_tokens", quantity: 40 },
        { unit: "output_audio_tokens", quantity: 60, picoUsdEach: 64_000_000n },
      ],
    });
  });

  it("sells images and reasoning as what they are a part of where the model has no rate for them (R1)", () => {
    const usage = { input: { image: 900 }, output: { reasoning: 80, image: 20 } };
    expect(price({ usage })).toMatchObject({
      lines: [
        { unit: "input_tokens", quantity: 1_000 },
        { unit: "output_tokens", quantity: 100 },
      ],
    });
  });
});

describe("P2: what cannot be priced exactly is unpriced, with the reason", () => {
  it.each<[string, string, Given]>([
    ["no model", "model_missing", { model: null }],
    ["a model the book does not know", "model_unknown", { model: "gpt-99", requested_model: "my-model" }],
    ["a provider the book does not know", "model_unknown", { provider: "acme" }],
    ["another provider's model", "model_unknown", { model: "openai/gpt-4o" }],
    ["the flex tier", "tier_unpriced", { service_tier: "flex" }],
    ["a tier nobody knows", "tier_unpriced", { service_tier: "x" }],
    ["no usage", "usage_unknown", nothing],
    ["no input tokens", "usage_unknown", { input_tokens: null }],
    ["no output tokens", "usage_unknown", { output_tokens: null }],
    ["a failed call with unknown usage", "usage_unknown", { ...nothing, error: { occurred: true, type: "timeout" } }],
    ["an error without a type", "usage_unknown", { ...nothing, error: { occurred: true } }],
    [
      "an error type that is a name of Object",
      "usage_unknown",
      { ...nothing, error: { occurred: true, type: "toString" } },
    ],
    ["more cached than input tokens (R4)", "usage_inconsistent", { usage: { input: { cached: 1_001 } } }],
    ["more details than input (R4)", "usage_inconsistent", { usage: { input: { cached: 600, cache_write: 401 } } }],
    ["more reasoning than output (R4)", "usage_inconsistent", { usage: { output: { reasoning: 101 } } }],
    ["more input than the sum (R4)", "usage_inconsistent", { total_tokens: 999 }],
    ["more output than the sum (R4)", "usage_inconsistent", { input_tokens: 1, total_tokens: 99 }],
    ["audio without a rate (R2)", "unit_unpriced", { usage: { input: { audio: 1 } } }],
    ["audio output without a rate (R2)", "unit_unpriced", { usage: { output: { audio: 1 } } }],
    [
      "cached tokens that may be audio (R3)",
      "usage_unknown",
      { model: "gpt-realtime", usage: { input: { cached: 1, audio: 1 } } },
    ],
    ["output of a model that sells none", "unit_unpriced", { model: "text-embedding-3-small" }],
    ["a model sold by the second, of which none are told", "usage_unknown", { model: "whisper-1", ...nothing }],
    ["half a character", "usage_inconsistent", { ...spoken("tts-1"), usage: { quantities: { characters: 1.5 } } }],
    ["speech of a model sold by the token that tells none", "usage_unknown", { ...spoken("gpt-4o-mini-tts") }],
    ["a long request in the priority tier", "unit_unpriced", { ...long("gpt-5.4"), service_tier: "priority" }],
    ["a batch that may have had long requests", "usage_unknown", { ...long("gpt-5.4"), ...batch }],
    [
      "tokens written to the cache in a tier without a price for them",
      "unit_unpriced",
      { model: "gpt-5.6-terra", service_tier: "fast", usage: { input: { cache_write: 1 } } },
    ],
    ["a video by the size, which is not told", "model_unknown", { model: "sora-2-pro", ...nothing }],
    ["an image of a quality that is not told", "model_unknown", { ...drawn("dall-e-3"), usage: { size: "1024x1024" } }],
    ["a size of which nothing is told", "usage_unknown", { ...drawn("dall-e-2"), usage: { size: "1024x1024" } }],
    ["a container of another size", "model_unknown", container("2g")],
    ["a container of a size that is not told", "model_missing", container(null)],
    [
      "searches of a model without a price for them",
      "unit_unpriced",
      { model: "o1", usage: { quantities: { web_search_calls: 1 } } },
    ],
    ["half a search", "usage_inconsistent", { usage: { quantities: { web_search_calls: 0.5 } } }],
    ["an image that is not in the tokens", "unit_unpriced", { usage: { quantities: { images: 1 } } }],
    ["characters", "unit_unpriced", { usage: { quantities: { characters: 1 } } }],
    ["a file search of an embedding", "unit_unpriced", { model: "text-embedding-3-small", usage: fileSearch }],
    ["a container", "unit_unpriced", { usage: { quantities: { container_sessions: 1 } } }],
    ["trained tokens", "unit_unpriced", { ...trained, model: "o4-mini" }],
  ])("%s: %s", (_what, reason, given) => {
    expect(price(given)).toEqual(unpriced(reason));
  });

  it("a call from before the first price: unit_unpriced", () => {
    const [model] = priceBook.models.filter(({ id }) => id === "gpt-4o");
    const rows = (model?.rows ?? []).map((row) => ({ ...row, effectiveFrom: "2026-10-02" }));
    const later = createPricer({ ...priceBook, models: [{ ...model, rows } as PricedModel] });
    expect(later.price(eventWith({}), atMs)).toEqual(unpriced("unit_unpriced"));
  });

  it("does not bill images again that the model sells by the token", () => {
    const given = { model: "gpt-image-1", usage: { quantities: { images: 2 } } };
    expect(price(given)).toMatchObject({ kind: "priced", picoUsd: 9_000_000_000n });
  });

  it("rounds a fraction of a second half up to the pico-dollar, and no other unit", () => {
    const seconds = (audio_seconds: number): Given => ({
      ...nothing,
      model: "whisper-1",
      usage: { quantities: { audio_seconds } },
    });
    expect(price(seconds(7))).toMatchObject({ picoUsd: 700_000_000n });
    expect(price(seconds(7.25))).toMatchObject({ picoUsd: 725_000_000n, lines: [{ quantity: 7.25 }] });
    expect(price(seconds(0.000_001_4))).toMatchObject({ picoUsd: 100n });
  });

  it("prices what needs no tokens without them (R5), and speech by the token with them", () => {
    expect(price(spoken("tts-1"))).toMatchObject({ picoUsd: 15_000_000_000n });
    expect(price({ ...spoken("gpt-4o-mini-tts"), input_tokens: 10, output_tokens: 100 })).toMatchObject({
      picoUsd: 1_206_000_000n,
    });
    expect(price({ ...trained, model: "gpt-4.1-mini-2025-04-14" })).toMatchObject({ picoUsd: 10_000_000_000_000n });
    expect(price({ ...spoken("tts-1"), input_tokens: 10, output_tokens: 100 })).toEqual(price(spoken("tts-1")));
  });

  it("prices a container by its memory, until it was sold by the minute, which nobody tells", () => {
    const priceOn = (memory: string, day: string): Cost => pricer.price(eventWith(container(memory)), Date.parse(day));
    expect(priceOn("1g", "2025-10-01")).toMatchObject({ picoUsd: 30_000_000_000n });
    expect(priceOn("1g", "2026-06-01T23:59:59Z")).toMatchObject({ picoUsd: 30_000_000_000n });
    expect(priceOn("64g", "2026-06-01")).toMatchObject({ picoUsd: 1_920_000_000_000n });
    expect(priceOn("4g", "2026-03-30")).toEqual(unpriced("unit_unpriced"));
    for (const memory of ["1g", "4g"]) expect(priceOn(memory, "2026-06-02")).toEqual(unpriced("unit_unpriced"));
  });

  it("adds the fees of tools to the tokens, the same in every tier", () => {
    expect(price({ usage: fileSearch })).toMatchObject({ picoUsd: 3_500_000_000n + 7_500_000_000n });
    expect(price({ usage: fileSearch, service_tier: "priority" })).toMatchObject({
      lines: [
        { unit: "input_tokens" },
        { unit: "output_tokens" },
        { unit: "file_search_calls", picoUsd: 7_500_000_000n },
      ],
    });
  });

  it("prices a batch whose requests were all short, and one background response by its own size", () => {
    expect(price({ model: "gpt-5.4", ...batch })).toMatchObject({ picoUsd: 2_000_000_000n });
    const background = { ...long("gpt-5.4"), operation: "responses.result" };
    expect(price(background)).toMatchObject({ picoUsd: 1_502_250_000_000n });
  });

  it.each([null, "default", "standard", "auto"])("prices the tier %s at the ordinary prices", (service_tier) => {
    expect(price({ service_tier })).toMatchObject({ kind: "priced", picoUsd: 3_500_000_000n });
  });

  it("prices estimated usage like reported usage", () => {
    expect(price({ usage: { source: "estimated" } })).toEqual(price({}));
  });

  it("takes the requested model where the response names none that is known", () => {
    expect(price({ model: "deployment-7", requested_model: "gpt-4o" })).toEqual(price({}));
    expect(price({ model: null, requested_model: "GPT-4o" })).toEqual(price({}));
  });

  it("prices by quality and size where the book has those, the response's model before the request's", () => {
    const two = { picoUsd: 80_000_000_000n };
    expect(price(drawn("dall-e-3"))).toMatchObject(two);
    expect(price({ ...drawn("DALL-E-3"), provider: "azure" })).toMatchObject(two);
    expect(price({ ...drawn("dall-e-3"), model: null, requested_model: "dall-e-3" })).toMatchObject(two);
    expect(price({ ...drawn("dall-e-3"), requested_model: "dall-e-2" })).toMatchObject(two);
  });

  it("prices a model without such prices as ever, whatever the size and the quality are", () => {
    const usage = { size: "1024x1024", quality: "high" };
    expect(price({ usage })).toEqual(price({}));
    expect(price({ model: "gpt-image-1", usage })).toEqual(price({ model: "gpt-image-1" }));
  });

  it("prices what is sold by its format in a region too, by the most particular price there is", () => {
    const request = { ...emptyEvent.request, region: "eu" };
    expect(price({ ...drawn("dall-e-3"), request })).toEqual(price(drawn("dall-e-3")));
    const usage = { size: "1024x1024", quality: "high" };
    expect(price({ model: "gpt-5.4", request, usage })).toMatchObject({ picoUsd: 4_400_000_000n });
  });

  it("prices a model on Azure like OpenAI's", () => {
    expect(price({ provider: "azure" })).toEqual(price({}));
  });

  it("prices embeddings with an output that nobody reported, also of a model that has a price for output", () => {
    expect(price({ model: "text-embedding-3-small", output_tokens: null })).toMatchObject({ picoUsd: 20_000_000n });
    expect(price({ operation: "embeddings", output_tokens: null })).toMatchObject({ picoUsd: 2_500_000_000n });
  });

  it("prices moderation at nothing", () => {
    expect(price({ model: "omni-moderation-latest", ...nothing })).toEqual(free);
  });
});

describe("P3: a call the provider refused costs nothing", () => {
  it.each<ErrorType>(["rate_limit", "authentication", "server_error"])("%s", (type) => {
    expect(price({ ...nothing, model: null, error: { occurred: true, type } })).toEqual(free);
    expect(price({ usage: { source: "estimated" }, error: { occurred: true, type } })).toEqual(free);
  });

  it("also one that failed in another way and reports that it used nothing", () => {
    const given = { input_tokens: 0, output_tokens: 0, error: { occurred: true, type: "APIConnectionError" } };
    expect(price(given)).toEqual(free);
  });

  it("but what the provider reports as used is priced", () => {
    expect(price({ error: { occurred: true, type: "server_error" } })).toEqual(price({}));
    expect(price({ error: { occurred: true, type: "aborted" } })).toEqual(price({}));
    const searched = { ...nothing, usage: { source: "reported" as const, quantities: { web_search_calls: 1 } } };
    expect(price({ ...searched, error: { occurred: true, type: "server_error" } })).toEqual(unpriced("usage_unknown"));
  });
});

/** Mostly the first, so that most events have a price; now and then the second. */
const mostly = <A, B>(usual: fc.Arbitrary<A>, odd: fc.Arbitrary<B>): fc.Arbitrary<A | B> =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd });
const nothingOdd = fc.constant(undefined);

const tokens = mostly(
  fc.oneof(fc.nat(5_000), fc.integer({ min: 200_000, max: 400_000 }), fc.integer({ min: 0, max: 1e12 })),
  fc.constant(null),
);
const model = mostly(
  fc.constantFrom(...priceBook.models.filter(({ rows }) => rows.length > 2).map(({ id }) => id), "gpt-5.4", "o3"),
  fc.oneof(fc.constantFrom(null, "whisper-1", "ft:gpt-4o:org::id", "constructor"), fc.string()),
);
const detail = fc.oneof(fc.nat(50), fc.nat(3_000));
const anyEvent = fc
  .record({
    provider: mostly(fc.constantFrom("openai", "azure"), fc.constantFrom("acme", "__proto__")),
    model,
    requested_model: model,
    service_tier: mostly(fc.constantFrom(null, "default"), fc.constant("flex")),
    operation: mostly(fc.constant("chat.completions"), fc.constantFrom("embeddings", null)),
    input_tokens: tokens,
    output_tokens: tokens,
    error: mostly(
      fc.constant({ occurred: false }),
      fc.record({ occurred: fc.boolean(), type: fc.constantFrom(null, "rate_limit", "timeout", "__proto__") }),
    ),
    usage: fc.record({
      source: fc.constantFrom("reported", "estimated", "none"),
      input: fc.record({
        cached: mostly(detail, nothingOdd),
        cache_write: mostly(nothingOdd, detail),
        audio: mostly(nothingOdd, detail),
        image: mostly(nothingOdd, detail),
      }),
      output: fc.record({ reasoning: mostly(detail, nothingOdd), audio: mostly(nothingOdd, detail) }),
      quantities: fc.record({
        web_search_calls: mostly(fc.constant(0), fc.oneof(fc.nat(9), fc.double({ min: 0, max: 1e12, noNaN: true }))),
        images: mostly(fc.constant(0), fc.nat(1)),
      }),
    }),
  })
  .map((value) => parseEvent(value).event);
const anyTime = fc.integer({ min: 0, max: 4e12 });

function picoUsdOf(cost: Cost): bigint | null {
  return cost.kind === "priced" ? cost.picoUsd : null;
}

describe("for any event", () => {
  it("has a price often enough for the rest to mean something", () => {
    const costs = fc.sample(anyEvent, 1_000).map((event) => pricer.price(event, atMs));
    expect(costs.filter((cost) => cost.kind === "priced" && cost.lines.length > 1).length).toBeGreaterThan(250);
    expect(new Set(costs.map((cost) => (cost.kind === "priced" ? "priced" : cost.reason))).size).toBeGreaterThan(4);
  });

  it("gives an integer that is the sum of its lines and never negative (P1), or a reason (P2)", () => {
    const property = fc.property(anyEvent, anyTime, (event, time) => {
      const cost = pricer.price(event, time);
      if (cost.kind === "unpriced") return;
      for (const line of cost.lines) {
        expect(line.quantity).toBeGreaterThan(0);
        expect(line.picoUsd).toBe(line.picoUsdEach * BigInt(line.quantity));
      }
      expect(cost.picoUsd).toBe(cost.lines.reduce((sum, line) => sum + line.picoUsd, 0n));
      expect(cost.picoUsd).toBeGreaterThanOrEqual(0n);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it("prices every token once: the lines of a direction add up to its total", () => {
    const property = fc.property(anyEvent, (event) => {
      const cost = pricer.price(event, atMs);
      if (cost.kind === "unpriced" || cost.lines.length === 0) return;
      const ofInput = cost.lines.filter(({ unit }) => /input|cache_write/.test(unit));
      expect(ofInput.reduce((sum, line) => sum + line.quantity, 0)).toBe(event.input_tokens);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it("never gets cheaper with more tokens", () => {
    const more = fc.nat(500_000);
    const property = fc.property(anyEvent, more, more, (event, input, output) => {
      const larger = {
        ...event,
        input_tokens: event.input_tokens === null ? null : event.input_tokens + input,
        output_tokens: event.output_tokens === null ? null : event.output_tokens + output,
      };
      const [before, after] = [picoUsdOf(pricer.price(event, atMs)), picoUsdOf(pricer.price(larger, atMs))];
      if (before !== null && after !== null) expect(after).toBeGreaterThanOrEqual(before);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it("gives the same cost each time, from any pricer on the same book (P4)", () => {
    const property = fc.property(anyEvent, anyTime, (event, time) => {
      expect(createPricer().price(event, time)).toEqual(pricer.price(event, time));
    });
    fc.assert(property, { numRuns: 50 });
  });
});
