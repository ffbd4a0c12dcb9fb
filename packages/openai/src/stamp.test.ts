import { describe, expect, it } from "vitest";

import { createStamp } from "./stamp.ts";

describe("createStamp", () => {
  it("keeps a value with an object, and the last one given", () => {
    const stamp = createStamp<string>();
    const object = {};

    expect(stamp.get(object)).toBeUndefined();
    stamp.set(object, "first");
    stamp.set(object, "second");

    expect(stamp.get(object)).toBe("second");
    expect(stamp.get({})).toBeUndefined();
  });

  it("tells one stamp from another", () => {
    const [one, other] = [createStamp<string>(), createStamp<string>()];
    const object = {};
    one.set(object, "one");

    expect(other.get(object)).toBeUndefined();
  });

  it("shows nobody anything, and no copy has it", () => {
    const stamp = createStamp<string>();
    const promise = Promise.resolve();
    stamp.set(promise, "kept");

    expect(Reflect.ownKeys(promise)).toEqual([]);
    const object = { shown: 1 };
    stamp.set(object, "kept");
    expect(Reflect.ownKeys(object)).toEqual(["shown"]);
    expect(stamp.get({ ...object })).toBeUndefined();
    expect(stamp.get(structuredClone(object))).toBeUndefined();
  });

  it.each([
    ["a frozen object", () => Object.freeze({})],
    [
      "a proxy that refuses everything",
      () =>
        new Proxy(
          {},
          {
            defineProperty: () => false,
            set: () => false,
            has: () => {
              throw new Error("seen");
            },
          },
        ),
    ],
  ])("keeps it with %s", (_what, make) => {
    const stamp = createStamp<string>();
    const object = make();
    stamp.set(object, "kept");

    expect(stamp.get(object)).toBe("kept");
  });
});
