/**
 * The main job with everything real: the built SDK, the built collector as a process, the third-party emulator
 * @copilotkit/aimock as OpenAI, and a bad link between SDK and collector. What is reported must be what the fixtures
 * scripted, for the customers of the test's own call list, to the token.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LLMock } from "@copilotkit/aimock";
import { formatUsd } from "@cmdrdata/collector";
import { customerContext, TrackedOpenAI } from "cmdrdata-openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type CollectorProcess, key, runCommand, startCollector } from "./collector-process.ts";
import { type FaultyLink, faultyLink } from "./faulty-link.ts";

/** What one call is scripted to use. */
interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cached?: number;
  readonly reasoning?: number;
}
interface PlannedCall {
  readonly kind: "chat" | "chat-stream" | "responses" | "responses-stream" | "embeddings" | "reasoning" | "fails";
  readonly customer: string | null;
  readonly model: string;
  readonly tokens: Tokens;
}

const kinds = ["chat", "chat-stream", "responses", "responses-stream", "embeddings", "reasoning", "fails"] as const;
const customers = ["acme", "globex@example.com", "initech/eu", null];
const modelOf = { embeddings: "text-embedding-3-small", reasoning: "gpt-5-mini", fails: "no-such-model" } as const;

/** Every kind for every customer, six times, each with tokens of its own. */
const plan: readonly PlannedCall[] = Array.from({ length: 6 * kinds.length * customers.length }, (_, index) => {
  const kind = kinds[index % kinds.length] ?? "chat";
  const tokens = { input: 100 + index * 7, output: kind === "embeddings" ? 0 : 10 + index * 3 };
  return {
    kind,
    customer: customers[Math.floor(index / kinds.length) % customers.length] ?? null,
    model: kind in modelOf ? modelOf[kind as keyof typeof modelOf] : index % 2 === 0 ? "gpt-4o" : "gpt-4o-mini",
    tokens:
      kind === "fails"
        ? { input: 0, output: 0 }
        : kind === "reasoning"
          ? { ...tokens, cached: 64, reasoning: 5 }
          : tokens,
  };
});

let folder: string;
let emulator: LLMock;
let collector: CollectorProcess;
let link: FaultyLink;
let client: TrackedOpenAI;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cmdrdata-e2e-"));
  emulator = await startEmulator();
  collector = await startCollector(folder);
  link = await faultyLink(collector.url, { refuse: 3, twice: 2 });
  client = new TrackedOpenAI({
    apiKey: "sk-emulator",
    baseURL: `${emulator.url}/v1`,
    trackerKey: key,
    trackerEndpoint: link.endpoint,
    includeUsage: "always",
    maxRetries: 0,
    tracker: { flushAfterMs: 10, retryBaseMs: 10, batchEvents: 20 },
  });
  await Promise.all(plan.map((call, index) => make(call, index)));
  await client.tracker.flush();
});

afterAll(async () => {
  await client.tracker.shutdown();
  await link.close();
  await emulator.stop();
  await collector.stop("SIGTERM");
  rmSync(folder, { recursive: true });
});

