/**
 * Counts tokens without a tokenizer, by the kind of each character: what is left when `gpt-tokenizer` is not installed.
 *
 * The weights are tokens per character of ordinary text in o200k_base; docs/estimates.md says how near they come.
 */

const weights = { lowerOrSpace: 0.2, upper: 0.35, digit: 0.55, mark: 0.6, newline: 0.5, letter: 0.32, wide: 0.78 };

/** @returns a number with fraction, so that parts can be added up before they are rounded */
export function countByRule(text: string): number {
  let tokens = 0;
  for (let index = 0; index < text.length; index += 1) tokens += weightOf(text.charCodeAt(index));
  return tokens;
}

/** @param code - of one UTF-16 unit; a character beyond the basic plane is two */
function weightOf(code: number): number {
  if (code > 0x2e7f) return weights.wide;
  if (code > 0x7f) return weights.letter;
  return asciiWeights[code] ?? weights.mark;
}

const asciiWeights: readonly number[] = Array.from({ length: 0x80 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[a-z ]/.test(character)) return weights.lowerOrSpace;
  if (/[A-Z]/.test(character)) return weights.upper;
  if (/\d/.test(character)) return weights.digit;
  return character === "\n" ? weights.newline : weights.mark;
});
