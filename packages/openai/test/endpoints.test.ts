/** Every endpoint of the coverage table, through the real client: what the program and the server see, and the event. */
import { describe, expect, it } from "vitest";

import { endpoints } from "../src/capture/endpoints.ts";
import { TrackedOpenAI } from "../src/index.ts";
import { samples } from "./endpoint-samples.ts";
import { rateLimitError } from "./fixtures.ts";
import { collect, onlyEvent, silent, useBench } from "./harness.ts";
import type { Sample } from "./sample.ts";
import type { SeenRequest } from "./scripted-openai.ts";

const makeBench = useBench();
const fields = { customer_id: "globex", custom_metadata: { feature: "coverage" } };

/** What the program has in the end, whatever the kind of answer. */
async function wholeAnswer(given: unknown): Promise<unknown> {
  if (given instanceof Response) return given.text();
  const iterable = given as AsyncIterable<unknown>;
  return typeof given === "object" && given !== null && Symbol.asyncIterator in given ? collect(iterable) : given;
}

/** The body without what is random in it. */
function sent({ method, path, body }: SeenRequest): object {
  const [boundary = ""] = /^--\S+/.exec(body) ?? [];
  return { method, path, body: boundary === "" ? body : body.replaceAll(boundary, "--boundary") };
}

it("has a sample of every endpoint in the table, and a streamed one where it streams", () => {
  const paths = (list: readonly Sample[]): string[] => [...new Set(list.map(({ path }) => path))].toSorted();
  const streamed = Object.keys(endpoints).filter((path) => endpoints[path]?.coverage.streamed);
  expect(paths(samples)).toEqual(Object.keys(endpoints).toSorted());
  expect(paths(samples.filter(({ reply }) => reply.kind === "stream"))).toEqual(streamed.toSorted());
});

describe.each(samples)("POST $path ($name)", ({ path, call, reply, expected, results = [] }) => {
  it("is one event with what was used, for the customer of the call", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push(reply);
    await wholeAnswer(await call(tracked, fields));
    const events = tracker.events.filter(({ operation }) => operation === endpoints[path]?.operation);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      operation: endpoints[path]?.operation,
      customer_id: "globex",
      metadata: fields.custom_metadata,
      error: { occurred: false },
      ...expected,
    });
    // The SDK puts the request's id on answers that are objects only.
    const id = path === "/audio/transcriptions" && reply.kind === "text" ? null : "req_1";
    expect(events[0]?.request).toMatchObject({ id, streaming: reply.kind === "stream" });
    expect(tracker.events.filter((event) => event !== events[0])).toMatchObject(
      results.map((result) => ({ ...result, customer_id: "globex", metadata: fields.custom_metadata })),
    );
    expect(JSON.stringify(tracker.events)).not.toMatch(/canary|beach|Hé|This is|iVBOR/i);
  });

  it("gives the program the same answer, and the server the same request, as the bare client", async () => {
    const { tracked, bare, server } = makeBench({ includeUsage: "never" });
    server.next.push(reply, reply);
    const expectedAnswer = await wholeAnswer(await call(bare, {}));
    expect(await wholeAnswer(await call(tracked, fields))).toEqual(expectedAnswer);
    const [ofBare, ofTracked] = server.requests.map(sent);
    expect(ofTracked).toEqual(ofBare);
    expect(server.requests[1]?.body).not.toMatch(/customer_id|custom_metadata|globex|coverage/);
  });

  it("that is refused is one event, with the error and without usage", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "json", status: 429, body: rateLimitError });
    await expect(call(tracked, fields)).rejects.toThrow("Rate limit reached");
    expect(onlyEvent(tracker)).toMatchObject({
      operation: endpoints[path]?.operation,
      customer_id: "globex",
      input_tokens: null,
      usage: { source: "none", quantities: {} },
      error: { type: "rate_limit", code: "rate_limit_exceeded" },
      request: { success: false },
    });
  });
});

describe("a stream of legacy completions", () => {
  it("is asked for its usage, and the chunk that brings it is hidden", async () => {
    const { tracked, tracker, server } = makeBench();
    const sample = samples.find(({ path, name }) => path === "/completions" && name === "streamed") as Sample;
    server.next.push(sample.reply);
    const chunks = await collect((await sample.call(tracked, {})) as AsyncIterable<Record<string, unknown>>);
    expect(chunks).toHaveLength(3);
    expect(chunks.some((chunk) => "usage" in chunk)).toBe(false);
    expect(server.requests[0]?.body).toContain('"stream_options":{"include_usage":true}');
    expect(onlyEvent(tracker).total_tokens).toBe(12);
  });
});

