import { gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";

import { parseEvent } from "@cmdrdata/protocol";
import { expect, it } from "vitest";

import { shredBody, shredEvent } from "./shred.ts";

const read = (body: Uint8Array): unknown => JSON.parse(zstdDecompressSync(body).toString());
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

it.each<[string, unknown, unknown]>([
  ["an array", [{ id: "a" }, { id: "b" }], [null, { id: "b" }]],
  ["an object with events", { events: [{ id: "a" }, { id: "b" }] }, { events: [null, { id: "b" }] }],
  ["one event alone", { id: "a" }, null],
])("takes one event out of a body that is %s, however that is compressed", (_name, body, left) => {
  expect(read(shredBody(gzipSync(bytes(body)), "gzip", new Set([0])))).toEqual(left);
  expect(read(shredBody(zstdCompressSync(bytes(body)), "zstd", new Set([0])))).toEqual(left);
});

it("leaves of an event what it used, and nothing that says for whom", () => {
  const event = {
    id: "secret-id",
    customer_id: "secret-customer",
    model: "gpt-4o",
    input_tokens: 7,
    request: { id: "secret-request", response_id: "secret-response" },
    error: { occurred: true, message: "secret message" },
    metadata: { who: "secret" },
    more: "secret",
  };
  const shredded = shredEvent(JSON.stringify(event), "erased");
  expect(shredded).not.toContain("secret");
  expect(parseEvent(JSON.parse(shredded)).event).toMatchObject({
    customer_id: "erased",
    model: "gpt-4o",
    input_tokens: 7,
  });
});