describe("the main job", () => {
  it("delivers every event exactly once over a link that refuses requests and repeats batches", () => {
    expect([link.refused(), link.sentTwice()]).toEqual([3, 2]);
    const { captured, delivered, duplicates, held, rejected } = client.tracker.metrics();
    expect({ captured, settled: delivered + duplicates, held, rejected }).toEqual({
      captured: plan.length,
      settled: plan.length,
      held: 0,
      rejected: 0,
    });
    expect(duplicates).toBeGreaterThan(0);
    expect(link.events.size).toBe(plan.length);
  });

  it("has one event for each request the emulator journalled, with its request id and the tokens it scripted", async () => {
    const journal = (await (await fetch(`${emulator.url}/__aimock/journal`)).json()) as JournalEntry[];
    const byRequest = new Map([...link.events.values()].map((event) => [event.request.id, event]));
    // Mounted paths are not journalled.
    const journalled = plan.filter(({ kind }) => kind !== "embeddings" && kind !== "reasoning");
    expect(journal).toHaveLength(journalled.length);
    for (const { headers, body } of journal) {
      const event = byRequest.get(headers["x-request-id"] ?? "");
      const { tokens } = plan[indexIn(JSON.stringify(body))] as PlannedCall;
      const failed = event?.error?.occurred ?? false;
      expect([event?.input_tokens ?? 0, event?.output_tokens ?? 0]).toEqual(
        failed ? [0, 0] : [tokens.input, tokens.output],
      );
    }
  });

  it("reports, per customer and model, the calls and tokens of the plan", async () => {
    const report = await collector.usage("group_by=customer_id,model");
    const rows = report.rows.map(({ customer_id, model, ...sums }) => ({
      group: `${customer_id} ${model}`,
      calls: sums.calls,
      errors: sums.errors,
      input_tokens: sums.input_tokens,
      output_tokens: sums.output_tokens,
      cached_input_tokens: sums.cached_input_tokens,
      reasoning_tokens: sums.reasoning_tokens,
    }));
    expect(rows).toEqual(expectedRows());
    const reported = plan.filter(({ kind }) => kind !== "fails");
    expect(report.total).toMatchObject({
      calls: plan.length,
      unattributed: plan.filter(({ customer }) => customer === null).length,
      total_tokens: reported.reduce((sum, { tokens }) => sum + tokens.input + tokens.output, 0),
      unpriced_calls: 0,
    });
  });

  it("prices to the pico-dollar", async () => {
    const report = await collector.usage("group_by=operation");
    const cost = report.rows.find(({ operation }) => operation === "embeddings")?.cost_usd;
    // text-embedding-3-small: $0.02 a million tokens (OpenAI's price list, 2026-11).
    const embedded = plan
      .filter(({ kind }) => kind === "embeddings")
      .reduce((sum, { tokens }) => sum + tokens.input, 0);
    expect(cost).toBe(formatUsd(BigInt(embedded) * 20_000n));
  });

  it("prints the same as a table, with dollars, and calls without a customer as unattributed", async () => {
    const { code, out } = await runCommand(["usage", "--group-by", "customer_id"], {
      CMDRDATA_API_KEY: key,
      CMDRDATA_URL: collector.url,
    });
    expect(code).toBe(0);
    const mine = plan.filter(({ customer }) => customer === null).length;
    expect(out).toMatch(new RegExp(`unattributed +│ +${mine} .*\\$\\d+\\.\\d+`));
  });

  it("has sent OpenAI none of the tracking fields", async () => {
    const journal = await (await fetch(`${emulator.url}/__aimock/journal`)).text();
    expect(journal).not.toMatch(/customer_id|custom_metadata|globex@example\.com/);
  });

  it("keeps all it answered for when it is killed, and takes nothing twice afterwards", async () => {
    const before = await collector.usage("group_by=customer_id,model");
    expect(await collector.stop("SIGKILL")).toBeNull();
    collector = await startCollector(folder);
    const events = [...link.events.values()];
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const again = await fetch(`${collector.url}/api/events`, {
      method: "POST",
      headers,
      body: JSON.stringify({ events }),
    });
    expect(await again.json()).toMatchObject({ accepted: 0, duplicates: plan.length, conflicts: 0 });
    expect((await collector.usage("group_by=customer_id,model")).rows).toEqual(before.rows);
  });
});

describe("the command", () => {
  it("ends with 0 on SIGTERM, and says in one line what keeps it from starting", async () => {
    const place = mkdtempSync(join(tmpdir(), "cmdrdata-e2e-command-"));
    const running = await startCollector(place);
    const port = new URL(running.url).port;
    const oneLine = (text: string) => expect(text.trimEnd().split("\n")).toHaveLength(1);
    const inUse = await runCommand(["serve", "--data", join(place, "data"), "--port", "0"]);
    expect([inUse.code, inUse.err]).toEqual([
      1,
      expect.stringMatching(/open in another process: stop that one, or choose/),
    ]);
    const taken = await runCommand(["serve", "--data", join(place, "other"), "--port", port], {
      CMDRDATA_LOG_LEVEL: "silent",
    });
    expect([taken.code, taken.err]).toEqual([
      1,
      expect.stringMatching(/is in use: stop what listens there, or choose another --port/),
    ]);
    const unwritable = await runCommand(["serve", "--data", "/proc/nowhere"]);
    expect([unwritable.code, unwritable.err]).toEqual([1, expect.stringMatching(/cannot write the data folder/)]);
    for (const { err } of [inUse, taken, unwritable]) oneLine(err);
    expect(statSync(join(place, "data", "cmdrdata.db")).mode & 0o077).toBe(0);
    expect(await running.stop("SIGTERM")).toBe(0);
    rmSync(place, { recursive: true });
  });
});

