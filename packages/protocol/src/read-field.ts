/** Reads single fields of an object that came from outside: the value if it is fine, else `null` and a problem. */
import type { ErrorCode } from "./errors.ts";
import { accessor, type FieldProblem, type ObjectAccess } from "./json.ts";
import { limits } from "./limits.ts";
import { printableProblem, replaceUnprintable } from "./text.ts";

/**
 * The fields of one object. Absent and `null` read as `null`; what is wrong reads as `null` and is reported.
 *
 * Functions read from it, and not methods: each event has ten such objects, and closures for each would cost more than the
 * reading.
 */
export interface Fields {
  readonly source: object;
  /** Where the object stands, with a dot at its end; empty for the event itself. */
  readonly path: string;
  readonly problems: FieldProblem[];
  readonly access: ObjectAccess;
}

/** The raw value of an own data property. */
export function valueOf({ access, source }: Fields, name: string): unknown {
  return access.value(source, name);
}

/** Printable text of at most 256 characters, not empty. */
export function textOf(fields: Fields, name: string): string | null {
  const text = anyTextOf(fields, name);
  if (text === null) return null;
  if (text.length <= limits.textLength && printableProblem(text) === undefined) return text;
  fields.problems.push(textProblem(text, fields.path + name) as FieldProblem);
  return null;
}

/** Free text of at most 500 characters: a longer one is cut, unprintable characters are replaced. */
export function sentenceOf(fields: Fields, name: string): string | null {
  const text = anyTextOf(fields, name);
  return text === null ? null : replaceUnprintable(text.slice(0, limits.errorMessageLength));
}

/** An integer from 0 to 1e12. */
export function countOf(fields: Fields, name: string): number | null {
  return numberOf(fields, name, "an integer from 0 to 1e12", isCount);
}

/** A finite number from 0 to 1e12. */
export function quantityOf(fields: Fields, name: string): number | null {
  return numberOf(fields, name, "a number from 0 to 1e12", isQuantity);
}

export function flagOf(fields: Fields, name: string): boolean | null {
  const value = valueOf(fields, name);
  if (value === undefined || value === null || typeof value === "boolean") return value ?? null;
  return refuse(fields, name, "CMDR_FIELD_TYPE", `expected true or false, got ${describeType(value)}`);
}

/** A nested object; anything else reads as an empty one and is reported. */
export function sectionOf(fields: Fields, name: string): Fields {
  const { problems, access } = fields;
  const path = `${fields.path}${name}.`;
  const value = valueOf(fields, name);
  if (value === undefined || value === null) return { source: nothing, path, problems, access };
  if (typeof value === "object" && !isArray(value)) return { source: value, path, problems, access };
  refuse(fields, name, "CMDR_FIELD_TYPE", `expected an object, got ${describeType(value)}`);
  return { source: nothing, path, problems, access };
}

const nothing: object = Object.freeze({});

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= limits.tokens;
const isQuantity = (value: number): boolean => value >= 0 && value <= limits.quantity;

function refuse({ path, problems }: Fields, name: string, code: ErrorCode, message: string): null {
  problems.push(problem(code, path + name, message));
  return null;
}

function numberOf(fields: Fields, name: string, expected: string, fine: (value: number) => boolean): number | null {
  const value = valueOf(fields, name);
  if (value === undefined || value === null) return null;
  if (typeof value !== "number") {
    return refuse(fields, name, "CMDR_FIELD_TYPE", `expected ${expected}, got ${describeType(value)}`);
  }
  // Adding 0 turns -0 into 0, as JSON does.
  return fine(value) ? value + 0 : refuse(fields, name, "CMDR_FIELD_RANGE", `expected ${expected}, got ${value}`);
}

function anyTextOf(fields: Fields, name: string): string | null {
  const value = valueOf(fields, name);
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "string") return value;
  return refuse(fields, name, "CMDR_FIELD_TYPE", `expected a text, got ${describeType(value)}`);
}

/** What is wrong with a single-line text, if anything. */
export function textProblem(text: string, field: string): FieldProblem | undefined {
  if (text.length > limits.textLength) {
    return problem(
      "CMDR_FIELD_TOO_LONG",
      field,
      `expected at most ${limits.textLength} characters, got ${text.length}`,
    );
  }
  const code = printableProblem(text);
  return (
    code && problem(code, field, "expected printable characters, got a control character or half a surrogate pair")
  );
}

export function problem(code: ErrorCode, field: string, message: string): FieldProblem {
  return { code, field, message };
}

/** Also for a proxy that has been revoked, at which `Array.isArray` throws. */
export function isArray(value: unknown): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Names the type of a value for a message, never the value. */
export function describeType(value: unknown): string {
  if (value === null) return "null";
  if (value === accessor) return "an accessor";
  if (isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
