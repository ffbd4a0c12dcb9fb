/** Finds the fields of a wire object that this version of the protocol does not know, so that they are kept. */
import { emptyEvent, inputKinds, outputKinds, quantityKinds } from "./event.ts";
import type { FieldProblem, ObjectAccess } from "./json.ts";
import { limits } from "./limits.ts";
import { type Fields, isArray, problem } from "./read-field.ts";

/** The names of one level: `true` for a value, a level for a section whose unknown fields are kept one by one. */
type Level = ReadonlyMap<string, Level | true>;

/** Every field of the wire. */
const shape: Level = new Map<string, Level | true>([
  ...listed(Object.keys(emptyEvent).filter((name) => name !== "extra")),
  [
    "usage",
    new Map<string, Level | true>([
      ...names(emptyEvent.usage),
      ...listed(["estimated_by", "lower_bound", "size", "quality"]),
      ["input", listed(inputKinds)],
      ["output", listed(outputKinds)],
      ["quantities", listed(quantityKinds)],
    ]),
  ],
  ["latency", names(emptyEvent.latency)],
  ["error", names(emptyEvent.error)],
  ["request", listed([...Object.keys(emptyEvent.request), "region"])],
  ["trace", names(emptyEvent.trace)],
  ["sdk", names(emptyEvent.sdk)],
]);

/**
 * @param fields - of the wire object; values are taken as they are, not copied
 * @returns the unknown top-level fields by name, and the unknown fields of known sections under the section's name;
 *   `undefined` where there are none
 */
export function collectUnknown({ source, problems, access }: Fields): Record<string, unknown> | undefined {
  return collect(source, shape, problems, access);
}

function collect(
  source: object,
  level: Level,
  problems: FieldProblem[],
  access: ObjectAccess,
): Record<string, unknown> | undefined {
  let unknown: Record<string, unknown> | undefined;
  let left = limits.metadataKeys + level.size;
  for (const name of access.names(source)) {
    if ((left -= 1) < 0) {
      const message = `expected at most ${limits.metadataKeys} unknown fields; the rest was left out`;
      problems.push(problem("CMDR_FIELD_TOO_LARGE", "extra", message));
      break;
    }
    const known = level.get(name);
    if (known === true) continue;
    const value =
      known === undefined
        ? unknownValue(source, name, problems, access)
        : nested(source, name, known, problems, access);
    if (value !== undefined) (unknown ??= {})[name] = value;
  }
  return unknown;
}

function unknownValue(source: object, name: string, problems: FieldProblem[], access: ObjectAccess): unknown {
  if (name === "__proto__") {
    problems.push(problem("CMDR_FIELD_FORBIDDEN_KEY", name, "expected no field of this name; left out"));
    return undefined;
  }
  const value = access.value(source, name);
  return Object.prototype.propertyIsEnumerable.call(source, name) ? value : undefined;
}

function nested(source: object, name: string, level: Level, problems: FieldProblem[], access: ObjectAccess): unknown {
  const value = access.value(source, name);
  if (typeof value !== "object" || value === null || isArray(value)) return undefined;
  return collect(value, level, problems, access);
}

function names(section: object): Level {
  return listed(Object.keys(section));
}

function listed(fields: readonly string[]): Level {
  return new Map(fields.map((name) => [name, true]));
}
