/** What a program holds to its end and never asks for is recorded then (design 6): made of real processes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

import { parseBody, type UsageEvent } from "@cmdrdata/protocol";
import { createTracker, resolveTrackerOptions } from "@cmdrdata/tracker";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { useBench } from "./harness.ts";

const makeBench = useBench();
const program = fileURLToPath(new URL("programs/forgetful.mjs", import.meta.url));
const key = `tk-${"a".repeat(43)}`;
const spoolDir = mkdtempSync(join(tmpdir(), "cmdrdata-open-"));

let received: UsageEvent[] = [];
let endpoint = "";
const collector = createServer((request, answer) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    const items = parseBody(
      (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("utf8"),
    );
    received.push(...items.flatMap((item) => (item.kind === "event" ? item.event : [])));
    answer.writeHead(200, { "content-type": "application/json" });
    answer.end(JSON.stringify({ accepted: items.length, duplicates: 0, rejected: [] }));
  });
});

beforeAll(async () => {
  await new Promise<void>((listening) => collector.listen(0, "127.0.0.1", listening));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/api/events`;
});
beforeEach(() => void (received = []));
afterAll(async () => {
  await new Promise((closed) => collector.close(closed));
  rmSync(spoolDir, { recursive: true });
});

it.each(["shutdown", "exit", "SIGTERM", "nothing left"])("are recorded once each at the end: %s", async (ending) => {
  const { server } = makeBench();
  const child = spawn(process.execPath, [program, ending], {
    env: {
      ...process.env,
      OPENAI_API_KEY: "sk-x",
      OPENAI_BASE_URL: server.baseURL,
      CMDRDATA_API_KEY: key,
      CMDRDATA_ENDPOINT: endpoint,
      CMDRDATA_SPOOL_DIR: spoolDir,
      CMDRDATA_DURABILITY: "exit",
    },
    stdio: "inherit",
  });
  expect(await once(child, "exit")).toEqual(ending === "SIGTERM" ? [null, "SIGTERM"] : [0, null]);
  // What was left on the disk is the next program's to deliver.
  const next = createTracker(resolveTrackerOptions({ apiKey: key, endpoint, spoolDir, durability: "exit" }, {}));
  await next.flush();
  await next.shutdown();
  const sources = new Map(received.map(({ customer_id: customer, usage }) => [customer, usage.source]));
  expect(received).toHaveLength(3);
  expect(new Set(sources.keys())).toEqual(new Set(["half read", "unawaited", "unread"]));
  expect(sources.get("unawaited")).toBe("none");
});
