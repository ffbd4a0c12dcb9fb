import { describe, expect, it } from "vitest";

import { createTokenizerLoader, loadTokenizer } from "./tokenizer.ts";

describe("a tokenizer", () => {
  it("is loaded once per encoding, and only then", async () => {
    const imported: string[] = [];
    const load = createTokenizerLoader(async (name) => {
      imported.push(name);
      return { countTokens: (text: string) => text.split(" ").length };
    });
    expect(imported).toEqual([]);
    expect(await load("o200k_base")).toBe(await load("o200k_base"));
    expect((await load("cl100k_base"))?.count("one two three")).toBe(3);
    expect(imported).toEqual(["gpt-tokenizer/encoding/o200k_base", "gpt-tokenizer/encoding/cl100k_base"]);
  });

  it("counts special tokens as the text that they are", async () => {
    expect((await loadTokenizer("o200k_base"))?.count("a <|endoftext|> b")).toBe(9);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["is not installed", () => Promise.reject(new Error("Cannot find package 'gpt-tokenizer'"))],
    ["is another one", async () => ({ encode: () => [] })],
    ["counts in another way", async () => ({ countTokens: () => 7 })],
  ])("is none where it %s", async (_, importModule) => {
    expect(await createTokenizerLoader(importModule)("o200k_base")).toBeUndefined();
  });
});
