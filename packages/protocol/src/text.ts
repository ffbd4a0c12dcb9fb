/**
 * What counts as printable text in an id, a name or metadata.
 *
 * Real ids contain `@ : / + =`, spaces, accents and emoji: all of that is printable. Not printable are control
 * characters, line and paragraph separators, and halves of a surrogate pair (they do not survive UTF-8, so that two
 * ids would become one).
 */
import type { ErrorCode } from "./errors.ts";

const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
const everyUnprintable = new RegExp(unprintable, "gu");

/** The code of what is wrong with the characters of a text, or `undefined` if all are printable. */
export function printableProblem(text: string): ErrorCode | undefined {
  return unprintable.test(text) ? "CMDR_FIELD_CHARACTERS" : undefined;
}

/** The text with each unprintable character replaced by U+FFFD. */
export function replaceUnprintable(text: string): string {
  return text.replaceAll(everyUnprintable, "\u{FFFD}");
}

/** Bytes of a text as a JSON string in UTF-8, quotes and escapes included. */
export function textBytes(text: string): number {
  let bytes = 2;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === 0x22 || unit === 0x5c) bytes += 2;
    else if (unit < 0x80) bytes += 1;
    // A pair of surrogates is four bytes, so each half counts two.
    else if (unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff)) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}
