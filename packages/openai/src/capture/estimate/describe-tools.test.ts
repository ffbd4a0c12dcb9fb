import { expect, it } from "vitest";

import { describeFunctions } from "./describe-tools.ts";

it("shows functions as TypeScript, with the descriptions of the outer properties", () => {
  const parameters = {
    type: "object",
    required: ["city", "days"],
    properties: {
      city: { type: "string", description: "Where" },
      days: { type: "integer" },
      unit: { enum: ["c", "f", 1] },
      flags: { type: "array", items: { type: "boolean" } },
      where: {
        type: "object",
        required: ["lat"],
        properties: { lat: { type: "number", description: "not shown" }, none: { type: "null" } },
      },
      any: {},
      odd: "odd",
    },
  };
  const functions = [{ name: "weather", description: "Tells the weather", parameters }, { name: "stop" }];
  expect(describeFunctions(functions)).toBe(`namespace functions {

// Tells the weather
type weather = (_: {
// Where
city: string,
days: number,
unit?: "c" | "f" | 1,
flags?: boolean[],
where?: {
  lat: number,
  none?: null,
},
any?: any,
odd?: any,
}) => any;

type stop = () => any;

} // namespace functions`);
});

it("ends somewhere in a schema that does not", () => {
  interface Node {
    readonly type: string;
    readonly properties: Record<string, Node>;
  }
  const node: Node = { type: "object", properties: {} };
  node.properties["next"] = node;
  expect(describeFunctions([{ name: "f", parameters: { ...node } }])).toContain("any");
});
