/**
 * E, where one client is enough, or where it matters what is tracked. The same programs on both clients are in
 * differential/.
 */
// oxlint-disable no-underscore-dangle -- the SDK's own names
import { inspect } from "node:util";

import BareOpenAI, { APIPromise } from "openai";
import { describe, expect, it } from "vitest";

import DefaultExport, { APIError, OpenAI, TrackedOpenAI, tracking } from "../src/index.ts";
import { badKeyError, chatCompletion, chatToolCall, embedding } from "./fixtures.ts";
import { collect, onlyEvent, question, recordingTracker, silent, useBench } from "./harness.ts";

const makeBench = useBench();

describe("the server sees the same bytes", () => {
  it("but for include_usage, whose chunk and fields the program does not see (E2)", async () => {
    const { bare, tracked, server } = makeBench();
    const call = { ...question, stream: true } as const;
    const expected = await collect(await bare.chat.completions.create(call));
    const seen = await collect(await tracked.chat.completions.create(call));
    expect(JSON.stringify(seen)).toBe(JSON.stringify(expected));
    const [fromBare, fromTracked] = server.requests.map(({ body }) => body);
    expect(fromTracked).toBe(fromBare?.replace("{", '{"stream_options":{"include_usage":true},'));
  });

  it("keeps the program's other stream options when it adds include_usage", async () => {
    const { tracked, server, tracker } = makeBench();
    const body = { ...question, stream: true, stream_options: { include_obfuscation: false } } as const;
    await collect(await tracked.chat.completions.create(body));
    expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual({
      ...body,
      stream_options: { include_obfuscation: false, include_usage: true },
    });
    expect(body.stream_options).toEqual({ include_obfuscation: false });
    expect(onlyEvent(tracker).total_tokens).toBe(1_163);
  });

  it("never asks for usage where the program reads the raw response itself", async () => {
    const { tracked, server } = makeBench();
    const raw = await tracked.chat.completions.create({ ...question, stream: true }).asResponse();
    expect(await raw.text()).not.toContain('"usage"');
    expect(server.requests[0]?.body).not.toContain("stream_options");
  });

  it.each([
    ["https://api.openai.com/v1", true],
    ["https://eu.api.openai.com/v1", true],
    ["https://mine.openai.azure.com/openai/v1", true],
    ["https://api.openai.com.evil.example/v1", false],
    ["https://openrouter.example/v1", false],
  ])("asks %s for usage by itself: %s", async (baseURL, asks) => {
    const { server, tracker } = makeBench();
    const toServer: typeof fetch = (url, init) => {
      const path = new URL(url as string).pathname;
      return fetch(`${new URL(server.baseURL).origin}${path}`, init);
    };
    const client = new OpenAI({ apiKey: "sk-x", baseURL, fetch: toServer, tracker, logger: silent });
    await collect(await client.chat.completions.create({ ...question, stream: true }));
    expect(server.requests[0]?.body.includes("include_usage")).toBe(asks);
    expect(onlyEvent(tracker).provider).toBe(baseURL.includes("azure") ? "azure" : "openai");
  });
});

