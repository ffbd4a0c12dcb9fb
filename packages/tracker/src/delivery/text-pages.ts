/**
 * Texts kept as UTF-8 in pages outside of the engine's heap.
 *
 * Promise: a text comes back as it was, until it is freed; a page whose texts are all freed is used again. What waits for
 * its turn to be sent outlives every young collection: as strings it was copied by each, and then filled the old space,
 * whose collections are the longest pauses that a program sees.
 */

export interface KeptText {
  readonly byteLength: number;
  read(): string;
  /** @returns the offset behind it */
  copyTo(target: Uint8Array, offset: number): number;
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
      const page = withRoom(writer.mostBytes);
      const offset = page.used;
      const bytes = writer.write(item, page.bytes, offset);
      if (bytes === 0) return undefined;
      page.used += bytes;
      return new TextOnPage(page, offset, emptied);
    },
    keep(text) {
      const mostBytes = mostBytesPerUnit * text.length;
      // One that might not fit into any page has its own.
      if (mostBytes > pageBytes) return new TextOnPage(ownPage(text), 0, emptied);
      const page = withRoom(mostBytes);
      const offset = page.used;
      page.used += encoder.encodeInto(text, page.bytes.subarray(offset)).written;
      return new TextOnPage(page, offset, emptied);
    },
  };
}

function emptyPage(): Page {
  return { bytes: new Uint8Array(pageBytes), used: 0, texts: 0 };
}

function ownPage(text: string): Page {
  const bytes = encoder.encode(text);
  return { bytes, used: bytes.byteLength, texts: 0 };
}

class TextOnPage implements KeptText {
  readonly #page: Page;
  readonly #offset: number;
  readonly byteLength: number;
  readonly #emptied: (page: Page) => void;

  /** It reaches from the offset to what is used of the page by now. */
  constructor(page: Page, offset: number, emptied: (page: Page) => void) {
    this.#page = page;
    this.#offset = offset;
    this.byteLength = page.used - offset;
    this.#emptied = emptied;
    page.texts += 1;
  }

  read(): string {
    return decoder.decode(this.#bytes());
  }

  copyTo(target: Uint8Array, offset: number): number {
    target.set(this.#bytes(), offset);
    return offset + this.byteLength;
  }

  free(): void {
    this.#page.texts -= 1;
    if (this.#page.texts === 0) this.#emptied(this.#page);
  }

  #bytes(): Uint8Array {
    return this.#page.bytes.subarray(this.#offset, this.#offset + this.byteLength);
  }
}
