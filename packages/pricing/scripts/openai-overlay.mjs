/**
 * What @pydantic/genai-prices 0.1.8 lacks of OpenAI's prices, each with its source (overlay-sources.mjs).
 *
 * Promise: only prices that somebody published, as published, also where they are rounded (gpt-5.4's cached input in the
 * batch tier is $0.13, not $0.125). Where two sources disagree, or there is none, nothing is here and the call is unpriced:
 * see docs/pricing.md, "Left out". US dollars for a million tokens or characters, unless `per` says otherwise.
 *
 * `half` is half of each ordinary price of the named units, at the same times and for the same sizes of request.
 * `shortOnly`: the source has no price for requests above the model's context threshold.
 */

const tokens = ["input", "cached", "cacheWrite", "output"];
/** No cached price is published: cached tokens cost what others do. */
const uncached = ["input", "output"];

/** Prices of other tiers for models that the package has. */
export const tiers = [
  {
    tier: "batch",
    source: "openai-pricing-2025-09",
    half: tokens,
    models: ["gpt-5", "gpt-5-mini", "gpt-5-nano"],
  },
  { tier: "batch", source: "openai-pricing-2026-03", half: tokens, models: ["gpt-5.1", "gpt-5.2"] },
  {
    tier: "batch",
    source: "openai-batch-2026-09",
    half: tokens,
    models: ["gpt-5.4-mini", "gpt-5.5", "gpt-5.6-luna", "gpt-5.6-sol", "gpt-5.6-terra", "gpt-6-astra"],
  },
  {
    tier: "batch",
    source: "openai-batch-2026-09",
    models: {
      "gpt-5.4": {
        input: ["1.25", "2.50"],
        cached: ["0.13", "0.25"],
        output: ["7.50", "11.25"],
      },
    },
  },
  { tier: "batch", source: "openai-batch-2026-09", half: uncached, models: ["gpt-5.4-pro", "gpt-5.5-pro"] },
  { tier: "batch", source: "openai-pricing-2026-03", half: uncached, models: ["gpt-5-pro", "gpt-5.2-pro"] },
  {
    tier: "batch",
    source: "openai-pricing-2025-09",
    half: uncached,
    models: [
      "gpt-4.1",
      "gpt-4.1-mini",
      "gpt-4.1-nano",
      "gpt-4o",
      "gpt-4o-2024-05-13",
      "gpt-4o-mini",
      "o1",
      "o1-pro",
      "o1-mini",
      "o3-pro",
      "o3-deep-research",
      "o3-mini",
      "o4-mini",
      "o4-mini-deep-research",
      "computer-use",
      "gpt-4",
      "gpt-4-32k",
      "gpt-4-turbo",
      "gpt-4-vision-preview",
      "gpt-3.5-turbo",
      "text-embedding-3-small",
      "text-embedding-3-large",
      "text-embedding-ada-002",
    ],
  },
  // Before 10 June 2025 o3 cost five times as much; what it cost in other tiers then is not known.
  {
    tier: "batch",
    source: "openai-pricing-2025-09",
    from: "2025-06-10",
    models: { o3: { input: ["1.00"], output: ["4.00"] } },
  },
  {
    tier: "flex",
    source: "openai-pricing-2025-09",
    half: tokens,
    models: ["gpt-5", "gpt-5-mini", "gpt-5-nano"],
  },
  {
    tier: "flex",
    source: "openai-pricing-2025-09",
    from: "2025-06-10",
    models: { o3: { input: ["1.00"], cached: ["0.25"], output: ["4.00"] } },
  },
  {
    tier: "flex",
    source: "openai-pricing-2025-09",
    models: { "o4-mini": { input: ["0.55"], cached: ["0.138"], output: ["2.20"] } },
  },
  {
    tier: "flex",
    source: "openai-flex",
    half: tokens,
    models: ["gpt-5.1", "gpt-5.2", "gpt-5.4-mini", "gpt-5.5", "gpt-5.6-luna", "gpt-5.6-sol", "gpt-5.6-terra"],
  },
  {
    tier: "flex",
    source: "openai-batch-2026-09",
    models: {
      "gpt-5.4": {
        input: ["1.25", "2.50"],
        cached: ["0.13", "0.25"],
        output: ["7.50", "11.25"],
      },
    },
  },
  { tier: "flex", source: "openai-flex-2026-09", half: uncached, shortOnly: true, models: ["gpt-5.5-pro"] },
  { tier: "flex", source: "openai-flex-2026-09", half: tokens, models: ["gpt-6-astra", "gpt-6-luna"] },
  {
    tier: "priority",
    source: "openai-priority",
    atMost: 128_000,
    models: {
      "gpt-4.1": { input: ["3.50"], cached: ["0.875"], output: ["14.00"] },
      "gpt-4.1-mini": { input: ["0.70"], cached: ["0.175"], output: ["2.80"] },
      "gpt-4.1-nano": { input: ["0.20"], cached: ["0.05"], output: ["0.80"] },
    },
  },
  {
    tier: "priority",
    source: "openai-priority",
    shortOnly: true,
    models: {
      "gpt-4o": { input: ["4.25"], cached: ["2.125"], output: ["17.00"] },
      "gpt-4o-2024-05-13": { input: ["8.75"], output: ["26.25"] },
      "gpt-4o-mini": { input: ["0.25"], cached: ["0.125"], output: ["1.00"] },
      "o4-mini": { input: ["2.00"], cached: ["0.50"], output: ["8.00"] },
      "gpt-5": { input: ["2.50"], cached: ["0.25"], output: ["20.00"] },
      "gpt-5-mini": { input: ["0.45"], cached: ["0.045"], output: ["3.60"] },
      "gpt-5.1": { input: ["2.50"], cached: ["0.25"], output: ["20.00"] },
      "gpt-5.2": { input: ["3.50"], cached: ["0.35"], output: ["28.00"] },
      "gpt-5.4": { input: ["5.00"], cached: ["0.50"], output: ["30.00"] },
      "gpt-5.4-mini": { input: ["1.50"], cached: ["0.15"], output: ["9.00"] },
      "gpt-5.5": { input: ["12.50"], cached: ["1.25"], output: ["75.00"] },
    },
  },
  {
    tier: "priority",
    source: "openai-priority",
    from: "2025-06-10",
    models: { o3: { input: ["3.50"], cached: ["0.875"], output: ["14.00"] } },
  },
  // Writes to the cache have no price in this list: a call that writes is unpriced (R6 in split-usage.ts).
  {
    tier: "priority",
    source: "openai-fast-mode",
    from: "2026-07-30",
    shortOnly: true,
    models: {
      "gpt-5.6-terra": { input: ["4.00"], cached: ["0.40"], output: ["24.00"] },
      "gpt-5.6-luna": { input: ["0.40"], cached: ["0.04"], output: ["2.40"] },
    },
  },
  {
    tier: "priority",
    source: "openai-fast-2026-09",
    models: {
      "gpt-6-luna": {
        input: ["0.20", "0.40"],
        cached: ["0.02", "0.04"],
        cacheWrite: ["0.25", "0.50"],
        output: ["1.00", "1.50"],
      },
    },
  },
  {
    tier: "priority",
    source: "openai-fast-2026-09",
    shortOnly: true,
    models: { "gpt-6-astra": { input: ["20.00"], cached: ["2.00"], cacheWrite: ["25.00"], output: ["100.00"] } },
  },
];

