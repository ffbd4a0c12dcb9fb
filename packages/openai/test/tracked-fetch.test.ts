/** A library that only takes a `fetch`: it sees the same responses, the server the same requests, and every call counts once. */
import BareOpenAI from "openai";
import { describe, expect, it } from "vitest";

import { customerContext, OpenAI, track, trackedFetch, type TrackedFetchOptions } from "../src/index.ts";
import { badKeyError, chatChunks, chatCompletion, chatUsage, responseEvents, responsesUsage } from "./fixtures.ts";
import { collect, onlyEvent, question, recordingTracker, silent, useBench } from "./harness.ts";

const bench = useBench();

function make(options: TrackedFetchOptions = {}) {
  const { server } = bench();
  const tracker = recordingTracker();
  const fetch = trackedFetch({ tracker, customerId: "acme", logger: silent, ...options });
  const post = (path: string, body: unknown, init: RequestInit = {}): Promise<Response> =>
    fetch(`${server.baseURL}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer sk-x" },
      body: typeof body === "string" || body instanceof FormData ? body : JSON.stringify(body),
      ...init,
    });
  return { server, tracker, fetch, post };
}

const streamed = { ...question, stream: true, stream_options: { include_usage: true } };

describe("trackedFetch", () => {
  it.each(["json", "text", "arrayBuffer", "bytes"] as const)("counts an answer that is read by %s()", async (name) => {
    const { post, tracker } = make();
    const response = await post("/chat/completions", question);
    // bytes() came with Node 22.
    if (typeof response[name] !== "function") return;
    expect(tracker.events).toEqual([]);
    const read: unknown = await response[name]();
    expect(name === "json" ? read : await new Response(read as string).json()).toEqual(chatCompletion);
    expect(onlyEvent(tracker)).toMatchObject({
      customer_id: "acme",
      operation: "chat.completions",
      model: chatCompletion.model,
      requested_model: "gpt-4o",
      total_tokens: chatUsage.total_tokens,
      usage: { source: "reported" },
      request: { id: "req_1", streaming: false, success: true, retry_count: 0 },
    });
  });

  it("counts an answer whose body is read as it comes, or that is a blob or a clone", async () => {
    const { post, tracker } = make();
    const parts = await collect((await post("/chat/completions", question)).body as AsyncIterable<Uint8Array>);
    expect(JSON.parse(Buffer.concat(parts).toString())).toEqual(chatCompletion);
    await (await post("/chat/completions", question)).blob();
    const response = await post("/chat/completions", question);
    const copy = response.clone();
    expect(await copy.json()).toEqual(await response.json());
    expect(tracker.events.map(({ usage }) => usage.source)).toEqual(["reported", "none", "reported"]);
  });

  it("reads a stream as it passes, and gives the program every byte of it", async () => {
    const { post, tracker } = make();
    const response = await post("/chat/completions", streamed);
    const text = (await collect((response.body as ReadableStream).pipeThrough(new TextDecoderStream()))).join("");
    expect(text).toBe([...chatChunks(true), "[DONE]"].map((each) => `data: ${typeof each === "string" ? each : JSON.stringify(each)}\n\n`).join("")); // prettier-ignore
    expect(onlyEvent(tracker)).toMatchObject({
      total_tokens: chatUsage.total_tokens,
      request: { streaming: true, finish_reason: "stop", success: true },
    });
    expect(onlyEvent(tracker).latency.time_to_first_token_ms).not.toBeNull();
  });

  it("reads a stream that the program reads as one text", async () => {
    const { post, tracker, server } = make();
    server.next.push({ kind: "stream", steps: responseEvents() });
    await (await post("/responses", { model: "gpt-5", input: "…", stream: true })).text();
    expect(onlyEvent(tracker)).toMatchObject({ operation: "responses", total_tokens: responsesUsage.total_tokens });
  });

  it("asks for nothing that the library does not ask for, and estimates what it leaves out", async () => {
    const { post, tracker, server } = make();
    const body = JSON.stringify({ ...question, stream: true });
    await (await post("/chat/completions", body)).text();
    await tracker.flush();
    expect(server.requests[0]?.body).toBe(body);
    expect(onlyEvent(tracker).usage.source).toBe("estimated");
  });

  it("passes on a cancelled body, reads nothing ahead, and estimates what came", async () => {
    const { post, tracker, server } = make();
    server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 3), "hold"] });
    const response = await post("/chat/completions", streamed);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain("chatcmpl");
    await reader.cancel();
    await server.requests[0]?.left;
    await tracker.flush();
    expect(onlyEvent(tracker)).toMatchObject({ usage: { source: "estimated" }, request: { success: true } });
  });

  it("lets a body be read into memory of the program's own, and cancelled unread", async () => {
    const { post, tracker } = make();
    const { body } = await post("/chat/completions", question);
    const reader = (body as ReadableStream<Uint8Array>).getReader({ mode: "byob" });
    let text = "";
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(64));
      if (done) break;
      text += Buffer.from(value).toString();
    }
    expect(JSON.parse(text)).toEqual(chatCompletion);
    await (await post("/chat/completions", question)).body?.cancel();
    expect(tracker.events.map(({ usage }) => usage.source)).toEqual(["reported", "none"]);
  });

  it("gives the program its own failures: a status, an abort, a lost connection, a broken stream", async () => {
    const { post, tracker, server } = make();
    server.next.push({ kind: "json", status: 401, body: badKeyError });
    const refused = await post("/chat/completions", question);
    expect([refused.status, await refused.json()]).toEqual([401, badKeyError]);
    await expect(post("/chat/completions", question, { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    server.next.push({ kind: "drop" });
    await expect(post("/chat/completions", question)).rejects.toThrow("fetch failed");
    server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 2), "drop"] });
    await expect((await post("/chat/completions", streamed)).text()).rejects.toThrow("terminated");
    server.next.push({ kind: "stream", steps: [{ error: { code: "server_error", message: "canary" } }] });
    await (await post("/chat/completions", streamed)).text();
    await tracker.flush();
    expect(tracker.events.map(({ error }) => error.type)).toEqual([
      "authentication",
      "aborted",
      "connection",
      "stream_broken",
      "stream_broken",
    ]);
    expect(JSON.stringify(tracker.events)).not.toContain("canary");
  });

  it("takes the tracking fields off a JSON body, and names the customer by them or by the context", async () => {
    const { post, tracker, server } = make();
    await (await post("/chat/completions", { ...question, customer_id: "globex", custom_metadata: { a: 1 } })).json();
    await customerContext("initech", async () => (await post("/chat/completions", question)).json());
    await (await post("/chat/completions", { ...question, track_usage: false })).json();
    expect(tracker.events.map(({ customer_id, metadata }) => [customer_id, metadata])).toEqual([
      ["globex", { a: 1 }],
      ["initech", {}],
    ]);
    expect(server.requests.map(({ body }) => body)).toEqual(Array(3).fill(JSON.stringify(question)));
  });

  it("knows forms, bytes, URLs and requests, endpoints behind a gateway, and what is no call", async () => {
    const { post, fetch, tracker, server } = make();
    const form = new FormData();
    form.append("model", "whisper-1");
    server.next.push({ kind: "json", body: { text: "…", usage: { type: "duration", seconds: 9 } } });
    await (await post("/audio/transcriptions", form, { headers: {} })).json();
    const body = JSON.stringify(question);
    const url = new URL(server.baseURL.replace("/v1", "/gateway/openai/v1/chat/completions"));
    await (await fetch(url, { method: "POST", body: new TextEncoder().encode(body) })).json();
    await (await fetch(new Request(url, { method: "POST", body }))).json();
    await (await fetch(`${server.baseURL}/models`)).json();
    expect(await (await fetch("data:,hello")).text()).toBe("hello");
    expect(tracker.events.map(({ operation, requested_model }) => [operation, requested_model])).toEqual([
      ["audio.transcriptions", "whisper-1"],
      ["chat.completions", "gpt-4o"],
      ["chat.completions", null],
    ]);
  });

  it("keeps the response's own looks", async () => {
    const { post, server } = make();
    const response = await post("/chat/completions", question);
    const bare = await fetch(`${server.baseURL}/chat/completions`, { method: "POST", body: JSON.stringify(question) });
    expect(Object.keys(response)).toEqual(Object.keys(bare));
    expect(response).toBeInstanceOf(Response);
    expect([response.url, response.status, response.bodyUsed, response.body?.locked]).toEqual([bare.url, 200, false, false]); // prettier-ignore
    await response.text();
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toThrow(TypeError);
  });

  it("counts once what a tracked client, a twin or another trackedFetch sends through it", async () => {
    const { fetch, server, tracker } = make();
    const options = { apiKey: "sk-x", baseURL: server.baseURL, logger: silent, fetch };
    const tracked = new OpenAI({ ...options, tracker, customerId: "client" });
    await tracked.chat.completions.create(question);
    await track(new BareOpenAI(options), { tracker, customerId: "twin" }).chat.completions.create(question);
    const twice = trackedFetch({ fetch, tracker, customerId: "outer", logger: silent });
    const body = JSON.stringify(question);
    await (await twice(`${server.baseURL}/chat/completions`, { method: "POST", body })).json();
    await new BareOpenAI(options).chat.completions.create(question);
    expect(tracker.events.map(({ customer_id }) => customer_id)).toEqual(["client", "twin", "outer", "acme"]);
  });

  it("sends what it cannot read as it is", async () => {
    const { post, tracker, server } = make();
    server.next.push({ kind: "json", body: chatCompletion });
    await (await post("/chat/completions", "{not JSON")).text();
    expect(server.requests[0]?.body).toBe("{not JSON");
    expect(onlyEvent(tracker)).toMatchObject({ requested_model: null, total_tokens: chatUsage.total_tokens });
    const sent: unknown[] = [];
    const inner = async (...request: unknown[]): Promise<Response> => Response.json(sent.push(request));
    const hostile = {
      method: "POST",
      get body(): never {
        throw new Error("hostile");
      },
    };
    const fetch = trackedFetch({ tracker, logger: silent, fetch: inner });
    await fetch("https://api.openai.com/v1/chat/completions", hostile);
    expect(sent).toEqual([["https://api.openai.com/v1/chat/completions", hostile]]);
    expect((sent[0] as unknown[])[1]).toBe(hostile);
  });

  it("refuses wrong options, all at once", () => {
    const wrong = { includeUsage: "always", timeout: 5, fetch: "no" } as unknown as TrackedFetchOptions;
    expect(() => trackedFetch(wrong)).toThrow(
      /includeUsage: unknown option.*timeout: unknown option.*fetch: expected/s,
    );
    expect(() => trackedFetch({ trackerKey: "nonsense" })).toThrow("trackerKey");
  });
});
