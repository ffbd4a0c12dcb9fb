import { Type } from "typebox";
import { expect, it } from "vitest";

import { readAdminBody } from "./admin-body.ts";

const schema = Type.Object({ name: Type.Optional(Type.String()) }, { additionalProperties: false });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it("reads what the schema allows, and no body at all as an empty one", () => {
  expect(readAdminBody(bytes('{"name":"a"}'), schema)).toEqual({ name: "a" });
  for (const none of [undefined, null, bytes(""), "text that was read already"]) {
    expect(readAdminBody(none, schema)).toEqual({});
  }
});

it("says what is not allowed, by its place, and what is no JSON", () => {
  const coded = (code: string, message: RegExp) =>
    expect.objectContaining({ code, message: expect.stringMatching(message) }) as Error;
  expect(() => readAdminBody(bytes('{"name":7}'), schema)).toThrow(coded("CMDR_QUERY_INVALID", /^\/name /));
  expect(() => readAdminBody(bytes("[]"), schema)).toThrow(coded("CMDR_QUERY_INVALID", /^body /));
  expect(() => readAdminBody(bytes("{"), schema)).toThrow(coded("CMDR_BODY_NOT_JSON", /expected a JSON body/));
});
