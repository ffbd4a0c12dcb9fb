/**
 * Cuts a long text into slices whose tokens add up to those of the whole, so that counting them does not stop the event
 * loop for long.
 *
 * A tokenizer first splits a text into words, and never joins what it has split. Behind a letter that no letter, combining
 * mark or apostrophe follows, and behind a digit that no digit follows, it always splits: there a slice may end.
 *
 * The time for one word grows with the square of its length, so a run of one kind of character that is longer than
 * {@link longestRun} is cut in any case, which can add a token or two at each such cut: only there may the sum differ.
 */

/** UTF-16 units of one slice, about. */
export const sliceLength = 8_192;
/** Of a text that has no such place for so long, as digits without end, a slice ends in any case. */
export const longestSlice = 65_536;
export const longestRun = 256;

const border = /\p{L}(?=[^\p{L}\p{M}'])|\p{N}(?=\P{N})/gu;
const longRun = /[\p{L}\p{M}]{257,}|\s{257,}|[^\s\p{L}\p{N}]{257,}/gu;

/** @returns the text in order, without empty slices */
export function* sliceText(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const to = nextBorder(text, from + sliceLength);
    yield* cutRuns(text.slice(from, to));
    from = to;
  }
}

function nextBorder(text: string, from: number): number {
  if (from >= text.length) return text.length;
  border.lastIndex = 0;
  const ahead = text.slice(from - 1, from + longestSlice);
  const found = border.exec(ahead);
  if (found !== null) return from - 1 + found.index + found[0].length;
  const to = from + longestSlice;
  return to >= text.length ? text.length : to + (splitsPair(text, to) ? 1 : 0);
}

/** No run reaches over a border. */
function* cutRuns(slice: string): Generator<string> {
  let from = 0;
  for (const { 0: run, index } of slice.matchAll(longRun)) {
    for (let at = longestRun; at < run.length; at += longestRun) {
      const to = index + at + (splitsPair(run, at) ? 1 : 0);
      yield slice.slice(from, to);
      from = to;
    }
  }
  yield slice.slice(from);
}

/** Whether a cut here would part the two halves of a character. */
function splitsPair(text: string, at: number): boolean {
  return text.charCodeAt(at) >> 10 === 0x37 && text.charCodeAt(at - 1) >> 10 === 0x36;
}
