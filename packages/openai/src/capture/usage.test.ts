import { copyJsonObject, limits } from "@cmdrdata/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readUsage } from "./usage.ts";

describe("readUsage", () => {
  it("has no numbers where there is no usage", () => {
    expect(readUsage(null, {})).toEqual({
      input_tokens: null,
      output_tokens: null,
      total_tokens: null,
      usage: { source: "none", input: {}, output: {}, quantities: {}, raw: null },
    });
  });

  it("reads both namings, and the details of both spellings", () => {
    const chat = { prompt_tokens: 1, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } };
    const audio = { input_tokens: 1, output_tokens: 2, input_token_details: { audio_tokens: 1 } };
    const images = { input_tokens: 1, output_tokens: 2, output_tokens_details: { image_tokens: 2 } };
    expect([chat, audio, images].map((raw) => readUsage(raw, {}))).toMatchObject([
      { input_tokens: 1, output_tokens: 2, usage: { input: { cached: 1 } } },
      { input_tokens: 1, output_tokens: 2, usage: { input: { audio: 1 } } },
      { input_tokens: 1, output_tokens: 2, usage: { output: { image: 2 } } },
    ]);
  });

  it("reads seconds of audio, and billed searches, as usage of their own", () => {
    expect(readUsage({ type: "duration", seconds: 12.5 }, {}).usage).toMatchObject({
      source: "reported",
      quantities: { audio_seconds: 12.5 },
    });
    expect(readUsage(null, { web_search_calls: 3 }).usage).toMatchObject({
      source: "reported",
      quantities: { web_search_calls: 3 },
    });
    expect(readUsage({ type: "duration", seconds: "12" }, {}).usage.source).toBe("none");
  });

  it("takes what is not a count as unknown, never as 0 (C2)", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double({ max: -1 }), fc.constantFrom(NaN, 0.5, null, {}, [])), (value) => {
        const { input_tokens, usage } = readUsage({ input_tokens: value, input_tokens_details: value }, {});
        expect([input_tokens, usage.source, usage.input]).toEqual([null, "none", {}]);
      }),
    );
  });

  it("copies plain counts as the careful copy would, and leaves to that what is not plain", () => {
    const bounds = { keys: limits.rawUsageKeys, depth: limits.rawUsageDepth, bytes: limits.rawUsageBytes };
    const name = fc.oneof(fc.stringMatching(/^[a-z_]{1,60}$/), fc.constantFrom("__proto__", "A", "bad\u0000"));
    const counts = fc.dictionary(name, fc.nat(), { maxKeys: 40 });
    const value = fc.oneof(fc.nat(), counts, fc.dictionary(name, counts), fc.jsonValue());
    fc.assert(
      fc.property(fc.oneof(counts, fc.dictionary(name, value)), (raw) => {
        expect(readUsage(raw, {}).usage.raw).toEqual(copyJsonObject(raw, bounds, "usage.raw", []));
      }),
    );
  });

  it("keeps the provider's own object, as a copy", () => {
    const raw = { prompt_tokens: 3, new_kind: { of_tokens: 4 } };
    const { usage } = readUsage(raw, {});
    expect(usage.raw).toEqual(raw);
    expect(usage.raw).not.toBe(raw);
  });
});
