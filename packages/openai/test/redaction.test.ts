/** Keys, prompts and files through every way a call can fail: none comes out in an event, a log line, health() or metrics(). */
import { inspect } from "node:util";

import { scriptedCollector } from "@cmdrdata/testkit";
import { createTracker, type Logger, resolveTrackerOptions } from "@cmdrdata/tracker";
import { toFile } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { OpenAI, trackedFetch } from "../src/index.ts";
import { openAIState } from "../src/process-state.ts";
import { chatChunks } from "./fixtures.ts";
import { type ScriptedOpenAI, startScriptedOpenAI } from "./scripted-openai.ts";

const keys = {
  apiKey: "sk-proj-CANARY0aB1cD2eF3gH4iJ5kL6",
  adminAPIKey: "sk-admin-CANARY0aB1cD2eF3gH4iJ5",
  webhookSecret: "whsec_CANARY0aB1cD2eF3gH4",
  organization: "org-CANARY0aB1cD2eF3gH4",
  project: "proj_CANARY0aB1cD2eF3gH4",
};
const trackerKey = "tk-CANARY_0aB1cD2eF3gH4iJ5kL6";
const header = "Basic CANARY-Q0FOQVJZ0123456789";
const prompt = "CANARY of a prompt: how do I tell my boss";
const file = "CANARY of a file: the salaries of 2026";

/** What a server, or something in between, may repeat of a request. */
const echo = [...Object.values(keys), trackerKey, `Authorization: ${header}`, `api-key=CANARY012345`].join(" ");

type Reply = ScriptedOpenAI["next"][number];
const failed = (status: number, text: string): Reply => ({
  kind: "json",
  status,
  headers: { "x-should-retry": "false", "x-request-id": "req_1", "x-echo": echo },
  body: { error: { message: text, type: "invalid_request_error", code: "bad", param: "messages" } },
});
const partial = chatChunks(false).slice(0, 2);

/** What the server does with the one call. */
const replies: Readonly<Record<string, Reply>> = {
  "a 400 that repeats the prompt": failed(400, `'${prompt}' ${file} ${echo}`),
  "a 401 that repeats the key": failed(401, `Incorrect API key provided: ${echo}.`),
  "a 403": failed(403, echo),
  "a 404": failed(404, `The model "${prompt}" does not exist. ${echo}`),
  "a 422": failed(422, `${prompt} ${file} ${echo}`),
  "a 429": failed(429, `Rate limit reached for ${echo}`),
  "a 500": failed(500, `${prompt} ${file} ${echo}`),
  "an error that is a text": { kind: "text", status: 502, text: `${prompt} ${file} ${echo}` },
  "an answer that is no JSON": {
    kind: "text",
    status: 200,
    headers: { "content-type": "application/json" },
    text: `{"${prompt}${file}${echo}`,
  },
  "an answer of another form": {
    kind: "json",
    body: { id: 7, usage: `${prompt} ${echo}`, model: { prompt }, choices: file },
  },
  "a connection that breaks": { kind: "drop" },
  "a stream that breaks": { kind: "stream", steps: [...partial, "drop"] },
  "a stream with an error in it": { kind: "stream", steps: [...partial, { error: { message: `${prompt} ${echo}` } }] },
  "a stream with a line that is no JSON": {
    kind: "text",
    headers: { "content-type": "text/event-stream" },
    text: `data: {"${prompt} ${echo}\n\n`,
  },
};

/** The calls that carry a prompt or a file. */
const calls: Readonly<Record<string, (client: OpenAI) => Promise<unknown>>> = {
  chat: (client) => client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: prompt }] }),
  stream: async (client) => {
    const messages = [{ role: "user" as const, content: prompt }];
    for await (const chunk of await client.chat.completions.create({ model: "gpt-4o", messages, stream: true }))
      if (chunk === null) return;
  },
  responses: (client) => client.responses.create({ model: "gpt-4o", input: prompt, instructions: file }),
  embeddings: (client) => client.embeddings.create({ model: "text-embedding-3-small", input: [prompt, file] }),
  upload: async (client) =>
    client.files.create({ file: await toFile(Buffer.from(file), "a.txt"), purpose: "assistants" }),
  transcription: async (client) =>
    client.audio.transcriptions.create({ file: await toFile(Buffer.from(file), "a.mp3"), model: "whisper-1", prompt }),
  raw: (client) => client.post("/anything", { body: { prompt, file }, query: { "api-key": "CANARY012345" } }),
  trackedFetch: (client) =>
    trackedFetch({ tracker: client.tracker, logger: client.logger })(
      `${client.baseURL}/chat/completions?api-key=CANARY0123`,
      {
        method: "POST",
        headers: { authorization: `Bearer ${keys.apiKey}` },
        body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: prompt }] }),
      },
    ).then((response) => response.text()),
};

