import { emptyEvent } from "@cmdrdata/protocol";
import { expect, it } from "vitest";

import { commonAttributes, requestAttributes, responseAttributes } from "./call-attributes.ts";

const call = {
  operation: "chat.completions",
  model: "gpt-4o",
  streaming: false,
  body: {},
  baseUrl: "https://api.openai.com/v1",
  host: "openai",
} as const;

it.each([
  [call, { "gen_ai.provider.name": "openai", "server.address": "api.openai.com", "server.port": 443 }],
  [
    { ...call, baseUrl: "http://[::1]/v1" },
    { "server.address": "[::1]", "server.port": 80 },
  ],
  [
    { ...call, host: "azure", baseUrl: "https://x.openai.azure.com:8443" } as const,
    { "gen_ai.provider.name": "azure.ai.openai", "server.port": 8_443 },
  ],
])("the server of %o is %o", (beginning, expected) => expect(commonAttributes(beginning)).toMatchObject(expected));

it("leaves out what is not known", () => {
  const unknown = { ...call, model: null, baseUrl: "odd", operation: "/new" };
  expect(commonAttributes(unknown)).toEqual({
    "gen_ai.operation.name": "/new",
    "gen_ai.provider.name": "openai",
  });
  expect(requestAttributes({ ...unknown, body: "form" })).toEqual({});
  expect(responseAttributes(emptyEvent, null)).toEqual({});
});

it.each([
  [{ text: { format: { type: "json_schema" } } }, { "gen_ai.output.type": "json" }],
  [{ response_format: { type: "text" } }, { "gen_ai.output.type": "text" }],
  [{ response_format: "b64_json" }, {}],
  [{ n: 1, service_tier: "auto", seed: 7, temperature: "hot" }, { "gen_ai.request.seed": 7 }],
  [{ conversation: { id: "conv_1" } }, { "gen_ai.conversation.id": "conv_1" }],
])("of a request with %o tells %o", (body, expected) => {
  expect(requestAttributes({ ...call, operation: "other", body })).toEqual(expected);
});

it("names an error that has no class", () => {
  const error = { occurred: true, type: null, code: null, message: null };
  expect(responseAttributes({ ...emptyEvent, error }, null)).toEqual({ "error.type": "_OTHER" });
});
