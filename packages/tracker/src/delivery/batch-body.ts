/** The body of a request: the texts of its events, put together as bytes. */
import { encodeBody } from "@cmdrdata/protocol";

import type { KeptText } from "./text-pages.ts";

const emptyBody = new TextEncoder().encode(encodeBody([]));
const comma = 0x2c;
/** What comes after the events. */
const endBytes = 2;

export const emptyBodyBytes: number = emptyBody.byteLength;

/** @returns what `encodeBody` makes of the texts, in UTF-8 */
export function batchBodyOf(texts: readonly KeptText[]): Uint8Array<ArrayBuffer> {
  const commas = Math.max(0, texts.length - 1);
  const body = new Uint8Array(texts.reduce((bytes, text) => bytes + text.byteLength, emptyBodyBytes + commas));
  let offset = emptyBodyBytes - endBytes;
  body.set(emptyBody.subarray(0, offset));
  texts.forEach((text, index) => {
    if (index > 0) body[offset++] = comma;
    offset = text.copyTo(body, offset);
  });
  body.set(emptyBody.subarray(emptyBodyBytes - endBytes), offset);
  return body;
}

/** The body of a single event that is sent bare. */
export function bareBodyOf(text: KeptText): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(text.byteLength);
  text.copyTo(body, 0);
  return body;
}
