/**
 * Images and videos from the request to the price: the built SDK and the built collector as a process. OpenAI's answers are
 * written here, as the API documents them: of an image they tell neither size nor quality, of a video the size.
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

let folder: string;
let openai: Server;
let collector: CollectorProcess;
let client: TrackedOpenAI;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cmdrdata-e2e-images-"));
  openai = createServer((request, answer) => {
    request.resume().once("end", () => {
      answer.setHeader("content-type", "application/json");
      answer.end(JSON.stringify(request.url === "/v1/videos" ? video : images));
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

it("are priced by the size and the quality that the request or the answer names", async () => {
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
