/**
 * Makes JSON Schemas that are typed as TypeBox types them.
 *
 * TypeBox's own builder is a graph of 700 modules, of which a schema needs none once it is made: loading it took half a
 * second of each start and 20 MiB for as long as the collector ran. Its types cost nothing.
 *
 * Promise: each function gives the schema that TypeBox's function of that name gives (json-schema.test.ts compares).
 */
import type { Type as TypeBox } from "typebox";

type Schema = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, Schema>>;
type SchemaKind =
  | "Array"
  | "Boolean"
  | "Integer"
  | "Intersect"
  | "Literal"
  | "Null"
  | "Number"
  | "Object"
  | "Optional"
  | "Partial"
  | "Record"
  | "String"
  | "Union"
  | "Unknown"
  | "Unsafe";

/** Not enumerable, so that it is in no schema that is checked or shown. */
const optional = Symbol("optional");

const builders = {
  Array: (items: Schema, options?: Schema): Schema => ({ type: "array", items, ...options }),
  Boolean: (options?: Schema): Schema => ({ type: "boolean", ...options }),
  Integer: (options?: Schema): Schema => ({ type: "integer", ...options }),
  Intersect: (allOf: readonly Schema[], options?: Schema): Schema => ({ allOf, ...options }),
  Literal: (value: string | number | boolean): Schema => ({ type: typeof value, const: value }),
  Null: (options?: Schema): Schema => ({ type: "null", ...options }),
  Number: (options?: Schema): Schema => ({ type: "number", ...options }),
  Object: (properties: Fields, options?: Schema): Schema => ({
    type: "object",
    ...requiredOf(properties),
    properties,
    ...options,
  }),
  Optional: (schema: Schema): Schema => Object.defineProperty({ ...schema }, optional, { value: true }),
  Partial: ({ properties }: { readonly properties: Fields }): Schema =>
    builders.Object(
      Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, builders.Optional(schema)])),
    ),
  Record: (_names: Schema, values: Schema, options?: Schema): Schema => ({
    type: "object",
    patternProperties: { "^.*$": values },
    ...options,
  }),
  String: (options?: Schema): Schema => ({ type: "string", ...options }),
  Union: (anyOf: readonly Schema[], options?: Schema): Schema => ({ anyOf, ...options }),
  Unknown: (options?: Schema): Schema => ({ ...options }),
  Unsafe: (schema: Schema): Schema => schema,
} satisfies Readonly<Record<SchemaKind, unknown>>;

export const Type: Pick<typeof TypeBox, SchemaKind> = builders as never;

function requiredOf(properties: Fields): Schema {
  const required = Object.keys(properties).filter((name) => !Object.hasOwn(properties[name] as Schema, optional));
  return required.length === 0 ? {} : { required };
}
