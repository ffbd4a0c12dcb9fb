/**
 * What an estimate must know of a model: how its text is cut into tokens, and whether it thinks where nobody sees it.
 *
 * The encodings are those of OpenAI's tiktoken (tiktoken/model.py). A model nobody knows here is taken for a new one.
 */

/** An encoding under the name that OpenAI's tiktoken and `gpt-tokenizer` give it. */
export type EncodingName = "o200k_base" | "cl100k_base" | "p50k_base" | "r50k_base";

/** By the start of a model's name; the first that fits. */
const encodings: readonly (readonly [start: RegExp, encoding: EncodingName])[] = [
  [/^(gpt-4o|gpt-4\.)/, "o200k_base"],
  [/^(gpt-4|gpt-3\.5|gpt-35|text-embedding-|davinci-002|babbage-002)/, "cl100k_base"],
  [/^(text-davinci-00[23]|code-)/, "p50k_base"],
  [/^(text-(davinci|curie|babbage|ada)-001|(davinci|curie|babbage|ada)$)/, "r50k_base"],
];

export function encodingOf(model: string | null): EncodingName {
  const name = baseName(model);
  return encodings.find(([start]) => start.test(name))?.[1] ?? "o200k_base";
}

/** Whether the model makes reasoning tokens that are billed as output and not sent: o1, o3, o4, …, gpt-5 and later. */
export function hidesReasoning(model: string | null): boolean {
  return /^(o\d|gpt-([5-9]|\d\d)|codex-|computer-use-)/.test(baseName(model));
}

/** Without the vendor a router puts in front, and without what marks a fine-tuned model. */
function baseName(model: string | null): string {
  return (model ?? "").toLowerCase().replace(/^.*\//, "").replace(/^ft:/, "");
}
