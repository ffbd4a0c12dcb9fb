import fastify from "fastify";
import { expect, it } from "vitest";

import { Type } from "../json-schema.ts";
import { readAdminBody } from "./admin-body.ts";

const schema = Type.Object({ name: Type.Optional(Type.String()) }, { additionalProperties: false });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Reads a body as the route of a server does. */
async function read(body: unknown): Promise<unknown> {
  const server = fastify({ ajv: { customOptions: { coerceTypes: false } } });
  let result: unknown;
  server.get("/", async (request) => {
    const { compileValidationSchema } = request;
    result = readAdminBody({ body, compileValidationSchema: compileValidationSchema.bind(request) }, schema);
  });
  const { statusCode, payload } = await server.inject("/");
  if (statusCode === 200) return result;
  throw new Error(payload);
}

it("reads what the schema allows, and no body at all as an empty one", async () => {
  expect(await read(bytes('{"name":"a"}'))).toEqual({ name: "a" });
  for (const none of [undefined, null, bytes(""), "text that was read already"]) expect(await read(none)).toEqual({});
});

it("says what is not allowed, by its place, and what is no JSON", async () => {
  await expect(read(bytes('{"name":7}'))).rejects.toThrow(/CMDR_QUERY_INVALID.*"\/name must be string/);
  await expect(read(bytes("[]"))).rejects.toThrow(/CMDR_QUERY_INVALID.*"body must be object/);
  await expect(read(bytes("{"))).rejects.toThrow(/CMDR_BODY_NOT_JSON.*expected a JSON body/);
});