describe.each(samples.filter(({ reply }) => reply.kind === "stream"))(
  "a stream of POST $path",
  ({ path, call, reply }) => {
    it("that breaks is one event with the error, and without the usage that never came", async () => {
      const { tracked, tracker, server } = makeBench();
      const [first] = (reply as Extract<typeof reply, { kind: "stream" }>).steps;
      server.next.push({ kind: "stream", steps: [first as object, "drop"] });
      await expect(call(tracked, fields).then(wholeAnswer)).rejects.toThrow();
      expect(onlyEvent(tracker)).toMatchObject({
        operation: endpoints[path]?.operation,
        customer_id: "globex",
        usage: { source: "none", quantities: {} },
        error: { type: "stream_broken" },
        request: { streaming: true, success: false },
      });
    });
  },
);

describe("images of a model that the request does not name", () => {
  const byTheImage = { kind: "json", body: { data: [{ url: "https://img.test/1" }] } } as const;
  const byTheToken = { kind: "json", body: { data: [{ b64_json: "iVBOR" }], usage: { total_tokens: 9 } } } as const;

  it.each([
    ["OpenAI's default", "https://api.openai.com/v1", byTheImage, "dall-e-2"],
    ["not known, in tokens", "https://api.openai.com/v1", byTheToken, null],
    ["not known, on Azure", "https://mine.openai.azure.com/openai/v1", byTheImage, null],
    ["not known, on another server", "https://images.example/v1", byTheImage, null],
  ])("are %s", async (_what, baseURL, reply, requested_model) => {
    const { server, tracker } = makeBench();
    server.next.push(reply);
    const toServer: typeof fetch = (url, init) =>
      fetch(`${new URL(server.baseURL).origin}${new URL(url as string).pathname}`, init);
    const client = new TrackedOpenAI({ apiKey: "sk-x", baseURL, fetch: toServer, tracker, logger: silent });
    await client.images.generate({ prompt: "A canary", size: "256x256" });
    const { usage, ...event } = onlyEvent(tracker);
    expect(event).toMatchObject({ model: null, requested_model });
    expect(usage.size).toBe(reply === byTheImage ? "256x256" : undefined);
  });
});

describe("a call to the host of a region", () => {
  const answers = {
    embedding: { model: "text-embedding-3-small", data: [], usage: { prompt_tokens: 3, total_tokens: 3 } },
    batch: { id: "batch_1", object: "batch", status: "completed", usage: { input_tokens: 5, output_tokens: 7 } },
  };

  it.each([
    ["https://eu.api.openai.com/v1", "eu"],
    ["https://api.openai.com/v1", undefined],
    ["https://eu.images.example/v1", undefined],
  ])("of %s tells the region %s, and so does the result of a job it shows", async (baseURL, region) => {
    const { server, tracker } = makeBench();
    server.next.push({ kind: "json", body: answers.embedding }, { kind: "json", body: answers.batch });
    const toServer: typeof fetch = (url, init) =>
      fetch(`${new URL(server.baseURL).origin}${new URL(url as string).pathname}`, init);
    const client = new TrackedOpenAI({ apiKey: "sk-x", baseURL, fetch: toServer, tracker, logger: silent });
    await client.embeddings.create({ model: "text-embedding-3-small", input: "A canary" });
    await client.batches.retrieve("batch_1");
    expect(tracker.events.map(({ operation }) => operation)).toEqual(["embeddings", "batches.result"]);
    for (const { request } of tracker.events) {
      expect(request.region).toBe(region);
      expect("region" in request).toBe(region !== undefined);
    }
  });
});