/** Ordinary prices of units that the package's model lacks, put to its rows. */
export const units = [
  {
    source: "openai-pricing-2025-09",
    models: { "ft:gpt-4o": { cached: "1.875" }, "ft:gpt-4o-mini": { cached: "0.15" } },
  },
  {
    source: "openai-pricing-2025-09",
    models: {
      "gpt-4.1": { trained: "25.00" },
      "gpt-4.1-mini": { trained: "5.00" },
      "gpt-4.1-nano": { trained: "1.50" },
      "gpt-4o": { trained: "25.00" },
      "gpt-4o-mini": { trained: "3.00" },
      "gpt-3.5-turbo": { trained: "8.00" },
      "ft:gpt-4o": { trained: "25.00" },
      "ft:gpt-4o-mini": { trained: "3.00" },
      "ft:gpt-3.5-turbo-": { trained: "8.00" },
    },
  },
];

/** Models that the package does not have, before its own: a name may fit one of its patterns too. */
export const models = [
  model("ft:gpt-4.1", { startsWith: "ft:gpt-4.1-2025-04-14" }, "openai-pricing-2025-09", {
    default: { input: "3.00", cached: "0.75", output: "12.00", trained: "25.00" },
  }),
  model("ft:gpt-4.1-mini", { startsWith: "ft:gpt-4.1-mini-2025-04-14" }, "openai-pricing-2025-09", {
    default: { input: "0.80", cached: "0.20", output: "3.20", trained: "5.00" },
    batch: { input: "0.40", cached: "0.10", output: "1.60" },
  }),
  model("ft:gpt-4.1-nano", { startsWith: "ft:gpt-4.1-nano-2025-04-14" }, "openai-pricing-2025-09", {
    default: { input: "0.20", cached: "0.05", output: "0.80", trained: "1.50" },
    batch: { input: "0.10", cached: "0.025", output: "0.40" },
  }),
  model("davinci-002", { equals: "davinci-002" }, "openai-pricing-2025-09", {
    default: { input: "2.00", output: "2.00", trained: "6.00" },
    batch: { input: "1.00", output: "1.00" },
  }),
  model("babbage-002", { equals: "babbage-002" }, "openai-pricing-2025-09", {
    default: { input: "0.40", output: "0.40", trained: "0.40" },
    batch: { input: "0.20", output: "0.20" },
  }),
  model("ft:davinci-002", { startsWith: "ft:davinci-002" }, "openai-pricing-2025-09", {
    default: { input: "12.00", output: "12.00", trained: "6.00" },
    batch: { input: "6.00", output: "6.00" },
  }),
  model("ft:babbage-002", { startsWith: "ft:babbage-002" }, "openai-pricing-2025-09", {
    default: { input: "1.60", output: "1.60", trained: "0.40" },
  }),
  model("gpt-6.1-sol", { equals: "gpt-6.1-sol" }, "openai-gpt-6.1-sol", {
    // What it costs above 272,000 tokens is not published in either source.
    default: { input: "2.00", cached: "0.10", cacheWrite: "2.50", output: "10.00", atMost: 272_000 },
  }),
  model("tts-1-hd", { startsWith: "tts-1-hd" }, "openai-pricing-2025-09", { default: { characters: "30.00" } }),
  model("tts-1", { startsWith: "tts-1" }, "openai-pricing-2025-09", { default: { characters: "15.00" } }),
  model("sora-2", { equals: "sora-2" }, "openai-sora", { default: { videoSeconds: "0.10" } }),
  model("sora-2-2025", { startsWith: "sora-2-2025-" }, "openai-sora", { default: { videoSeconds: "0.10" } }),
  ...byFormat(["sora-2-pro", "sora-2-pro-2025-10-06"], "openai-sora-pro", "videoSeconds", {
    "720x1280": "0.30",
    "1280x720": "0.30",
    "1024x1792": "0.50",
    "1792x1024": "0.50",
    "1080x1920": "0.70",
    "1920x1080": "0.70",
  }),
  // `standard` is the only quality of DALL·E 2: a request may name it or not.
  ...byFormat(["dall-e-2", "dall-e-2-standard"], "openai-dall-e", "images", {
    "256x256": "0.016",
    "512x512": "0.018",
    "1024x1024": "0.020",
  }),
  ...byFormat(["dall-e-3"], "openai-dall-e", "images", {
    "standard-1024x1024": "0.040",
    "standard-1024x1792": "0.080",
    "standard-1792x1024": "0.080",
    "hd-1024x1024": "0.080",
    "hd-1024x1792": "0.120",
    "hd-1792x1024": "0.120",
  }),
  // A session has no model; the pricer looks it up by its memory (create-pricer.ts). Since June 2026 it costs by the minute
  // that it ran, which no event tells.
  ...[
    ["1g", "0.03", "openai-pricing-2025-09", null],
    ["4g", "0.12", "openai-containers", "2026-03-31"],
    ["16g", "0.48", "openai-containers", "2026-03-31"],
    ["64g", "1.92", "openai-containers", "2026-03-31"],
  ].map(([memory, usd, source, from]) => ({
    ...model(`container-${memory}`, { equals: `container-${memory}` }, source, { default: { containers: usd } }),
    from,
    to: "2026-06-02",
  })),
];

