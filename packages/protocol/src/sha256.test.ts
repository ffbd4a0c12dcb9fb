import { createHash } from "node:crypto";

import fc from "fast-check";
import { expect, it } from "vitest";

import { sha256 } from "./sha256.ts";

const reference = (text: string): string => createHash("sha256").update(text).digest("hex");
const hex = (text: string): string => Buffer.from(sha256(text)).toString("hex");

it("is SHA-256, for texts of every length around a block", () => {
  expect(hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  for (let length = 0; length <= 200; length += 1) expect(hex("a".repeat(length))).toBe(reference("a".repeat(length)));
});

it("is SHA-256 of a text in UTF-8", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 500 }), (text) => {
      expect(hex(text)).toBe(reference(text));
    }),
  );
});
