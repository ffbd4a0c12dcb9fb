/**
 * The tokenizer, if the program has `gpt-tokenizer` installed: loaded when the first estimate needs it, one encoding at a
 * time, since each is a megabyte or two. Without it, or when it does not load, there is none.
 */
import type { EncodingName } from "./model-traits.ts";

export interface Tokenizer {
  /** Tokens of a text, of which nothing is taken for a special token. */
  count(text: string): number;
}

export type LoadTokenizer = (encoding: EncodingName) => Promise<Tokenizer | undefined>;

/** What is used of `gpt-tokenizer/encoding/…`. */
interface EncodingModule {
  readonly countTokens: (text: string, options: { readonly disallowedSpecial: ReadonlySet<string> }) => number;
}

/** @param importModule - imports a module by its name; by default as a program would */
export function createTokenizerLoader(importModule: (name: string) => Promise<unknown> = importByName): LoadTokenizer {
  const loaded = new Map<EncodingName, Promise<Tokenizer | undefined>>();
  return (encoding) => {
    const present = loaded.get(encoding) ?? load(encoding, importModule);
    loaded.set(encoding, present);
    return present;
  };
}

/** The one of this process. */
export const loadTokenizer: LoadTokenizer = createTokenizerLoader();

async function load(
  encoding: EncodingName,
  importModule: (name: string) => Promise<unknown>,
): Promise<Tokenizer | undefined> {
  try {
    const { countTokens } = (await importModule(`gpt-tokenizer/encoding/${encoding}`)) as EncodingModule;
    const options = { disallowedSpecial: new Set<string>() };
    const count = (text: string): number => countTokens(text, options);
    return count("a b") === 2 ? { count } : undefined;
  } catch {
    return undefined;
  }
}

/** By a name that bundlers do not see: what is optional must not fail a program's build. */
function importByName(name: string): Promise<unknown> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name) as Promise<unknown>;
}
