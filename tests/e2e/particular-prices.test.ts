/**
 * What costs more by its size, its quality or its region, from the request to the price: the built SDK and the built collector
 * as a process. OpenAI's answers are written here, as the API documents them: of an image they tell neither size nor quality,
 * of a video the size.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { TrackedOpenAI, tracking } from "cmdrdata-openai";
import { afterAll, beforeAll, expect, it } from "vitest";

import { type CollectorProcess, key, startCollector } from "./collector-process.ts";

const images = { created: 1_772_000_000, data: [{ url: "https://img.test/1" }, { url: "https://img.test/2" }] };
const video = {
  id: "video_1",
  object: "video",
  created_at: 1_772_000_000,
  status: "queued",
  model: "sora-2-pro",
  seconds: "8",
  size: "1024x1792",
};

const chat = {
  id: "chatcmpl-1",
  object: "chat.completion",
  model: "gpt-5.4-2026-03-05",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Yes" } }],
  usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
};
const answers: Readonly<Record<string, object>> = { "/v1/videos": video, "/v1/chat/completions": chat };

let folder: string;
let openai: Server;
let collector: CollectorProcess;
let client: TrackedOpenAI;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cmdrdata-e2e-images-"));
  openai = createServer((request, answer) => {
    request.resume().once("end", () => {
      answer.setHeader("content-type", "application/json");
      answer.end(JSON.stringify(answers[request.url ?? ""] ?? images));
    });
  });
  await new Promise<void>((listening) => openai.listen(0, "127.0.0.1", listening));
  collector = await startCollector(folder);
  client = new TrackedOpenAI({
    apiKey: "sk-scripted",
    baseURL: `http://127.0.0.1:${(openai.address() as AddressInfo).port}/v1`,
    trackerKey: key,
    trackerEndpoint: `${collector.url}/api/events`,
    tracker: { flushAfterMs: 10 },
  });
});

afterAll(async () => {
  await client.tracker.shutdown();
  await collector.stop("SIGTERM");
  openai.closeAllConnections();
  openai.close();
  rmSync(folder, { recursive: true });
});

it("images and videos are priced by the size and the quality that the request or the answer names", async () => {
  const prompt = "A canary";
  await client.images.generate({ model: "dall-e-3", prompt, n: 2, customer_id: "a: two by default" });
  const wide = { model: "dall-e-3", prompt, size: "1792x1024", quality: "hd" } as const;
  await client.images.generate({ ...wide, customer_id: "b: two, wide and in HD" });
  await client.images.generate({ model: "dall-e-2", prompt, size: "256x256", customer_id: "c: two small ones" });
  await client.images.generate({ model: "dall-e-3", prompt, quality: "auto", customer_id: "d: nobody knows" });
  await client.videos.create({ model: "sora-2-pro", prompt }, tracking({ customerId: "e: eight seconds" }));
  await client.tracker.flush();
  const report = await collector.usage("group_by=customer_id");
  expect(
    report.rows.map(({ customer_id, cost_usd, unpriced_calls }) => [customer_id, cost_usd, unpriced_calls]),
  ).toEqual([
    // 2 x 0.04; 2 x 0.12; 2 x 0.016; 8 x 0.5 dollars.
    ["a: two by default", "0.08", 0],
    ["b: two, wide and in HD", "0.24", 0],
    ["c: two small ones", "0.032", 0],
    ["d: nobody knows", "0", 1],
    ["e: eight seconds", "4", 0],
  ]);
});

it("a call to the host of a region costs a tenth more", async () => {
  const { port } = openai.address() as AddressInfo;
  const toServer: typeof fetch = (url, init) =>
    fetch(`http://127.0.0.1:${port}${new URL(url as string).pathname}`, init);
  const { tracker } = client;
  for (const host of ["api.openai.com", "eu.api.openai.com"]) {
    const regional = new TrackedOpenAI({ apiKey: "sk-x", baseURL: `https://${host}/v1`, fetch: toServer, tracker });
    const messages = [{ role: "user" as const, content: "A canary?" }];
    await regional.chat.completions.create({ model: "gpt-5.4", messages, customer_id: host });
  }
  await tracker.flush();
  const { rows } = await collector.usage("group_by=customer_id&model=gpt-5.4-2026-03-05");
  // 1,000 x 2.5 + 100 x 15 = 4,000 millionths of a dollar; 4,400 in Europe.
  expect(rows.map(({ customer_id, cost_usd }) => [customer_id, cost_usd])).toEqual([
    ["api.openai.com", "0.004"],
    ["eu.api.openai.com", "0.0044"],
  ]);
});
