/** Finds the fields of a wire object that this version of the protocol does not know, so that they are kept. */
import { emptyEvent, inputKinds, outputKinds, quantityKinds } from "./event.ts";
import { type FieldProblem, ownNames, ownValue } from "./json.ts";
import { limits } from "./limits.ts";
import { isArray, problem } from "./read-field.ts";

interface Shape {
  readonly [name: string]: Shape | true;
}

/** Every field of the wire: `true` for a value, a shape for a section whose unknown fields are kept one by one. */
const shape: Shape = {
  ...Object.fromEntries(
    Object.keys(emptyEvent)
      .filter((name) => name !== "extra")
      .map((name) => [name, true as const]),
  ),
  usage: {
    ...names(emptyEvent.usage),
    ...listed(["estimated_by", "lower_bound"]),
    input: listed(inputKinds),
    output: listed(outputKinds),
    quantities: listed(quantityKinds),
  },
  latency: names(emptyEvent.latency),
  error: names(emptyEvent.error),
  request: names(emptyEvent.request),
  trace: names(emptyEvent.trace),
  sdk: names(emptyEvent.sdk),
};

/**
 * @param source - the wire object; values are taken as they are, not copied
 * @returns the unknown top-level fields by name, and the unknown fields of known sections under the section's name
 */
export function collectUnknown(source: object, problems: FieldProblem[]): Record<string, unknown> {
  return collect(source, shape, problems);
}

function collect(source: object, level: Shape, problems: FieldProblem[]): Record<string, unknown> {
  const unknown: Record<string, unknown> = {};
  let left = limits.metadataKeys + Object.keys(level).length;
  for (const name of ownNames(source)) {
    if ((left -= 1) < 0) {
      problems.push(
        problem(
          "CMDR_FIELD_TOO_LARGE",
          "extra",
          `expected at most ${limits.metadataKeys} unknown fields; the rest was left out`,
        ),
      );
      break;
    }
    collectField(unknown, name, source, level, problems);
  }
  return unknown;
}

function collectField(
  unknown: Record<string, unknown>,
  name: string,
  source: object,
  level: Shape,
  problems: FieldProblem[],
): void {
  if (name === "__proto__") {
    problems.push(problem("CMDR_FIELD_FORBIDDEN_KEY", name, "expected no field of this name; left out"));
    return;
  }
  const known = Object.hasOwn(level, name) ? level[name] : undefined;
  if (known === true) return;
  if (known === undefined) {
    const value = ownValue(source, name);
    if (value !== undefined && Object.prototype.propertyIsEnumerable.call(source, name)) unknown[name] = value;
    return;
  }
  const value = ownValue(source, name);
  if (typeof value !== "object" || value === null || isArray(value)) return;
  const nested = collect(value, known, problems);
  if (Object.keys(nested).length > 0) unknown[name] = nested;
}

function names(section: object): Shape {
  return listed(Object.keys(section));
}

function listed(fields: readonly string[]): Shape {
  return Object.fromEntries(fields.map((name) => [name, true as const]));
}