describe("the tracking fields (E1)", () => {
  const fields = { customer_id: "globex", custom_metadata: { team: "a" }, track_usage: true };

  it.each<[string, (client: OpenAI) => Promise<unknown>]>([
    ["create", (client) => client.chat.completions.create({ ...question, ...fields })],
    ["stream()", (client) => client.chat.completions.stream({ ...question, ...fields }).finalChatCompletion()],
    ["parse", (client) => client.chat.completions.parse({ ...question, ...fields })],
    ["runTools", (client) => client.chat.completions.runTools({ ...question, ...fields, tools: [] }).finalMessage()],
    ["responses", (client) => client.responses.create({ model: "gpt-5-mini", input: "…", ...fields })],
    ["responses.parse", (client) => client.responses.parse({ model: "gpt-5-mini", input: "…", ...fields })],
    ["embeddings", (client) => client.embeddings.create({ model: "text-embedding-3-small", input: "…", ...fields })],
    ["raw post", (client) => client.post("/embeddings", { body: { model: "m", input: "…", ...fields } })],
    [
      "raw request",
      (client) => client.request({ method: "post", path: "/embeddings", body: { model: "m", input: "…", ...fields } }),
    ],
    [
      "tracking()",
      (client) =>
        client.post("/embeddings", {
          body: { model: "m" },
          ...tracking({ customerId: "globex", metadata: { team: "a" } }),
        }),
    ],
  ])("of %s name the customer and stay here", async (_name, program) => {
    const { tracked, server, tracker } = makeBench();
    await program(tracked);
    expect(onlyEvent(tracker)).toMatchObject({ customer_id: "globex", metadata: { team: "a" } });
    expect(server.requests).toHaveLength(1);
    expect(JSON.stringify(server.requests[0])).not.toMatch(/customer_id|custom_metadata|track_usage|globex|cmdrdata/);
  });

  it("stay out of multipart forms", async () => {
    const { tracked, server } = makeBench();
    const file = new File(["{}"], "a.jsonl");
    await tracked.files.create({ file, purpose: "batch", ...fields }, tracking({})).catch(() => undefined);
    expect(server.requests[0]?.body).toContain("a.jsonl");
    expect(server.requests[0]?.body).not.toMatch(/customer_id|custom_metadata|track_usage|globex/);
  });

  it("are read from the same options at every use, and the program's body is never changed", async () => {
    const { tracked, tracker } = makeBench();
    const body = Object.freeze({ model: "m", input: "…", customer_id: "globex" });
    const options = { method: "post", path: "/embeddings", body } as const;
    await tracked.request(options);
    await tracked.request(Promise.resolve(options));
    await tracked.embeddings.create(body);
    expect(tracker.events.map((event) => event.customer_id)).toEqual(["globex", "globex", "globex"]);
    expect(body).toEqual({ model: "m", input: "…", customer_id: "globex" });
  });
});

describe("a raw request", () => {
  const raw = { method: "post", path: "/chat/completions" } as const;

  it("of frozen options reaches OpenAI without the fields", async () => {
    const { tracked, tracker, server } = makeBench();
    const body = Object.freeze({ ...question, customer_id: "globex" });
    await tracked.request(Object.freeze({ ...raw, body }));
    const streamed = Object.freeze({ ...body, stream: true, stream_options: {} });
    await collect(
      (await tracked.request(Object.freeze({ ...raw, body: streamed, stream: true }))) as AsyncIterable<unknown>,
    );
    expect(server.requests.map((request) => JSON.parse(request.body) as unknown)).toEqual([
      question,
      { ...question, stream: true, stream_options: { include_usage: true } },
    ]);
    expect(tracker.events.map((event) => event.customer_id)).toEqual(["globex", "globex"]);
  });

  it("whose options come by any thenable is counted", async () => {
    const { tracked, tracker } = makeBench();
    // oxlint-disable-next-line unicorn/no-thenable -- on purpose
    const later = { then: (resolve: (options: unknown) => void) => resolve({ ...raw, body: question }) };
    expect(await tracked.request(later as never)).toMatchObject({ id: chatCompletion.id });
    expect(onlyEvent(tracker).operation).toBe("chat.completions");
  });
});

