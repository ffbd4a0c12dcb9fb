import { expect, it } from "vitest";

import { createHostLookup } from "./hosts.ts";

it.each([
  ["https://api.openai.com/v1/x", "openai", true],
  ["https://us.api.openai.com/v1/x", "openai", true],
  ["https://a.b.api.openai.com/v1/x", "other", false],
  ["https://api.openai.com.evil.example/v1/x", "other", false],
  ["https://mine.openai.azure.com/openai", "azure", true],
  ["https://mine.openai.azure.us/openai", "azure", true],
  ["https://mine.services.ai.azure.com/openai", "azure", false],
  ["https://mine.cognitiveservices.azure.com/openai", "azure", false],
  ["/relative", "other", false],
  ["http://127.0.0.1:8080/v1", "other", false],
])("%s is %s", (url, kind, tellsUsageOnRequest) => {
  const hostOf = createHostLookup();
  expect(hostOf(url)).toMatchObject({ kind, tellsUsageOnRequest, idSpace: expect.any(String) as string });
  expect(hostOf(`${url}/again`)).toBe(hostOf(url));
});

it.each([
  ["https://eu.api.openai.com/v1/x", "eu"],
  ["wss://us.api.openai.com/v1/realtime", "us"],
  ["https://api.openai.com/v1/x", null],
  ["https://a.b.api.openai.com/v1/x", null],
  ["https://eu.api.openai.com.evil.example/v1/x", null],
  ["https://mine.openai.azure.com/openai", null],
  ["https://mine.services.ai.azure.com/openai", null],
  ["/relative", null],
])("%s is of the region %s", (url, region) => {
  expect(createHostLookup()(url).region).toBe(region);
});

it("knows a host from one whose name only begins the same", () => {
  const hostOf = createHostLookup();
  expect(hostOf("https://api.openai.com/v1").kind).toBe("openai");
  expect(hostOf("https://api.openai.com.evil.example/v1").kind).toBe("other");
});

it.each([
  ["https://us.api.openai.com/v1", "openai"],
  ["https://mine.openai.azure.com/openai", "azure"],
  ["http://127.0.0.1:8080/v1", "http://127.0.0.1:8080"],
  ["http://127.0.0.1:8081/v1", "http://127.0.0.1:8081"],
])("takes the ids of %s for those of %s", (url, idSpace) => {
  expect(createHostLookup()(url).idSpace).toBe(idSpace);
});

it("takes a host nobody knows for what it is told", () => {
  expect(createHostLookup("azure")("https://gateway.example/openai").kind).toBe("azure");
  expect(createHostLookup("azure")("https://api.openai.com/v1").kind).toBe("openai");
});
