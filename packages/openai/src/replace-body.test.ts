import { expect, it } from "vitest";

import { replaceBody, stringifyLike } from "./replace-body.ts";

it("mends the length where one stands, in bytes, and writes none where none stands", () => {
  const plain = { body: "{}", headers: { "content-length": "2", accept: "*/*" } };
  replaceBody(plain, '{"a":"é"}');
  expect(plain).toEqual({ body: '{"a":"é"}', headers: { "content-length": "10", accept: "*/*" } });
  const given = { body: "{}", headers: new Headers({ "Content-Length": "2" }) };
  replaceBody(given, '{"a":1}');
  expect(given.headers.get("content-length")).toBe("7");
  for (const headers of [{}, new Headers(), undefined]) {
    const request = { body: "{}", headers };
    replaceBody(request, "[]");
    expect([request.body, Object.keys(headers ?? {}), new Headers(headers).has("content-length")]).toEqual([
      "[]",
      [],
      false,
    ]);
  }
});

it("indents like the text before", () => {
  const value = { a: [1] };
  for (const indent of [0, 2]) {
    const json = JSON.stringify({ b: 2 }, null, indent);
    expect(stringifyLike(json, value)).toBe(JSON.stringify(value, null, indent));
  }
});