/**
 * Models that cost a tenth more on a host of one region (`eu.api.openai.com`): their copies `…-regional` are made of their
 * own rows. `null` is by all of its names.
 */
export const regional = {
  source: "openai-regional",
  models: {
    "gpt-5.4": null,
    "gpt-5.4-mini": null,
    "gpt-5.4-nano": null,
    "gpt-5.4-pro": null,
    "gpt-5.5": null,
    "gpt-5.5-pro": null,
    "gpt-5.6-luna": null,
    "gpt-5.6-sol": null,
    "gpt-5.6-terra": null,
    "gpt-6-astra": null,
    "gpt-6-luna": null,
    "gpt-6-sol": null,
    "gpt-6.1-sol": null,
    "gpt-image-2": null,
    "gpt-realtime-2": null,
    // The book's model has the names of older ones too.
    "gpt-realtime-mini": ["gpt-realtime-2.1-mini"],
    "gpt-transcribe": null,
  },
};

/** Sold at one price whatever the model and the tier. */
export const tools = [{ source: "openai-pricing-2025-09", unit: "fileSearches", usd: "2.50" }];

/** Our names of the units, and how many of them a price is for. */
export const overlayUnits = {
  input: ["input_tokens", 1_000_000n],
  cached: ["cached_input_tokens", 1_000_000n],
  cacheWrite: ["cache_write_tokens", 1_000_000n],
  output: ["output_tokens", 1_000_000n],
  trained: ["trained_tokens", 1_000_000n],
  characters: ["characters", 1_000_000n],
  videoSeconds: ["video_seconds", 1n],
  images: ["images", 1n],
  containers: ["container_sessions", 1n],
  fileSearches: ["file_search_calls", 1_000n],
};

/** A model for each quality and size, by the names that the pricer looks up for them (create-pricer.ts). */
function byFormat(names, source, unit, prices) {
  return Object.entries(prices).map(([format, usd]) => ({
    id: `${names[0]}-${format}`,
    match: names.map((name) => ({ equals: `${name}-${format}` })),
    source,
    byTier: { default: { [unit]: usd } },
  }));
}

function model(id, match, source, byTier) {
  return { id, match: [match], source, byTier };
}