describe("the objects are the SDK's own (E3, E4)", () => {
  it("has the classes, names and identities of the bare client", () => {
    const { tracked } = makeBench();
    expect(tracked).toBeInstanceOf(BareOpenAI);
    expect(tracked).toBeInstanceOf(TrackedOpenAI);
    expect([DefaultExport, OpenAI, TrackedOpenAI.OpenAI]).toEqual([TrackedOpenAI, TrackedOpenAI, TrackedOpenAI]);
    expect(TrackedOpenAI.name).toBe("OpenAI");
    expect(TrackedOpenAI.APIError).toBe(APIError);
    expect(tracked.chat.completions).toBe(tracked.chat.completions);
    expect(tracked.chat.completions).toBeInstanceOf(BareOpenAI.Chat.Completions);
    expect(tracked.chat.completions.create).toBe(tracked.chat.completions.create);
    expect([tracked.chat.completions.create.name, tracked.chat.completions.create.length]).toEqual(["create", 2]);
  });

  it("has the own properties of the bare client and its resources", () => {
    const { tracked, bare } = makeBench();
    expect(Object.keys(tracked)).toEqual(Object.keys(bare));
    expect(Reflect.ownKeys(tracked.chat.completions)).toEqual(Reflect.ownKeys(bare.chat.completions));
    expect(Object.hasOwn(BareOpenAI.Chat.Completions.prototype, "create")).toBe(true);
  });

  it("calls what a program puts in the place of a method of the SDK's class", async () => {
    const { tracked } = makeBench();
    const { prototype } = BareOpenAI.Embeddings;
    const { create } = prototype;
    prototype.create = (() => "replaced") as never;
    try {
      expect(tracked.embeddings.create({ model: "m", input: "…" })).toBe("replaced");
    } finally {
      prototype.create = create;
    }
  });

  it("returns the SDK's promise: withResponse, asResponse, _thenUnwrap, catch, finally", async () => {
    const { tracked, tracker } = makeBench();
    const promise = tracked.chat.completions.create(question);
    expect(promise).toBeInstanceOf(APIPromise);
    expect(Object.keys(promise)).toEqual(Object.keys(APIPromise.prototype).concat("responsePromise", "parseResponse"));
    const { data, response, request_id } = await promise.withResponse();
    expect([data.id, response.status, request_id]).toEqual([chatCompletion.id, 200, "req_1"]);
    expect(await promise).toBe(data);
    expect((await promise.asResponse()).bodyUsed).toBe(true);
    let ended = false;
    expect(await promise.finally(() => (ended = true)).catch(() => undefined)).toBe(data);
    expect(ended).toBe(true);
    const unwrapped = tracked.chat.completions.create(question)._thenUnwrap((completion) => ({ id: completion.id }));
    expect(await unwrapped).toEqual({ id: chatCompletion.id });
    expect(tracker.events).toHaveLength(2);
  });

  it("gives what a program's own transform makes, whatever that is, and counts the call", async () => {
    const { tracked, tracker } = makeBench();
    const fail = (): never => {
      throw new Error("hostile");
    };
    const made = Object.defineProperty({}, "headers", { get: fail });
    const call = tracked.post<object>("/chat/completions", { body: question });
    expect(await call._thenUnwrap(() => made)).toBe(made);
    expect(onlyEvent(tracker).total_tokens).toBe(1_163);
  });

  it("leaves the body of asResponse() unread, and counts it when the program reads it", async () => {
    const { tracked, tracker, server } = makeBench();
    const promise = tracked.chat.completions.create(question);
    const raw = await promise.asResponse();
    expect(raw.bodyUsed).toBe(false);
    expect(await promise.asResponse()).toBe(raw);
    expect(tracker.events).toEqual([]);
    expect(await raw.json()).toEqual(chatCompletion);
    const text = await (await tracked.embeddings.create({ model: "m", input: "…" }).asResponse()).text();
    expect(JSON.parse(text)).toEqual(embedding);
    server.next.push({ kind: "text", text: "{" });
    const broken = await tracked.embeddings.create({ model: "m", input: "…" }).asResponse();
    await expect(broken.json()).rejects.toThrow(SyntaxError);
    expect(tracker.events.map((event) => [event.total_tokens, event.request.id, event.error.type])).toEqual([
      [1_163, "req_1", null],
      [8, "req_2", null],
      [null, "req_3", "response_unreadable"],
    ]);
  });

  it.each(["arrayBuffer", "bytes", "blob"] as const)(
    "counts the body of asResponse() that is read by %s()",
    async (name) => {
      const { tracked, tracker } = makeBench();
      const raw = await tracked.chat.completions.create(question).asResponse();
      // bytes() came with Node 22.
      if (typeof raw[name] !== "function") return;
      const read = await raw[name]();
      expect(await new Response(read as Blob).json()).toEqual(chatCompletion);
      const { total_tokens, usage } = onlyEvent(tracker);
      expect([total_tokens, usage.source]).toEqual(name === "blob" ? [null, "none"] : [1_163, "reported"]);
    },
  );

  it("does not look for an answer in bytes that are not JSON", async () => {
    const { tracked, tracker, server } = makeBench();
    const headers = { "content-type": "audio/mpeg" };
    server.next.push({ kind: "json", body: chatCompletion, headers });
    await (await tracked.chat.completions.create(question).asResponse()).arrayBuffer();
    expect(onlyEvent(tracker).usage.source).toBe("none");
  });

  it("prints like the bare client: the client, its twin, a promise, a stream", async () => {
    const { server } = makeBench();
    const { baseURL } = server;
    const options = { apiKey: "sk-test-0123456789", baseURL, logger: silent };
    const clients = [
      new BareOpenAI(options),
      new OpenAI({ ...options, tracker: recordingTracker(), trackerTimeout: undefined, customerId: "acme" }),
    ];
    const printed = clients.map(async (client) => {
      const call = client.chat.completions.create({ ...question, stream: true });
      const stream = await call;
      const printouts = [client, client.withOptions({ timeout: 5 }), call, stream, stream[Symbol.asyncIterator]()];
      const { iterator } = stream as unknown as { iterator: { name: string } };
      return [...printouts.map((each) => inspect(each, { depth: 1 })), iterator.name];
    });
    const [bare, tracked] = await Promise.all(printed);
    expect(tracked).toEqual(bare);
  });

  it("gives the SDK's own errors, also through asResponse and withResponse", async () => {
    const { tracked, tracker, server } = makeBench();
    const refuse = { kind: "json", status: 401, body: badKeyError } as const;
    server.next.push(refuse, refuse, refuse);
    const calls = [
      tracked.chat.completions.create(question),
      tracked.chat.completions.create(question).asResponse(),
      tracked.chat.completions.create(question).withResponse(),
    ];
    for (const call of calls) {
      const error = await call.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(BareOpenAI.AuthenticationError);
      expect(error).toBeInstanceOf(OpenAI.APIError);
    }
    expect(tracker.events.map((event) => event.error.code)).toEqual(Array(3).fill("invalid_api_key"));
  });

  it("runs tools with one event per turn", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "json", body: chatToolCall });
    const weather = {
      name: "weather",
      description: "…",
      parameters: { type: "object" },
      parse: JSON.parse,
      function: () => "sunny",
    };
    const runner = tracked.chat.completions.runTools({
      ...question,
      customer_id: "globex",
      tools: [{ type: "function", function: weather as never }],
    });
    await runner.finalMessage();
    expect(tracker.events.map((event) => [event.customer_id, event.request.finish_reason])).toEqual([
      ["globex", "tool_calls"],
      ["globex", "stop"],
    ]);
  });

  it("keeps tracker and customer in withOptions, and takes new ones", async () => {
    const { tracked, tracker } = makeBench();
    const again = tracked.withOptions({ timeout: 1_000 }).withOptions({ maxRetries: 1 });
    expect(again).toBeInstanceOf(TrackedOpenAI);
    expect(again.tracker).toBe(tracked.tracker);
    await again.chat.completions.create(question);
    await again.withOptions({ customerId: "globex" }).chat.completions.create(question);
    expect(tracker.events.map((event) => event.customer_id)).toEqual(["acme", "globex"]);
  });
});