let server: ScriptedOpenAI;
beforeAll(async () => {
  server = await startScriptedOpenAI();
});
afterAll(() => server.close());

function expectClean(...outputs: readonly unknown[]): void {
  const text = inspect(outputs, {
    depth: Infinity,
    maxStringLength: Infinity,
    maxArrayLength: Infinity,
    showHidden: true,
  });
  expect(text).not.toMatch(/CANARY|Q0FOQVJZ/);
}

/** Only our own lines: the SDK's are as they are without us. */
function recordOurs(lines: unknown[]): Logger {
  const take = (...words: readonly unknown[]): void => {
    if (String(words[0]).startsWith("cmdrdata")) lines.push(words);
  };
  return { debug: take, info: take, warn: take, error: take };
}

async function callOnce(call: (client: OpenAI) => Promise<unknown>, reply: Reply): Promise<readonly unknown[]> {
  openAIState().warningsGiven?.clear();
  const collector = await scriptedCollector();
  const lines: unknown[] = [];
  const logger = recordOurs(lines);
  const news: unknown[] = [];
  const take = (each: unknown): void => void news.push(each);
  const hooks = { onDrop: take, onError: take, onDelivered: take };
  const options = { apiKey: trackerKey, endpoint: collector.url, logger, logLevel: "debug" as const, ...hooks };
  const tracker = createTracker(resolveTrackerOptions(options, {}), { openSpool: () => undefined });
  const client = new OpenAI({
    ...keys,
    baseURL: server.baseURL,
    defaultHeaders: { "x-custom": header },
    maxRetries: 0,
    logger,
    logLevel: "debug",
    tracker,
    // Neither a customer nor fit to be one.
    customerId: undefined,
  });
  server.next.push(reply);
  await call(client).catch(() => undefined);
  await tracker.flush();
  await tracker.shutdown(1_000);
  const output = [collector.requests.map(({ events }) => events), lines, news, tracker.health(), tracker.metrics()];
  expect([
    collector.requests.length > 0 || tracker.metrics().captured === 0,
    lines.length > 0 || tracker.metrics().captured === 0,
  ]).toEqual([true, true]);
  await collector.close();
  return output;
}

describe("nothing of a key, a prompt or a file comes out", () => {
  it.each(Object.entries(calls))("by %s, however it fails", async (_name, call) => {
    for (const reply of Object.values(replies)) expectClean(await callOnce(call, reply));
  });

  it("by a customer id, labels or a model that hold a key, in a log line", async () => {
    openAIState().warningsGiven?.clear();
    const lines: unknown[] = [];
    const logger = recordOurs(lines);
    const options = { apiKey: trackerKey, endpoint: "http://127.0.0.1:1/", logger, queueEvents: 1 };
    const tracker = createTracker(resolveTrackerOptions(options, {}), { openSpool: () => undefined });
    const client = new OpenAI({ ...keys, baseURL: server.baseURL, maxRetries: 0, logger, tracker });
    const messages = [{ role: "user" as const, content: prompt }];
    for (const customer of [keys.apiKey, "x".repeat(300) + keys.apiKey, keys.organization]) {
      await client.chat.completions.create({
        model: keys.apiKey,
        messages,
        customer_id: customer,
        custom_metadata: { prompt },
      });
    }
    await tracker.shutdown(1);
    expect(lines.length).toBeGreaterThan(1);
    expectClean(lines, tracker.health(), tracker.metrics());
  });

  it("by options that are wrong", () => {
    for (const secret of [...Object.values(keys), trackerKey, prompt]) {
      const wrong = {
        trackerKey: secret,
        trackerEndpoint: secret,
        trackerTimeout: secret,
        includeUsage: secret,
        tracker: secret,
      };
      try {
        const client = new OpenAI({ ...keys, ...wrong } as never);
        expect.unreachable(typeof client);
      } catch (error) {
        expect(error).toMatchObject({ code: "CMDR_OPTIONS_INVALID" });
        expectClean(error, (error as Error).stack);
      }
    }
  });
});
