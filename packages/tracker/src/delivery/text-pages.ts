/**
 * Texts kept as UTF-8 in pages outside of the engine's heap.
 *
 * Promise: a text comes back as it was, until it is freed; a page whose texts are all freed is used again. What waits for
 * its turn to be sent outlives every young collection: as strings it was copied by each, and then filled the old space,
 * whose collections are the longest pauses that a program sees.
 */

export interface KeptText {
  /** The page it is on, from `start` to `end`; behind it there is a comma, so that texts that lie side by side are a list. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  read(): string;
  /** Once; afterwards it can be read only until another text is kept. */
  free(): void;
}

/** Writes an item's text, in UTF-8. */
interface TextWriter<Item> {
  /** So much room is enough for any text that it writes. */
  readonly mostBytes: number;
  /** @returns how many bytes it wrote behind the offset; 0 for none */
  write(item: Item, target: Uint8Array, offset: number): number;
}

export interface TextPages {
  keep(text: string): KeptText;
  /** Keeps what the writer makes of an item: no text comes about. @returns `undefined` when it writes none */
  keepWritten<Item>(item: Item, writer: TextWriter<Item>): KeptText | undefined;
}

interface Page {
  readonly bytes: Uint8Array;
  used: number;
  /** Texts on it that are not freed. */
  texts: number;
}

const pageBytes = 65_536;
/** So many empty pages are kept for what comes next. */
const mostSpare = 16;
const comma = 0x2c;
const commaBytes = 1;
/** Of a UTF-16 unit, in UTF-8. */
const mostBytesPerUnit = 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function createTextPages(): TextPages {
  const spare: Page[] = [];
  let current = emptyPage();
  const next = (): Page => {
    if (current.texts === 0) current.used = 0;
    else current = spare.pop() ?? emptyPage();
    return current;
  };
  const withRoom = (bytes: number): Page => (current.used + bytes > pageBytes ? next() : current);
  const emptied = (page: Page): void => {
    if (page === current || page.bytes.byteLength !== pageBytes || spare.length >= mostSpare) return;
    page.used = 0;
    spare.push(page);
  };
  return {
    keepWritten(item, writer) {
      const page = withRoom(writer.mostBytes + commaBytes);
      const bytes = writer.write(item, page.bytes, page.used);
      return bytes === 0 ? undefined : new TextOnPage(page, bytes, emptied);
    },
    keep(text) {
      const mostBytes = mostBytesPerUnit * text.length + commaBytes;
      // One that might not fit into any page has its own.
      if (mostBytes > pageBytes) return keepAlone(text, emptied);
      const page = withRoom(mostBytes);
      const { written } = encoder.encodeInto(text, page.bytes.subarray(page.used));
      return new TextOnPage(page, written, emptied);
    },
  };
}

function emptyPage(): Page {
  return { bytes: new Uint8Array(pageBytes), used: 0, texts: 0 };
}

function keepAlone(text: string, emptied: (page: Page) => void): KeptText {
  const bytes = encoder.encode(`${text},`);
  return new TextOnPage({ bytes, used: 0, texts: 0 }, bytes.byteLength - commaBytes, emptied);
}

class TextOnPage implements KeptText {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly #page: Page;
  readonly #emptied: (page: Page) => void;

  /** It lies behind what is used of the page. */
  constructor(page: Page, byteLength: number, emptied: (page: Page) => void) {
    this.#page = page;
    this.bytes = page.bytes;
    this.start = page.used;
    this.end = page.used + byteLength;
    this.#emptied = emptied;
    page.bytes[this.end] = comma;
    page.used = this.end + commaBytes;
    page.texts += 1;
  }

  read(): string {
    return decoder.decode(this.bytes.subarray(this.start, this.end));
  }

  free(): void {
    this.#page.texts -= 1;
    if (this.#page.texts === 0) this.#emptied(this.#page);
  }
}
