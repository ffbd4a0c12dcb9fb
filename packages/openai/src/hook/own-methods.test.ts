import { inspect } from "node:util";

import { expect, it } from "vitest";

import { defineOwnMethods } from "./own-methods.ts";

it("adds what nobody sees", () => {
  const target = { a: 1 };
  defineOwnMethods(target, { b: () => 2 });
  expect([Object.keys(target), inspect(target), (target as unknown as { b: () => number }).b()]).toEqual([
    ["a"],
    "{ a: 1 }",
    2,
  ]);
});

it("leaves the looks of what the object has already, and does the new thing", () => {
  const make = () => ({ a: async (): Promise<number> => 1, b: 2 });
  const [plain, watched] = [make(), make()];
  defineOwnMethods(watched, { a: (...words: string[]) => words.join() });
  expect([Object.keys(watched), inspect(watched)]).toEqual([Object.keys(plain), inspect(plain)]);
  expect((watched.a as unknown as (...words: string[]) => string)("x", "y")).toBe("x,y");
});
