/**
 * Texts kept as UTF-8 in pages outside of the engine's heap.
 *
 * Promise: a text comes back as it was, until it is freed; a page whose texts are all freed is used again. What waits for
 * its turn to be sent outlives every young collection: as strings it was copied by each, and then filled the old space,
 * whose collections are the longest pauses that a program sees.
 */

export interface KeptText {
  /** The page it is on, from `start` to `end`; behind it there is a comma, so that texts that lie side by side are a list. */
  readonly page: Uint8Array;
  readonly start: number;
  readonly end: number;
  read(): string;
  /** Once; afterwards it can be read only until another text is kept. */
  free(): void;
}

export function bytesOf({ start, end }: KeptText): number {
  return end - start;
}

/** Writes an item's text, in UTF-8. */
interface TextWriter<Item> {
  /** So much room is enough for any text that it writes. */
  readonly mostBytes: number;
  /** @returns how many bytes it wrote behind the offset; 0 for none */
  write(item: Item, target: Uint8Array, offset: number): number;
}

export interface TextPages {
  /** @param place - an empty one; by default a new one. @returns the place */
  keep(text: string, place?: TextPlace): KeptText;
  /** Keeps what the writer makes of an item: no text comes about. @returns `undefined` when it writes none */
  keepWritten<Item>(item: Item, writer: TextWriter<Item>, place?: TextPlace): KeptText | undefined;
}

interface Page {
  readonly bytes: Uint8Array;
  /** Told when its last text is freed. */
  readonly emptied: (page: Page) => void;
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
  const emptied = (page: Page): void => {
    if (page === current || spare.length >= mostSpare) return;
    page.used = 0;
    spare.push(page);
  };
  let current = emptyPage(emptied);
  const next = (): Page => {
    if (current.texts === 0) current.used = 0;
    else current = spare.pop() ?? emptyPage(emptied);
    return current;
  };
  const withRoom = (bytes: number): Page => (current.used + bytes > pageBytes ? next() : current);
  return {
    keepWritten(item, writer, place = new TextPlace()) {
      const page = withRoom(writer.mostBytes + commaBytes);
      const bytes = writer.write(item, page.bytes, page.used);
      return bytes === 0 ? undefined : place.put(page, bytes);
    },
    keep(text, place = new TextPlace()) {
      const mostBytes = mostBytesPerUnit * text.length + commaBytes;
      // One that might not fit into any page has its own.
      if (mostBytes > pageBytes) return keepAlone(text, place);
      const page = withRoom(mostBytes);
      const { written } = encoder.encodeInto(text, page.bytes.subarray(page.used));
      return place.put(page, written);
    },
  };
}

function emptyPage(emptied: Page["emptied"]): Page {
  return { bytes: new Uint8Array(pageBytes), emptied, used: 0, texts: 0 };
}

/** Its page is not used again. */
function keepAlone(text: string, place: TextPlace): KeptText {
  const bytes = encoder.encode(`${text},`);
  return place.put({ bytes, emptied: () => {}, used: 0, texts: 0 }, bytes.byteLength - commaBytes);
}

/** Where a text is kept, once it is. What is kept for long may be a place itself, which spares an object for each. */
export class TextPlace implements KeptText {
  #page: Page | undefined;
  start = 0;
  end = 0;

  get kept(): boolean {
    return this.#page !== undefined;
  }

  get page(): Uint8Array {
    return this.#page?.bytes ?? nothing;
  }

  /** The text lies behind what is used of the page. */
  put(page: Page, byteLength: number): this {
    this.#page = page;
    this.start = page.used;
    this.end = page.used + byteLength;
    page.bytes[this.end] = comma;
    page.used = this.end + commaBytes;
    page.texts += 1;
    return this;
  }

  read(): string {
    return decoder.decode(this.page.subarray(this.start, this.end));
  }

  free(): void {
    const page = this.#page;
    if (page === undefined) return;
    page.texts -= 1;
    if (page.texts === 0) page.emptied(page);
  }
}

const nothing = new Uint8Array();
