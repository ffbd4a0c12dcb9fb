/**
 * Functions as the model sees them: OpenAI shows it their JSON schemas as TypeScript.
 *
 * Not documented by OpenAI; found by others by asking the models, and by the counts of the API, which it explains to the
 * token (test/published-counts.ts).
 */
import { objectOf, type RawObject, textOf } from "../../answer.ts";

/** @param functions - `{ name, description, parameters }`, the latter a JSON schema */
export function describeFunctions(functions: readonly RawObject[]): string {
  return ["namespace functions {", "", ...functions.flatMap(describeFunction), "} // namespace functions"].join("\n");
}

function describeFunction(declared: RawObject): readonly string[] {
  const name = textOf(declared["name"]) ?? "";
  const description = textOf(declared["description"]);
  const schema = objectOf(declared["parameters"]);
  const properties = Object.keys(objectOf(schema?.["properties"]) ?? {});
  return [
    ...(description === null ? [] : [`// ${description}`]),
    ...(schema === undefined || properties.length === 0
      ? [`type ${name} = () => any;`]
      : [`type ${name} = (_: {`, describeProperties(schema, 0), "}) => any;"]),
    "",
  ];
}

/** Descriptions are shown of the outer properties only. */
function describeProperties(schema: RawObject, indent: number): string {
  const required: unknown = schema["required"];
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name);
  return Object.entries(objectOf(schema["properties"]) ?? {})
    .flatMap(([name, given]) => {
      const property = objectOf(given) ?? {};
      const description = textOf(property["description"]);
      const line = `${" ".repeat(indent)}${name}${isRequired(name) ? "" : "?"}: ${describeType(property, indent)},`;
      return description === null || indent >= 2 ? [line] : [`${" ".repeat(indent)}// ${description}`, line];
    })
    .join("\n");
}

/** A schema may be as deep as it likes; a prompt is not. */
const deepest = 32;

function describeType(schema: RawObject, indent: number): string {
  const choices: unknown = schema["enum"];
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  if (indent > deepest) return "any";
  switch (schema["type"]) {
    case "string":
    case "boolean":
    case "null":
      return schema["type"];
    case "integer":
    case "number":
      return "number";
    case "array":
      return `${describeType(objectOf(schema["items"]) ?? {}, indent)}[]`;
    case "object":
      return `{\n${describeProperties(schema, indent + 2)}\n${" ".repeat(indent)}}`;
    default:
      return "any";
  }
}
