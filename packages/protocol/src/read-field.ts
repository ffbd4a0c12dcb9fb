/** Reads single fields of an object that came from outside: the value if it is fine, else `null` and a problem. */
import type { ErrorCode } from "./errors.ts";
import { accessor, type FieldProblem, ownValue } from "./json.ts";
import { limits } from "./limits.ts";
import { printableProblem, replaceUnprintable } from "./text.ts";

/** Reads the fields of one object. Absent and `null` read as `null`; what is wrong reads as `null` and is reported. */
export interface FieldReader {
  /** The raw value of an own data property. */
  value(name: string): unknown;
  /** Printable text of at most 256 characters, not empty. */
  text(name: string): string | null;
  /** Free text of at most 500 characters: a longer one is cut, unprintable characters are replaced. */
  sentence(name: string): string | null;
  /** An integer from 0 to 1e12. */
  count(name: string): number | null;
  /** A finite number from 0 to 1e12. */
  quantity(name: string): number | null;
  flag(name: string): boolean | null;
  /** A nested object; anything else reads as an empty one and is reported. */
  section(name: string): FieldReader;
  each<K extends string>(names: readonly K[], read: (name: string) => number | null): Record<K, number | null>;
}

export function fieldReader(source: object, path: string, problems: FieldProblem[]): FieldReader {
  const field: Field = (name) => ({ value: ownValue(source, name), path: path + name, problems });
  return {
    value: (name) => ownValue(source, name),
    text: (name) => readText(field(name), textProblem),
    sentence: (name) => readSentence(field(name)),
    count: (name) => readNumber(field(name), "an integer from 0 to 1e12", isCount),
    quantity: (name) => readNumber(field(name), "a number from 0 to 1e12", isQuantity),
    flag: (name) => readFlag(field(name)),
    section: (name) => readSection(field(name)),
    each: (names, read) => {
      const values = {} as Record<(typeof names)[number], number | null>;
      for (const name of names) values[name] = read(name);
      return values;
    },
  };
}

/** One field: what came, where it stands, and where to report what is wrong with it. */
interface FoundField {
  readonly value: unknown;
  readonly path: string;
  readonly problems: FieldProblem[];
}
type Field = (name: string) => FoundField;

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= limits.tokens;
const isQuantity = (value: number): boolean => value >= 0 && value <= limits.quantity;

function refuse({ path, problems }: FoundField, code: ErrorCode, message: string): null {
  problems.push(problem(code, path, message));
  return null;
}

function readNumber(field: FoundField, expected: string, fine: (value: number) => boolean): number | null {
  const { value } = field;
  if (value === undefined || value === null) return null;
  if (typeof value !== "number") {
    return refuse(field, "CMDR_FIELD_TYPE", `expected ${expected}, got ${describeType(value)}`);
  }
  // Adding 0 turns -0 into 0, as JSON does.
  return fine(value) ? value + 0 : refuse(field, "CMDR_FIELD_RANGE", `expected ${expected}, got ${value}`);
}

function readText(
  field: FoundField,
  problemOf: (text: string, path: string) => FieldProblem | undefined,
): string | null {
  const { value } = field;
  if (value === undefined || value === null || value === "") return null;
  if (typeof value !== "string") return refuse(field, "CMDR_FIELD_TYPE", `expected a text, got ${describeType(value)}`);
  const found = problemOf(value, field.path);
  if (found === undefined) return value;
  field.problems.push(found);
  return null;
}

function readSentence(field: FoundField): string | null {
  const text = readText(field, () => undefined);
  return text === null ? null : replaceUnprintable(text.slice(0, limits.errorMessageLength));
}

function readFlag(field: FoundField): boolean | null {
  const { value } = field;
  if (value === undefined || value === null || typeof value === "boolean") return value ?? null;
  return refuse(field, "CMDR_FIELD_TYPE", `expected true or false, got ${describeType(value)}`);
}

function readSection(field: FoundField): FieldReader {
  const value = field.value ?? {};
  const fine = typeof value === "object" && !isArray(value);
  if (!fine) refuse(field, "CMDR_FIELD_TYPE", `expected an object, got ${describeType(value)}`);
  return fieldReader(fine ? value : {}, `${field.path}.`, field.problems);
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
