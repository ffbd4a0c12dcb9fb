/** The whole way: from a call, through the client's own tracker, to a collector's endpoint. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

import { parseBody } from "@cmdrdata/protocol";
import { afterAll, expect, it } from "vitest";

import { OpenAI } from "../src/index.ts";
import { collect, question, silent, useBench } from "./harness.ts";

const makeBench = useBench();
const key = `tk-${"a".repeat(43)}`;
const received: { authorization: string | undefined; text: string }[] = [];
const collector = createServer((request, answer) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("utf8");
    received.push({ authorization: request.headers.authorization, text });
    const accepted = parseBody(text).length;
    answer.writeHead(200, { "content-type": "application/json" });
    answer.end(JSON.stringify({ accepted, duplicates: 0, rejected: [] }));
  });
});
afterAll(() => new Promise((closed) => collector.close(closed)));

it("delivers every call's event with the key, after flush()", async () => {
  const { server } = makeBench();
  await new Promise<void>((listening) => collector.listen(0, "127.0.0.1", listening));
  const trackerEndpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/api/events`;
  const { baseURL } = server;
  const client = new OpenAI({
    apiKey: "sk-x",
    baseURL,
    logger: silent,
    trackerKey: key,
    trackerEndpoint,
    includeUsage: "always",
  });
  await client.chat.completions.create({ ...question, customer_id: "acme@example.com" });
  await collect(
    await client
      .withOptions({ timeout: 5_000 })
      .chat.completions.create({ ...question, stream: true, customer_id: "globex" }),
  );
  await client.tracker.flush();
  expect(client.tracker.metrics()).toMatchObject({ state: "running", captured: 2, delivered: 2, held: 0 });
  const text = received.map((request) => request.text).join();
  expect(received.every(({ authorization }) => authorization === `Bearer ${key}`)).toBe(true);
  expect(text).toContain("acme@example.com");
  expect(text).toContain("globex");
  const items = received.flatMap((request) => parseBody(request.text));
  expect(items.map((item) => (item.kind === "event" ? item.problems : item))).toEqual([[], []]);
  await client.tracker.shutdown();
});
