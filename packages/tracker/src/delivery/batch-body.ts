/** The body of a request: the texts of its events, put together as bytes. */
import { encodeBody } from "@cmdrdata/protocol";

import { bytesOf, type KeptText } from "./text-pages.ts";

const emptyBody = new TextEncoder().encode(encodeBody([]));
/** What comes after the events. */
const endBytes = 2;

export const emptyBodyBytes: number = emptyBody.byteLength;

/** @returns what `encodeBody` makes of the texts, in UTF-8 */
export function batchBodyOf(texts: readonly KeptText[]): Uint8Array<ArrayBuffer> {
  const commas = Math.max(0, texts.length - 1);
  const body = new Uint8Array(texts.reduce((bytes, text) => bytes + bytesOf(text), emptyBodyBytes + commas));
  let offset = emptyBodyBytes - endBytes;
  body.set(emptyBody.subarray(0, offset));
  for (let at = 0; at < texts.length;) {
    const first = texts[at] as KeptText;
    let last = first;
    for (at += 1; at < texts.length && liesBehind(texts[at] as KeptText, last); at += 1) last = texts[at] as KeptText;
    // With its comma, which the end of the body takes the place of.
    body.set(first.page.subarray(first.start, last.end + (at < texts.length ? 1 : 0)), offset);
    offset += last.end + 1 - first.start;
  }
  body.set(emptyBody.subarray(emptyBodyBytes - endBytes), body.byteLength - endBytes);
  return body;
}

/** Most events of a batch lie in one another's wake, and are copied at once. */
function liesBehind(text: KeptText, before: KeptText): boolean {
  return text.page === before.page && text.start === before.end + 1;
}

/** The body of a single event that is sent bare. */
export function bareBodyOf({ page, start, end }: KeptText): Uint8Array<ArrayBuffer> {
  return page.slice(start, end);
}
