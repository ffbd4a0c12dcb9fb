import { expect, it } from "vitest";

import { encodingOf, hidesReasoning } from "./model-traits.ts";

it.each([
  ["gpt-4o-2024-08-06", "o200k_base"],
  ["ft:gpt-4o-mini-2024-07-18:org::id", "o200k_base"],
  ["gpt-4.1-nano", "o200k_base"],
  ["gpt-4.5-preview", "o200k_base"],
  ["gpt-5.2", "o200k_base"],
  ["o3-mini", "o200k_base"],
  ["openai/gpt-oss-120b", "o200k_base"],
  ["my-deployment", "o200k_base"],
  [null, "o200k_base"],
  ["gpt-4", "cl100k_base"],
  ["gpt-4-turbo-2024-04-09", "cl100k_base"],
  ["gpt-4-0613", "cl100k_base"],
  ["ft:gpt-3.5-turbo-0125:org::id", "cl100k_base"],
  ["gpt-35-turbo", "cl100k_base"],
  ["gpt-3.5-turbo-instruct", "cl100k_base"],
  ["davinci-002", "cl100k_base"],
  ["text-davinci-003", "p50k_base"],
  ["code-davinci-002", "p50k_base"],
  ["text-davinci-001", "r50k_base"],
  ["davinci", "r50k_base"],
] as const)("%s is cut by %s", (model, encoding) => expect(encodingOf(model)).toBe(encoding));

it.each([
  ["o1", true],
  ["o4-mini-2025-04-16", true],
  ["openai/o3", true],
  ["gpt-5", true],
  ["GPT-5.2-Codex", true],
  ["gpt-6-astra", true],
  ["gpt-10", true],
  ["codex-mini-latest", true],
  ["gpt-4o", false],
  ["gpt-4.1", false],
  ["chatgpt-4o-latest", false],
  ["gpt-oss-20b", false],
  [null, false],
] as const)("%s hides its reasoning: %s", (model, hides) => expect(hidesReasoning(model)).toBe(hides));
