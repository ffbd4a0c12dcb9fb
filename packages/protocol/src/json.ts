/**
 * A bounded, side-effect-free copy of JSON-shaped data.
 *
 * Promise: whatever comes in (cyclic, deep, huge, with getters, `toJSON`, `__proto__` keys), the copy is plain JSON data
 * within the bounds, no accessor and no `toJSON` is invoked, the work done is bounded by the bounds, and what was left
 * out is listed.
 */
import type { ErrorCode } from "./errors.ts";
import { printableProblem, replaceUnprintable, textBytes } from "./text.ts";

/** Any JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field, or a part of one, that was set aside, cut or found inconsistent. The event it belongs to is kept. */
export interface FieldProblem {
  readonly code: ErrorCode;
  /** Path of the field, e.g. `usage.input.cached`. */
  readonly field: string;
  /** What was expected and what came; never the value of a text. */
  readonly message: string;
}

/** Bounds of a copy: keys on all levels together, levels of nesting (the object itself is the first), bytes as JSON. */
export interface JsonBounds {
  readonly keys: number;
  readonly depth: number;
  readonly bytes: number;
}

/**
 * Copies an object's own enumerable data properties within bounds; what does not fit, or throws when it is read, is left
 * out and reported.
 */
export function copyJsonObject(source: object, bounds: JsonBounds, path: string, problems: FieldProblem[]): JsonObject {
  const budget: Budget = { keys: bounds.keys, bytes: bounds.bytes, depth: bounds.depth, problems };
  const copy = guard(path, budget, () => copyNested(source, 1, path, budget)) ?? {};
  return copy as JsonObject;
}

/** The names of an object's own properties, enumerable or not. One step for a proxy, however many names it gives. */
function ownNames(source: object): readonly string[] {
  return Reflect.ownKeys(source).filter((key) => typeof key === "string");
}

/** What an accessor reads as: nothing that any field takes, so that it is set aside and reported. */
export const accessor: unique symbol = Symbol("accessor");

/** The value of an own data property; an accessor is never run. */
export function ownValue(source: object, key: string): unknown {
  const property = Object.getOwnPropertyDescriptor(source, key);
  return property === undefined || "value" in property ? property?.value : accessor;
}

/** How an object that came from outside is looked at. */
export interface ObjectAccess {
  readonly names: (source: object) => readonly string[];
  readonly value: (source: object, key: string) => unknown;
}

/** Of any object: no accessor is run. */
export const anyObject: ObjectAccess = { names: ownNames, value: ownValue };

/** Of what `JSON.parse` has made, which has no accessors: a description of each property would be most of the work. */
export const parsedJson: ObjectAccess = {
  names: Object.keys,
  value: (source, key) => (Object.hasOwn(source, key) ? (source as Readonly<Record<string, unknown>>)[key] : undefined),
};

interface Budget {
  keys: number;
  bytes: number;
  readonly depth: number;
  readonly problems: FieldProblem[];
}

function copyEntries(
  source: object,
  level: number,
  path: string,
  budget: Budget,
  put: (key: string, value: JsonValue) => void,
): void {
  // Not `for … in`: it goes through all prototypes as well, and asks a proxy several times for each key.
  for (const key of ownNames(source)) {
    if (!hasRoom(path, budget)) return;
    const bytesBefore = budget.bytes;
    const value = guard(path, budget, () => copyEntry(source, key, level, path, budget));
    if (value === undefined) budget.bytes = bytesBefore;
    else put(key, value);
  }
}

function copyEntry(source: object, key: string, level: number, path: string, budget: Budget): JsonValue | undefined {
  const property = Object.getOwnPropertyDescriptor(source, key);
  if (property?.enumerable !== true) return undefined;
  // Before anything looks at its characters.
  if (key.length > budget.bytes) return report(budget, "CMDR_FIELD_TOO_LARGE", path, "expected shorter keys; left out");
  const keyProblem = key === "__proto__" ? "CMDR_FIELD_FORBIDDEN_KEY" : printableProblem(key);
  if (keyProblem !== undefined) {
    return report(budget, keyProblem, path, "expected printable keys other than __proto__; one was left out");
  }
  // The comma and the colon count too.
  if (spend(true, textBytes(key) + 2, path, budget) === undefined) return undefined;
  const field = `${path}.${key}`;
  return copyValue("value" in property ? property.value : accessor, level, field, budget);
}

