/** Puts another text in the place of a request's serialized body, and mends what the request says of its length. */

/** A request on its way: its headers are `Headers`, or with openai 4 a plain object with lower-case names. */
export interface SerializedRequest {
  body?: unknown;
  headers?: unknown;
}

const lengthHeader = "content-length";

export function replaceBody(request: SerializedRequest, body: string): void {
  request.body = body;
  const { headers } = request;
  if (typeof headers !== "object" || headers === null) return;
  // Only where it stands already: openai 4 writes it itself, and a program may; else `fetch` does.
  if (headers instanceof Headers) {
    if (headers.has(lengthHeader)) headers.set(lengthHeader, byteLength(body));
  } else if (Object.hasOwn(headers, lengthHeader)) {
    Reflect.set(headers, lengthHeader, byteLength(body));
  }
}

/** @returns JSON of the value, indented as the text is that it takes the place of: openai 4 indents */
export function stringifyLike(json: string, value: unknown): string {
  return JSON.stringify(value, null, json.startsWith("{\n  ") ? 2 : undefined);
}

function byteLength(text: string): string {
  return String(new TextEncoder().encode(text).length);
}
