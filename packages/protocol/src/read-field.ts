/** Reads single fields of an object that came from outside: the value if it is fine, else `null` and a problem. */
import type { ErrorCode } from "./errors.ts";
import { type FieldProblem, ownValue } from "./json.ts";
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
  const value = (name: string): unknown => ownValue(source, name);
  const refuse = (code: ErrorCode, name: string, message: string): null => {
    problems.push(problem(code, path + name, message));
    return null;
  };
  const numberOf = (name: string, expected: string, fine: (given: number) => boolean): number | null => {
    const given = value(name);
    if (given === undefined || given === null) return null;
    if (typeof given !== "number")
      return refuse("CMDR_FIELD_TYPE", name, `expected ${expected}, got ${describeType(given)}`);
    return fine(given) ? given + 0 : refuse("CMDR_FIELD_RANGE", name, `expected ${expected}, got ${given}`);
  };
  const textOf = (
    name: string,
    problemOf: (given: string, field: string) => FieldProblem | undefined,
  ): string | null => {
    const given = value(name);
    if (given === undefined || given === null || given === "") return null;
    if (typeof given !== "string")
      return refuse("CMDR_FIELD_TYPE", name, `expected a text, got ${describeType(given)}`);
    const found = problemOf(given, path + name);
    if (found === undefined) return given;
    problems.push(found);
    return null;
  };
  return {
    value,
    text: (name) => textOf(name, textProblem),
    sentence: (name) => {
      const text = textOf(name, () => undefined);
      return text === null ? null : replaceUnprintable(text.slice(0, limits.errorMessageLength));
    },
    count: (name) =>
      numberOf(
        name,
        "an integer from 0 to 1e12",
        (given) => Number.isInteger(given) && given >= 0 && given <= limits.tokens,
      ),
    quantity: (name) => numberOf(name, "a number from 0 to 1e12", (given) => given >= 0 && given <= limits.quantity),
    flag: (name) => {
      const given = value(name);
      if (given === undefined || given === null || typeof given === "boolean") return given ?? null;
      return refuse("CMDR_FIELD_TYPE", name, `expected true or false, got ${describeType(given)}`);
    },
    section: (name) => {
      const given = value(name) ?? {};
      if (typeof given === "object" && !Array.isArray(given)) return fieldReader(given, `${path}${name}.`, problems);
      refuse("CMDR_FIELD_TYPE", name, `expected an object, got ${describeType(given)}`);
      return fieldReader({}, `${path}${name}.`, problems);
    },
    each: (names, read) => {
      const values = {} as Record<(typeof names)[number], number | null>;
      for (const name of names) values[name] = read(name);
      return values;
    },
  };
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

/** Names the type of a value for a message, never the value. */
export function describeType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
