/** Single calls: every endpoint's request as the bare client sends it, and the promise that carries the answer. */
// oxlint-disable no-underscore-dangle -- the SDK's own names
import { chatCompletion, response } from "../../fixtures.ts";
import { question } from "../../harness.ts";
import { type Program, type Stage } from "../program.ts";

const input = { model: "gpt-5-mini", input: "Tell me a story" };
const text = { model: "text-embedding-3-small", input: "…" };

/** The order in which things happen, told by what is noted between eight turns of the event loop. */
function inTurns(note: Stage["note"], programs: Record<string, PromiseLike<unknown>>): Promise<unknown> {
  let turn = Promise.resolve();
  for (let count = 0; count < 8; count += 1) turn = turn.then(() => note(count));
  const told = Object.entries(programs).map(([name, promise]) => promise.then(() => note(name)));
  return Promise.all([turn, ...told]);
}

const requests: readonly Program[] = [
  { name: "create", events: ["reported"], run: ({ client }) => client.chat.completions.create(question) },
  {
    name: "create with headers, query, timeout, retries and an idempotency key of its own",
    events: ["reported"],
    run: ({ client }) =>
      client.chat.completions.create(question, {
        headers: { "x-one": "1", "X-Stainless-Lang": null },
        query: { two: 2 },
        timeout: 9_000,
        maxRetries: 1,
        idempotencyKey: "three",
      }),
  },
  {
    name: "create with metadata for OpenAI",
    events: ["reported"],
    run: ({ client }) => client.chat.completions.create({ ...question, store: true, metadata: { customer: "theirs" } }),
  },
  { name: "responses.create", events: ["reported"], run: ({ client }) => client.responses.create(input) },
  {
    name: "responses.retrieve and cancel",
    events: [],
    run: async ({ client, server }) => {
      server.next.push({ kind: "json", body: response }, { kind: "json", body: response });
      return [await client.responses.retrieve("resp_1"), await client.responses.cancel("resp_1")];
    },
  },
  { name: "embeddings, sent as base64", events: ["reported"], run: ({ client }) => client.embeddings.create(text) },
  {
    name: "embeddings as base64, by the program's wish",
    events: ["reported"],
    run: ({ client }) => client.embeddings.create({ ...text, encoding_format: "base64" }),
  },
  {
    name: "embeddings as numbers",
    events: ["reported"],
    run: ({ client, server }) => {
      const data = [{ object: "embedding", index: 0, embedding: [0.5, -0.25] }];
      server.next.push({ kind: "json", body: { data, model: "m", usage: { prompt_tokens: 8, total_tokens: 8 } } });
      return client.embeddings.create({ ...text, encoding_format: "float" });
    },
  },
  {
    name: "raw post, put, patch, delete and get",
    events: ["reported"],
    run: async ({ client, server }) => {
      const answer = { kind: "json", body: { deleted: true } } as const;
      const made = await client.post("/embeddings", { body: text, headers: { "x-one": "1" } });
      server.next.push(answer, answer, answer, answer);
      const others = [
        await client.put("/things/1", { body: { a: 1 } }),
        await client.patch("/things/1", { body: { a: 1 } }),
        await client.delete("/things/1"),
        await client.get("/things", { query: { a: [1, 2], b: "é" } }),
      ];
      return [made, ...others];
    },
  },
  {
    name: "raw request",
    events: ["reported"],
    run: ({ client }) => client.request({ method: "post", path: "/embeddings", body: text }),
  },
  {
    name: "an answer that is text, empty, null or a list",
    events: ["none", "none", "none", "none"],
    run: async ({ client, server }) => {
      server.next.push(
        { kind: "text", text: "WEBVTT", headers: { "content-type": "text/plain" } },
        { kind: "text", text: "", status: 204 },
        { kind: "json", body: null },
        { kind: "json", body: [1, { a: 2 }] },
      );
      const create = (): Promise<unknown> => client.chat.completions.create(question);
      return [await create(), await create(), await create(), await create()];
    },
  },
];

