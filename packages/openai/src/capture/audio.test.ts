import fc from "fast-check";
import { expect, it } from "vitest";

import { spokenCharacters } from "./audio.ts";

it("counts the characters of a speech as Unicode does, lone surrogates too", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })), (input) => {
      expect(spokenCharacters({ input })).toEqual({ quantities: { characters: Array.from(input).length } });
    }),
  );
  expect(spokenCharacters({ input: "a\ud83db" })).toEqual({ quantities: { characters: 3 } });
});

it("counts no characters where there is no text", () => {
  for (const body of [undefined, {}, { input: 5 }]) expect(spokenCharacters(body)).toEqual({ quantities: {} });
});
