/** Reads fields of a request body, which is a JSON object or a form (a multipart body). */
import { objectOf } from "../answer.ts";

/** @returns `undefined` or `null` where the body has no such field, or is a stream of bytes */
export function fieldOf(body: unknown, name: string): unknown {
  const source = objectOf(body);
  if (source === undefined) return undefined;
  return source[name] ?? (isForm(source) ? source.get(name) : undefined);
}

/** By its tag: a program may bring the form class of another realm, or of a polyfill. */
function isForm(body: object): body is FormData {
  return (body as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === "FormData";
}