const promises: readonly Program[] = [
  {
    name: "the promise: class, properties, own names",
    events: ["reported"],
    run: async ({ client, note }) => {
      const call = client.chat.completions.create(question);
      note(call);
      note([Object.keys(call), call instanceof Promise, Object.prototype.toString.call(call)]);
      note([typeof call.then, call.constructor.name, Promise.resolve(call) === (call as unknown)]);
      return call;
    },
  },
  {
    name: "withResponse",
    events: ["reported"],
    run: async ({ client, note }) => {
      const call = client.chat.completions.create(question);
      const both = await call.withResponse();
      note(both);
      return [
        (await call) === both.data,
        (await call.asResponse()) === both.response,
        Reflect.get(both.data, "_request_id"),
      ];
    },
  },
  {
    name: "asResponse with an unread body, read by the program afterwards",
    events: ["reported"],
    run: async ({ client, note }) => {
      const call = client.chat.completions.create(question);
      const raw = await call.asResponse();
      note([raw.status, raw.bodyUsed, raw.headers.get("x-request-id"), (await call.asResponse()) === raw]);
      const body = await raw.text();
      return [body, raw.bodyUsed];
    },
  },
  {
    name: "asResponse read as JSON, as bytes and through its body",
    events: ["reported", "reported"],
    lost: ["none"],
    run: async ({ client }) => {
      const raw = async (): Promise<Response> => client.chat.completions.create(question).asResponse();
      const parts: string[] = [];
      for await (const part of (await raw()).body as unknown as AsyncIterable<Uint8Array>) {
        parts.push(Buffer.from(part).toString());
      }
      return [await (await raw()).json(), await (await raw()).arrayBuffer(), parts.join("")];
    },
  },
  {
    name: "asResponse, never read",
    events: [],
    lost: ["none"],
    run: async ({ client }) => (await client.chat.completions.create(question).asResponse()).status,
  },
  {
    name: "_thenUnwrap, and again on what it gives",
    events: ["reported"],
    run: async ({ client, note }) => {
      const call = client.chat.completions.create(question);
      const unwrapped = call._thenUnwrap((data, props) => ({ id: data.id, status: props.response.status }));
      note([unwrapped, await unwrapped._thenUnwrap(({ id }) => [id])]);
      return [await unwrapped, await call, (await unwrapped.withResponse()).request_id];
    },
  },
  {
    name: "awaited twice, and through then, catch and finally",
    events: ["reported"],
    run: async ({ client, note }) => {
      const call = client.chat.completions.create(question);
      const data = await call;
      await call.finally(() => note("finally"));
      return [await call, data === (await call.then((same) => same)), data === (await call.catch(() => undefined))];
    },
  },
  {
    name: "each outcome in its turn of the event loop",
    events: ["reported"],
    run: async ({ client, note }) => {
      const call = client.chat.completions.create(question);
      await call;
      await inTurns(note, {
        "then()": call.then((data) => data),
        "catch()": call.catch(() => undefined),
        "finally()": call.finally(() => undefined),
        "withResponse()": call.withResponse(),
        "asResponse()": call.asResponse(),
        await: (async () => await call)(),
      });
    },
  },
  {
    name: "starts before anybody awaits it",
    events: ["reported"],
    run: async ({ client, server, note }) => {
      const call = client.chat.completions.create(question);
      await server.arrived(1);
      note("arrived");
      return call;
    },
  },
  {
    name: "never awaited",
    events: [],
    lost: ["none"],
    run: async ({ client, server }) => {
      void client.chat.completions.create(question);
      await server.arrived(1);
    },
  },
  {
    name: "twenty calls in parallel, all in flight at once",
    events: Array<"reported">(20).fill("reported"),
    run: async ({ client, server, note }) => {
      let open = (): void => {};
      const gate = new Promise<void>((resolve) => (open = resolve));
      for (let count = 0; count < 20; count += 1) {
        server.next.push({ kind: "after", until: gate, reply: { kind: "json", body: chatCompletion } });
      }
      const calls = Array.from({ length: 20 }, () => client.chat.completions.create(question));
      await server.arrived(20);
      note("all have arrived");
      open();
      return (await Promise.all(calls)).map(({ id }) => id);
    },
  },
  {
    name: "a body with a toJSON, one of a class, and a frozen one",
    events: ["reported", "reported", "reported"],
    run: async ({ client }) => {
      class Body {
        readonly model = "m";
        readonly messages = question.messages;
      }
      const odd = { toJSON: () => question };
      const bodies = [odd, new Body(), Object.freeze({ ...question })] as never[];
      return [
        await client.chat.completions.create(bodies[0] as never),
        await client.chat.completions.create(bodies[1] as never),
        await client.chat.completions.create(bodies[2] as never),
      ];
    },
  },
];

export const calls: readonly Program[] = [...requests, ...promises];
