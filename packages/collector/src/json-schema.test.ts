import { Type as TypeBox } from "typebox";
import { describe, expect, it } from "vitest";

import { Type } from "./json-schema.ts";

/** Of both: what each function makes, with options and without. */
const schemasBy = (builder: typeof Type) => ({
  texts: [builder.String(), builder.String({ minLength: 1, description: "a text" })],
  numbers: [builder.Number(), builder.Integer({ minimum: 0 }), builder.Integer(), builder.Number({ maximum: 1 })],
  flags: [builder.Boolean(), builder.Boolean({ default: true }), builder.Null(), builder.Null({ description: "none" })],
  literals: [builder.Literal("a"), builder.Literal(5), builder.Literal(true)],
  lists: [builder.Array(builder.String()), builder.Array(builder.Null(), { minItems: 1 })],
  unions: [builder.Union([builder.String(), builder.Null()]), builder.Union([builder.Null()], { title: "t" })],
  both: builder.Intersect([builder.Object({ a: builder.String() }), builder.Object({})], { description: "both" }),
  empty: builder.Object({}),
  optional: builder.Object(
    { a: builder.Optional(builder.String()), b: builder.Null() },
    { additionalProperties: false },
  ),
  allOptional: builder.Object({ a: builder.Optional(builder.String({ pattern: "x" })) }),
  partial: builder.Partial(builder.Object({ a: builder.String(), b: builder.Optional(builder.Number()) })),
  partialFields: builder.Object({ ...builder.Partial(builder.Object({ a: builder.String() })).properties }),
  records: [
    builder.Record(builder.String(), builder.Integer()),
    builder.Record(builder.String(), builder.Null(), { description: "r" }),
  ],
  unknown: [builder.Unknown(), builder.Unknown({ description: "u" })],
  unsafe: builder.Unsafe<string>(builder.Object({ a: builder.String() })),
});

describe("Type", () => {
  it("makes the schemas that TypeBox makes, to the order of their fields", () => {
    expect(JSON.stringify(schemasBy(Type))).toBe(JSON.stringify(schemasBy(TypeBox)));
  });

  it("leaves the schema alone that it makes optional", () => {
    const text = Type.String();
    const object = Type.Object({ given: text, left: Type.Optional(text) });
    expect(object.required).toEqual(["given"]);
  });
});
