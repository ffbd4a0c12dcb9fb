/** Where the prices of openai-overlay.mjs are from, and when that was looked up. */
export const sources = {
  "openai-pricing-2025-09": {
    url: "https://platform.openai.com/docs/pricing",
    checkedAt: "2026-11-25",
    note: "as of September 2025, in a copy; batch prices of the same models compared with Portkey-AI/models (MIT)",
  },
  "openai-pricing-2026-03": {
    url: "https://platform.openai.com/docs/pricing",
    checkedAt: "2026-11-25",
    note: "as of 10 March 2026, batch tab, in a copy",
  },
  "openai-batch-2026-09": {
    url: "https://developers.openai.com/api/docs/pricing",
    checkedAt: "2026-11-25",
    note: "batch table as taken over by LiteLLM (MIT) in its pull requests 24748, 25003 and 39861",
  },
  "openai-flex": {
    url: "https://developers.openai.com/api/docs/guides/flex-processing",
    checkedAt: "2026-11-25",
    note: "tokens at batch rates, cached input discounted too",
  },
  "openai-flex-2026-09": {
    url: "https://developers.openai.com/api/docs/pricing",
    checkedAt: "2026-11-25",
    note: "flex tab as of 24 September 2026, in the tests of rekursiv-ai/sagent",
  },
  "openai-priority": {
    url: "https://openai.com/api-priority-processing/",
    checkedAt: "2026-11-25",
    note: "excludes long context, of GPT-4.1 above 128,000 tokens",
  },
  "openai-fast-mode": { url: "https://openai.com/api-fast-mode/", checkedAt: "2026-11-25", note: "priority, renamed" },
  "openai-fast-2026-09": {
    url: "https://developers.openai.com/api/docs/pricing",
    checkedAt: "2026-11-25",
    note: "fast tab as of 24 September 2026, in the tests of rekursiv-ai/sagent",
  },
  "openai-sora": {
    url: "https://developers.openai.com/api/docs/models/sora-2",
    checkedAt: "2026-11-25",
    note: "$0.10 a second in both of its sizes, as several guides of 2025 and 2026 agree",
  },
  "openai-sora-pro": {
    url: "https://developers.openai.com/api/docs/pricing",
    checkedAt: "2026-11-26",
    note: "table of video models as of September 2026, in a copy; guides of October 2025 and of 2026 have the same",
  },
  "openai-containers": {
    url: "https://developers.openai.com/api/docs/pricing",
    checkedAt: "2026-11-26",
    note:
      "20 minutes by memory, as of August 2026, in three copies that agree; sold so from 31 March 2026, by the minute with a " +
      "minimum of five since 2 June (developers.openai.com/api/docs/changelog)",
  },
  "openai-dall-e": {
    url: "https://openai.com/pricing",
    checkedAt: "2026-11-26",
    note:
      "as of December 2023, in a copy (kevinhermawan/Canvas), the same in others of later years and, by the pixel, in " +
      "LiteLLM (MIT)",
  },
  "openai-regional": {
    url: "https://developers.openai.com/api/docs/guides/data-residency",
    checkedAt: "2026-11-26",
    note:
      "10 % more than elsewhere for models released on or after 5 March 2026 that are eligible for data residency: those " +
      "of its tables, as of October 2026, in a copy; the same in the list of prices",
  },
  "openai-gpt-6.1-sol": {
    url: "https://developers.openai.com/api/docs/models/gpt-6.1-sol",
    checkedAt: "2026-11-25",
    note: "as read on 3 and 5 October 2026 by two projects that agree",
  },
};