interface JournalEntry {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Each prompt names its place in the plan. */
const promptOf = (index: number): string => `call number ${index}.`;
const indexIn = (text: string): number => Number(/call number (\d+)\./.exec(text)?.[1]);

/** Responses name the snapshot of the model, as OpenAI's do. */
const snapshotOf: Readonly<Record<string, string>> = {
  "gpt-4o": "gpt-4o-2024-08-06",
  "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
  "gpt-5-mini": "gpt-5-mini-2025-08-07",
};

async function startEmulator(): Promise<LLMock> {
  const mock = new LLMock({ host: "127.0.0.1", port: 0, chunkSize: 4, journalMaxEntries: 0 });
  const failure = {
    error: { message: "no such model", type: "invalid_request_error", code: "model_not_found" },
    status: 404,
  };
  mock.on({ predicate: ({ model }) => model === "no-such-model" }, failure);
  mock.on({ predicate: () => true }, (request) => {
    const { model, tokens } = plan[indexIn(JSON.stringify(request.messages))] as PlannedCall;
    const { input, output } = tokens;
    const usage = {
      prompt_tokens: input,
      completion_tokens: output,
      input_tokens: input,
      output_tokens: output,
      total_tokens: input + output,
    };
    return { content: "An answer of some words.", model: snapshotOf[model] ?? model, usage };
  });
  mock.mount("/v1/embeddings", { handleRequest: (request, response) => answerEmbedding(request, response) });
  mock.mount("/detailed", { handleRequest: (request, response) => answerReasoning(request, response) });
  await mock.start();
  return mock;
}

async function tokensFor(request: IncomingMessage): Promise<Tokens> {
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString("utf8");
  return (plan[indexIn(body)] as PlannedCall).tokens;
}

async function answerEmbedding(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const { input } = await tokensFor(request);
  const data = [{ object: "embedding", index: 0, embedding: "AAAAAA==" }];
  const usage = { prompt_tokens: input, total_tokens: input };
  return answerJson(response, { object: "list", model: "text-embedding-3-small", data, usage });
}

/** Cached and reasoning tokens, which the emulator's own responses do not have. */
async function answerReasoning(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const { input, output, cached, reasoning } = await tokensFor(request);
  const usage = {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
  return answerJson(response, {
    id: "resp_1",
    object: "response",
    status: "completed",
    model: snapshotOf["gpt-5-mini"],
    output: [],
    usage,
  });
}

function answerJson(response: ServerResponse, body: unknown): boolean {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  return true;
}

/** Customers come with the call for every second one, from the context for the others. */
async function make(call: PlannedCall, index: number): Promise<void> {
  const fields = call.customer !== null && index % 2 === 0 ? { customer_id: call.customer } : {};
  const run = () => callOpenAI(call, promptOf(index), fields);
  await (call.customer !== null && index % 2 === 1 ? customerContext(call.customer, run) : run());
}

async function callOpenAI(
  { kind, model }: PlannedCall,
  prompt: string,
  fields: { customer_id?: string },
): Promise<void> {
  const messages = [{ role: "user" as const, content: prompt }];
  switch (kind) {
    case "chat":
      await client.chat.completions.create({ model, messages, ...fields });
      return;
    case "chat-stream":
      return readAll(await client.chat.completions.create({ model, messages, stream: true, ...fields }));
    case "responses":
      await client.responses.create({ model, input: prompt, ...fields });
      return;
    case "responses-stream":
      return readAll(await client.responses.create({ model, input: prompt, stream: true, ...fields }));
    case "embeddings":
      await client.embeddings.create({ model, input: prompt, ...fields });
      return;
    case "reasoning":
      await client
        .withOptions({ baseURL: `${emulator.url}/detailed/v1` })
        .responses.create({ model, input: prompt, ...fields });
      return;
    case "fails":
      await expect(client.chat.completions.create({ model, messages, ...fields })).rejects.toMatchObject({
        status: 404,
      });
  }
}

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const part of stream) expect(part).toBeDefined();
}

function expectedRows() {
  const groups = new Map<string, ReturnType<typeof emptyRow>>();
  for (const { kind, customer, model, tokens } of plan) {
    const group = `${customer} ${snapshotOf[model] ?? model}`;
    const row = groups.get(group) ?? emptyRow(group);
    groups.set(group, {
      group,
      calls: row.calls + 1,
      errors: row.errors + (kind === "fails" ? 1 : 0),
      input_tokens: row.input_tokens + tokens.input,
      output_tokens: row.output_tokens + tokens.output,
      cached_input_tokens: row.cached_input_tokens + (tokens.cached ?? 0),
      reasoning_tokens: row.reasoning_tokens + (tokens.reasoning ?? 0),
    });
  }
  const name = ({ group }: { group: string }) => group.replace(/^null /, " ");
  return [...groups.values()].toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}

function emptyRow(group: string) {
  return { group, calls: 0, errors: 0, input_tokens: 0, output_tokens: 0, cached_input_tokens: 0, reasoning_tokens: 0 };
}
