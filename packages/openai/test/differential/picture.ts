/**
 * A picture of a value, to compare what two programs saw: values, own properties (hidden ones too) and classes. Two
 * objects have the same picture when a program that looks at them finds the same.
 */
import type { Subjects } from "./subjects.ts";

export type Picture = (value: unknown) => unknown;

/** What differs from one answer to the next anyway. */
const volatileHeaders: ReadonlySet<string> = new Set(["date", "keep-alive", "connection"]);

/** @param subjects - whose classes are told apart, beside those of the language */
export function createPicture({ sdk, stream }: Pick<Subjects, "sdk" | "stream">): Picture {
  const classes: [string, object][] = [["Stream", stream]];
  for (const [name, value] of Object.entries(sdk) as [string, unknown][]) {
    if (typeof value === "function" && value.prototype !== undefined && name !== "default") classes.push([name, value]);
  }
  for (const known of [Error, TypeError, SyntaxError, Promise, ReadableStream, Map, Date])
    classes.push([known.name, known]);
  const classesOf = (value: object): string[] =>
    classes.flatMap(([name, known]) => (value instanceof (known as typeof Object) ? [name] : []));
  const seen = new Map<object, number>();
  const draw = (value: unknown): unknown => {
    if (typeof value === "function") return `function ${value.name}/${value.length}`;
    if (typeof value !== "object" || value === null) return typeof value === "bigint" ? `${value}n` : value;
    const before = seen.get(value);
    if (before !== undefined) return `seen #${before}`;
    seen.set(value, seen.size);
    if (isHeaders(value)) return headersOf(value);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return bytesOf(value);
    if (Array.isArray(value)) return value.map(draw);
    return {
      class: value.constructor?.name,
      is: classesOf(value),
      has: propertiesOf(value, draw),
      ...responseOf(value, draw),
    };
  };
  return (value) => {
    seen.clear();
    return draw(value);
  };
}

/** In their order; hidden ones are told apart by a mark. The stack is where it was thrown, which is not ours to compare. */
function propertiesOf(value: object, draw: Picture): [string, unknown][] {
  const picture: [string, unknown][] = [];
  for (const key of Reflect.ownKeys(value)) {
    const { enumerable, value: property } = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    if (
      key === "stack" ||
      isDate(key, property) ||
      isHiddenMethod(key, enumerable, property) ||
      isPlumbing(key, property)
    )
      continue;
    picture.push([`${String(key)}${enumerable === true ? "" : " (hidden)"}`, draw(property)]);
  }
  return picture;
}

/** Of an answer, in the headers of openai 4, which are plain objects. */
function isDate(key: PropertyKey, value: unknown): boolean {
  return key === "date" && typeof value === "string" && value.endsWith(" GMT");
}

/** Methods of our own on an object, in the place of those of its class, which no listing of it shows. */
function isHiddenMethod(key: PropertyKey, enumerable: boolean | undefined, value: unknown): boolean {
  return typeof key === "string" && enumerable === false && typeof value === "function";
}

/** The state of node's and undici's own objects, and the client behind a resource or a promise. */
function isPlumbing(key: PropertyKey, value: unknown): boolean {
  return typeof key === "symbol" || value instanceof AbortController || key === "_client" || key === "responsePromise";
}

function isHeaders(value: object): value is Headers {
  const { get, entries, forEach } = value as Partial<Headers>;
  return [get, entries, forEach].every((method) => typeof method === "function") && !(value instanceof Map);
}

function headersOf(headers: Headers): object {
  return [...headers.entries()].filter(([name]) => !volatileHeaders.has(name));
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): object {
  const bytes =
    value instanceof ArrayBuffer
      ? new Uint8Array(value)
      : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return { class: value.constructor.name, bytes: Buffer.from(bytes).toString("latin1") };
}

/** What a response tells through getters. */
function responseOf(value: object, draw: Picture): object {
  const { status, bodyUsed, headers, url, ok, redirected, type } = value as Partial<Response>;
  if (bodyUsed === undefined) return {};
  return { response: [status, bodyUsed, url, ok, redirected, type, draw(headers)] };
}
