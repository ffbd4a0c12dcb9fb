import { APIError, AzureOpenAI as BareAzureOpenAI } from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { AzureOpenAI, OpenAI, TrackedAzureOpenAI, type TrackedAzureClientOptions } from "../src/index.ts";
import { chatCompletion } from "./fixtures.ts";
import { onlyEvent, recordingTracker, silent } from "./harness.ts";
import { type ScriptedOpenAI, startScriptedOpenAI } from "./scripted-openai.ts";

let server: ScriptedOpenAI;
beforeAll(async () => {
  server = await startScriptedOpenAI();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.next.length = 0;
});

const json = (body: unknown, status = 200) => ({ kind: "json", status, body }) as const;
const call = { model: "my-deployment", messages: [{ role: "user" as const, content: "hello" }] };

function make(options: TrackedAzureClientOptions = {}) {
  const tracker = recordingTracker();
  const base = {
    apiKey: "azure-key-0123456789",
    apiVersion: "2024-10-21",
    baseURL: server.baseURL,
    logger: silent,
    maxRetries: 1,
  };
  return {
    tracker,
    tracked: new TrackedAzureOpenAI({ ...base, tracker, ...options }),
    bare: new BareAzureOpenAI(base),
  };
}

describe("TrackedAzureOpenAI", () => {
  it("is the SDK's client, and what changing the import line gives", () => {
    const { tracked, tracker } = make();
    expect(AzureOpenAI).toBe(TrackedAzureOpenAI);
    expect(tracked).toBeInstanceOf(BareAzureOpenAI);
    expect(tracked).not.toBeInstanceOf(OpenAI);
    expect(tracked.constructor.name).toBe("AzureOpenAI");
    expect(tracked.tracker).toBe(tracker);
  });

  it("sends what the bare client sends, to the same deployment, also when it retries", async () => {
    const { tracked, bare, tracker } = make();
    server.next.push(json({ error: { message: "busy" } }, 503), json(chatCompletion));
    await bare.chat.completions.create(call);
    server.next.push(json({ error: { message: "busy" } }, 503), json(chatCompletion));
    await tracked.chat.completions.create({ ...call, customer_id: "acme" });
    const [first, second, third, fourth] = server.requests.map(({ path, body }) => ({ path, body }));
    expect([third, fourth]).toEqual([first, second]);
    expect(third?.path).toContain("/deployments/my-deployment/chat/completions?api-version=2024-10-21");
    expect(onlyEvent(tracker)).toMatchObject({
      provider: "azure",
      operation: "chat.completions",
      customer_id: "acme",
      requested_model: "my-deployment",
      model: chatCompletion.model,
      input_tokens: chatCompletion.usage.prompt_tokens,
      request: { retry_count: 1, success: true },
    });
  });

  it("gives the SDK's own errors, and one event for a call that fails", async () => {
    const { tracked, tracker } = make({ maxRetries: 0 });
    server.next.push(json({ error: { message: "no", code: "DeploymentNotFound" } }, 404));
    await expect(tracked.chat.completions.create(call)).rejects.toBeInstanceOf(APIError);
    expect(onlyEvent(tracker)).toMatchObject({
      provider: "azure",
      error: { occurred: true, type: "not_found", code: "DeploymentNotFound" },
    });
  });

  it("refuses wrong tracking options, all at once", () => {
    const wrong = { trackerKey: "nonsense", customerId: " ", tracker: undefined };
    expect(() => make(wrong)).toThrow(expect.objectContaining({ code: "CMDR_OPTIONS_INVALID" }) as Error);
  });
});