/** What throws when it is read, as a proxy can, is left out, and nothing else with it. */
function guard(path: string, budget: Budget, copy: () => JsonValue | undefined): JsonValue | undefined {
  try {
    return copy();
  } catch {
    return report(budget, "CMDR_FIELD_TYPE", path, "expected JSON data, got an object that throws when read; left out");
  }
}

function copyItems(source: readonly unknown[], level: number, path: string, budget: Budget): readonly JsonValue[] {
  const copy: JsonValue[] = [];
  for (let index = 0; index < source.length; index += 1) {
    if (!hasRoom(path, budget)) break;
    const field = `${path}[${index}]`;
    const bytesBefore = budget.bytes;
    const value = guard(field, budget, () => copyValue(ownValue(source, String(index)), level, field, budget));
    budget.bytes = value === undefined ? bytesBefore : budget.bytes - 1;
    if (value !== undefined) copy.push(value);
  }
  return copy;
}

function hasRoom(path: string, budget: Budget): boolean {
  if (budget.keys <= 0 || budget.bytes <= 0) {
    report(budget, "CMDR_FIELD_TOO_LARGE", path, "expected fewer keys or bytes; the rest was left out");
    return false;
  }
  budget.keys -= 1;
  return true;
}

function copyValue(value: unknown, level: number, path: string, budget: Budget): JsonValue | undefined {
  switch (typeof value) {
    case "string":
      return copyText(value, path, budget);
    case "number":
      if (Number.isFinite(value)) return spend(Object.is(value, -0) ? 0 : value, String(value).length, path, budget);
      return report(budget, "CMDR_FIELD_RANGE", path, `expected a finite number, got ${value}; left out`);
    case "boolean":
      return spend(value, 5, path, budget);
    case "object":
      return value === null ? spend(value, 4, path, budget) : copyNested(value, level + 1, path, budget);
    default:
      return report(budget, "CMDR_FIELD_TYPE", path, `expected JSON data, got ${typeName(value)}; left out`);
  }
}

function typeName(value: unknown): string {
  return value === accessor ? "an accessor" : typeof value;
}

function copyText(value: string, path: string, budget: Budget): string | undefined {
  if (value.length > budget.bytes) {
    return report(budget, "CMDR_FIELD_TOO_LARGE", path, "expected a shorter text; left out");
  }
  if (printableProblem(value) === undefined) return spend(value, textBytes(value), path, budget);
  report(budget, "CMDR_FIELD_CHARACTERS", path, "expected no control characters; each was replaced by U+FFFD");
  const replaced = replaceUnprintable(value);
  return spend(replaced, textBytes(replaced), path, budget);
}

function copyNested(value: object, level: number, path: string, budget: Budget): JsonValue | undefined {
  if (level > budget.depth) {
    return report(budget, "CMDR_FIELD_TOO_DEEP", path, `expected at most ${budget.depth} levels; left out`);
  }
  if (spend(true, 2, path, budget) === undefined) return undefined;
  if (hasNameForEachElement(value)) {
    return report(budget, "CMDR_FIELD_TYPE", path, "expected JSON data, got bytes or a boxed text; left out");
  }
  if (Array.isArray(value)) return copyItems(value, level, path, budget);
  const copy: Record<string, JsonValue> = {};
  copyEntries(value, level, path, budget, (key, item) => (copy[key] = item));
  if (Object.keys(copy).length > 0 || isPlain(value)) return copy;
  return report(budget, "CMDR_FIELD_TYPE", path, "expected JSON data, got an object of a class, with none; left out");
}

/** Not a date, a map or whatever else has what it holds in no property. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Bytes and boxed texts: asking for their names makes one text for each byte or character there is. */
function hasNameForEachElement(value: object): boolean {
  if (ArrayBuffer.isView(value)) return true;
  const length = Object.getOwnPropertyDescriptor(value, "length");
  return length?.configurable === false && !length.enumerable && !Array.isArray(value);
}

function spend<T extends JsonValue>(value: T, bytes: number, path: string, budget: Budget): T | undefined {
  if (bytes > budget.bytes) return report(budget, "CMDR_FIELD_TOO_LARGE", path, "expected fewer bytes; left out");
  budget.bytes -= bytes;
  return value;
}

const mostProblems = 20;

function report(budget: Budget, code: ErrorCode, field: string, message: string): undefined {
  if (budget.problems.length < mostProblems) budget.problems.push({ code, field: field.slice(0, 200), message });
  return undefined;
}