describe("speech", () => {
  const speech = { model: "tts-1", voice: "alloy", input: "Hello" } as const;
  const sound = { kind: "text", text: "ID3 sound", headers: { "content-type": "audio/mpeg" } } as const;

  it("counts once when its response arrives, whose body is left to the program", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push(sound);
    const made = await tracked.audio.speech.create(speech);
    expect(onlyEvent(tracker)).toMatchObject({ usage: { quantities: { characters: 5 } }, request: { success: true } });
    expect(made.bodyUsed).toBe(false);
    const parts = await collect(made.body as unknown as AsyncIterable<Uint8Array>);
    expect(Buffer.concat(parts).toString()).toBe("ID3 sound");
    expect(onlyEvent(tracker).request.id).toBe("req_1");
  });

  it("counts once as a raw response, awaited twice and with its response", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push(sound);
    const promise = tracked.audio.speech.create(speech);
    const raw = await promise.asResponse();
    expect((await promise.withResponse()).data).toBe(await promise);
    expect(Buffer.from(await raw.arrayBuffer()).toString()).toBe("ID3 sound");
    expect(onlyEvent(tracker).usage.quantities).toEqual({ characters: 5 });
  });

  const events = [
    { type: "speech.audio.delta", audio: "SUQz" },
    { type: "speech.audio.done", usage: { input_tokens: 14, output_tokens: 101, total_tokens: 115 } },
  ];
  const streamed = { ...speech, model: "gpt-4o-mini-tts", stream_format: "sse", customer_id: "globex" } as const;

  it("as events has its tokens too where the program reads them as a text", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "stream", steps: events });
    const made = await tracked.audio.speech.create(streamed);
    expect(tracker.events).toEqual([]);
    expect(await made.text()).toContain('"output_tokens":101');
    expect(onlyEvent(tracker)).toMatchObject({
      customer_id: "globex",
      input_tokens: 14,
      output_tokens: 101,
      usage: { quantities: { characters: 5 } },
      request: { id: "req_1", success: true },
    });
    expect(JSON.stringify(onlyEvent(tracker))).not.toContain("SUQz");
  });

  it("as events has its characters as soon as the program reads them in its own way", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "stream", steps: events });
    const made = await tracked.audio.speech.create(streamed);
    const parts = await collect(made.body as unknown as AsyncIterable<Uint8Array>);
    expect(Buffer.concat(parts).toString()).toContain("speech.audio.done");
    expect(onlyEvent(tracker)).toMatchObject({ input_tokens: null, usage: { quantities: { characters: 5 } } });
  });

  it("without a text to say has nothing to count", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push(sound);
    await tracked.audio.speech.create({ ...speech, input: undefined as never });
    expect(onlyEvent(tracker).usage).toMatchObject({ source: "none", quantities: {} });
  });
});

describe("a streamed answer that is read as a text", () => {
  it.each(samples.filter(({ reply }) => reply.kind === "stream"))(
    "of POST $path ($name) tells what it used",
    async ({ path, call, reply, expected, results = [] }) => {
      const { tracked, tracker, server } = makeBench();
      server.next.push(reply);
      const raw = await (call(tracked, {}) as unknown as { asResponse(): Promise<Response> }).asResponse();
      await raw.text();
      const { usage = {} } = expected as { usage?: object };
      const made = tracker.events.filter(({ operation }) => operation === endpoints[path]?.operation);
      expect(made).toMatchObject([{ usage }]);
      expect(tracker.events.filter((event) => !made.includes(event))).toMatchObject(results);
    },
  );
});

describe("an endpoint that nobody has heard of", () => {
  it.each([
    ["its answer", { kind: "json", body: { id: "n_1", model: "m-1", usage: { input_tokens: 3, output_tokens: 4 } } }],
    [
      "an item of its stream",
      { kind: "stream", steps: [{ type: "a" }, { usage: { prompt_tokens: 3 } }, { type: "b" }] },
    ],
    ["an item with a name", { kind: "stream", steps: [{ event: "thread.new", data: { usage: { input_tokens: 3 } } }] }],
    ["the response in an item", { kind: "stream", steps: [{ response: { usage: { input_tokens: 3 } } }] }],
  ] as const)("is one event when %s tells usage", async (_where, reply) => {
    const { tracked, tracker, server } = makeBench();
    server.next.push(reply);
    const body = { model: "m", ...fields };
    await wholeAnswer(await tracked.post("/new/things", { body, stream: reply.kind === "stream" }));
    expect(onlyEvent(tracker)).toMatchObject({ operation: "/new/things", customer_id: "globex", input_tokens: 3 });
  });

  it("is none when its stream tells nothing", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "stream", steps: [{ type: "a" }, { type: "b" }] });
    await wholeAnswer(await tracked.post("/new/things", { body: {}, stream: true }));
    expect(tracker.events).toEqual([]);
  });
});

describe("a file that is uploaded as it is read", () => {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode("0123456789");
  }

  it("has the model all the same, where the SDK keeps it", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push({ kind: "json", body: { text: "…", usage: { type: "duration", seconds: 9 } } });
    await tracked.audio.transcriptions.create({ model: "whisper-1", file: chunks() as never, ...fields });
    expect(onlyEvent(tracker)).toMatchObject({ customer_id: "globex", requested_model: "whisper-1" });
    expect(server.requests[0]?.body).toContain("0123456789");
    expect(server.requests[0]?.body).not.toMatch(/customer_id|custom_metadata|globex/);
  });
});

describe("what asks about a job", () => {
  it("is not counted itself", async () => {
    const { tracked, tracker, server } = makeBench();
    const echo = { kind: "json", body: { id: "x_1", seconds: "8", usage: { total_tokens: 5 } } } as const;
    server.next.push(echo, echo, echo, echo);
    await tracked.videos.retrieve("video_1");
    await tracked.batches.retrieve("batch_1");
    await tracked.batches.cancel("batch_1");
    await tracked.fineTuning.jobs.retrieve("ftjob-1");
    expect(tracker.events).toEqual([]);
  });
});
