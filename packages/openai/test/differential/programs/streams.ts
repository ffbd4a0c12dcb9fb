/** Streams as the program reads them: the same chunks at the same time, and the server sees the same reading. */
import { chatChunks } from "../../fixtures.ts";
import { collect, question } from "../../harness.ts";
import { cutShort, type Program, type Stage } from "../program.ts";

const streamed = { ...question, stream: true } as const;
const create = ({ client }: Pick<Stage, "client">) => client.chat.completions.create(streamed);

const reading: readonly Program[] = [
  { name: "a chat stream read to its end", events: ["reported"], run: async (stage) => collect(await create(stage)) },
  {
    name: "a chat stream with usage, by the program's wish",
    events: ["reported"],
    run: async ({ client }) =>
      collect(await client.chat.completions.create({ ...streamed, stream_options: { include_usage: true } })),
  },
  {
    name: "a chat stream without usage, by the program's wish",
    events: ["estimated"],
    run: async ({ client }) =>
      collect(await client.chat.completions.create({ ...streamed, stream_options: { include_usage: false } })),
  },
  {
    name: "a stream read by its raw response",
    events: ["none"],
    run: async (stage) => (await create(stage).asResponse()).text(),
  },
  {
    name: "a stream with its response, awaited twice",
    events: ["reported"],
    run: async (stage) => {
      const call = create(stage);
      const { data, response, request_id } = await call.withResponse();
      stage.note([data, response.status, response.bodyUsed, request_id, (await call) === data]);
      return collect(data);
    },
  },
  {
    name: "a responses stream",
    events: ["reported"],
    run: async ({ client }) => collect(await client.responses.create({ model: "m", input: "…", stream: true })),
  },
  {
    name: "a legacy completions stream",
    events: ["estimated"],
    run: async ({ client, server }) => {
      const head = { id: "cmpl-1", object: "text_completion", created: 1, model: "m" };
      const steps = ["a", "b"].map((text) => ({ ...head, choices: [{ text, index: 0, finish_reason: null }] }));
      server.next.push({ kind: "stream", steps });
      return collect(await client.completions.create({ model: "m", prompt: "…", stream: true }));
    },
  },
  {
    name: "two choices in one stream",
    events: ["reported"],
    run: async ({ client, line }) => {
      const feed = line();
      const [first] = chatChunks(false) as [{ choices: [object] }];
      const stream = client.chat.completions.create({ ...streamed, n: 2 });
      await feed.send({ ...first, choices: [{ index: 1, delta: { content: "b" }, finish_reason: "stop" }] });
      await feed.send({ ...first, choices: [{ index: 0, delta: { content: "a" }, finish_reason: null }] });
      await feed.finish();
      return collect(await stream);
    },
  },
  {
    name: "a stream of an endpoint nobody knows, raw",
    events: ["reported"],
    run: async ({ client, server }) => {
      server.next.push({ kind: "stream", steps: [{ n: 1 }, { usage: { input_tokens: 3, output_tokens: 4 } }] });
      const stream = await client.post("/new_things", { body: { stream: true }, stream: true });
      return collect(stream as AsyncIterable<unknown>);
    },
  },
  {
    name: "read twice: the second time is refused",
    events: ["reported"],
    run: async (stage) => {
      const stream = await create(stage);
      const chunks = await collect(stream);
      stage.note(await collect(stream).catch((error: unknown) => error));
      return chunks.length;
    },
  },
  {
    name: "a second reader beside the first",
    events: ["reported"],
    run: async (stage) => {
      const stream = await create(stage);
      const reader = stream[Symbol.asyncIterator]();
      const first = await reader.next();
      stage.note(await collect(stream).catch((error: unknown) => error));
      return [first, ...(await collect({ [Symbol.asyncIterator]: () => reader }))];
    },
  },
  {
    name: "eight items asked for at once",
    events: ["reported"],
    run: async (stage) => {
      const reader = (await create(stage))[Symbol.asyncIterator]();
      return Promise.all(Array.from({ length: 8 }, () => reader.next()));
    },
  },
  {
    name: "tee: both branches",
    events: ["reported"],
    run: async (stage) => {
      const [left, right] = (await create(stage)).tee();
      stage.note([left, right]);
      return Promise.all([collect(left), collect(right)]);
    },
  },
  {
    name: "tee: one branch after the other",
    events: ["reported"],
    run: async (stage) => {
      const [left, right] = (await create(stage)).tee();
      return [await collect(left), await collect(right)];
    },
  },
  {
    name: "toReadableStream, and a stream made of it again",
    events: ["reported", "reported"],
    run: async (stage) => {
      const bytes = (await create(stage)).toReadableStream() as ReadableStream;
      stage.note(await new Response(bytes).text());
      const again = stage.stream.fromReadableStream(
        (await create(stage)).toReadableStream() as ReadableStream,
        new AbortController(),
      );
      return collect(again);
    },
  },
  {
    name: "a step of the iterator: the iterator's own class and methods",
    events: ["reported"],
    run: async (stage) => {
      const stream = await create(stage);
      const reader = stream[Symbol.asyncIterator]() as AsyncGenerator;
      stage.note([reader[Symbol.asyncIterator]() === reader, Object.keys(reader)]);
      const step = reader.next();
      stage.note([step instanceof Promise, step.constructor.name, Object.getOwnPropertyNames(step)]);
      stage.note(await step);
      return collect(reader);
    },
  },
];

/** Whoever reads learns of a chunk when it has come, not later. */
const timing: readonly Program[] = [
  {
    name: "the first chunk is there before the server sends the second",
    events: ["reported"],
    run: async ({ client, line, note }) => {
      const feed = line();
      const call = create({ client });
      const [first = {}, second = {}] = chatChunks(false);
      await feed.open;
      const reader = (await call)[Symbol.asyncIterator]();
      note("headers");
      const early = reader.next();
      await feed.send(first);
      note(await early);
      await feed.send(second);
      note(await reader.next());
      await feed.finish();
      return collect({ [Symbol.asyncIterator]: () => reader });
    },
  },
  {
    name: "a chunk in pieces of bytes, comments, and lines that end in \\r\\n",
    events: ["reported"],
    run: async ({ client, line }) => {
      const feed = line();
      const call = create({ client });
      const [first = {}] = chatChunks(false);
      const text = JSON.stringify({ ...first, note: "é" });
      await feed.send(": a comment\n\n");
      await feed.send(`data: ${text.slice(0, 20)}`);
      await feed.send(`${text.slice(20)}\r\n\r\n`);
      await feed.finish();
      return collect(await call);
    },
  },
  {
    name: "each chunk in its turn of the event loop",
    events: ["reported"],
    run: async ({ Client, options, note }) => {
      const client = new Client({ ...options, baseURL: "https://api.openai.com/v1", fetch: atOnce as never });
      const reader = (await create({ client }))[Symbol.asyncIterator]();
      await reader.next();
      for (let chunk = 1; chunk < 5; chunk += 1) {
        let turn = Promise.resolve();
        const step = reader.next().then(() => note(`chunk ${chunk}`));
        for (let count = 0; count < 40; count += 1) turn = turn.then(() => note(count));
        await Promise.all([step, turn]);
      }
      return collect({ [Symbol.asyncIterator]: () => reader });
    },
  },
  {
    name: "back-pressure: as many chunks are pulled as are read",
    events: [cutShort],
    run: async ({ Client, options, note }) => {
      let pulled = 0;
      const [chunk = {}] = chatChunks(false);
      const body = new ReadableStream(
        {
          pull: (queue) => {
            pulled += 1;
            queue.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`));
          },
          cancel: () => note("cancelled"),
        },
        { highWaterMark: 0 },
      );
      const headers = { "content-type": "text/event-stream" };
      const client = new Client({ ...options, fetch: (async () => new Response(body, { headers })) as never });
      const reader = (await create({ client }))[Symbol.asyncIterator]();
      for (const read of [1, 2, 3]) {
        await reader.next();
        note([read, pulled]);
      }
      await reader.return?.();
      return pulled;
    },
  },
  {
    name: "back-pressure over a connection: the server cannot send on, and is left",
    events: [cutShort],
    run: async ({ client, server }) => {
      const [chunk = {}] = chatChunks(false);
      server.next.push({ kind: "flood", piece: { ...chunk, padding: "x".repeat(65_536) }, pieces: 2_000 });
      let read = 0;
      for await (const { id } of await create({ client })) {
        read += 1;
        if (read === 3) break;
        if (id === "") throw new Error("no id");
      }
      const [request] = server.requests;
      await request?.left;
      return [read, request?.answer.stalled, (request?.answer.pieces ?? 0) < 2_000];
    },
  },
];

/** Leaving before the end reaches the server. */
const leaving: readonly Program[] = [
  {
    name: "an early break",
    events: [cutShort],
    run: async ({ client, server, note }) => {
      server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 3), "hold"] });
      const stream = await create({ client });
      for await (const chunk of stream) {
        note(chunk);
        break;
      }
      await server.requests[0]?.left;
      return [stream.controller.signal.aborted, await collect(stream).catch((error: unknown) => error)];
    },
  },
  {
    name: "an error thrown in the loop",
    events: [cutShort],
    run: async ({ client, server }) => {
      server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 3), "hold"] });
      for await (const chunk of await create({ client })) throw new Error(`mine at ${chunk.id}`);
    },
  },
  {
    name: "return and throw on the iterator",
    events: [cutShort, cutShort],
    run: async ({ client, server, note }) => {
      for (const leave of ["return", "throw"] as const) {
        server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 3), "hold"] });
        const reader = (await create({ client }))[Symbol.asyncIterator]();
        await reader.next();
        note(await reader[leave]?.("mine").catch((error: unknown) => ["threw", error]));
        note(await reader.next());
        await server.requests.at(-1)?.left;
      }
    },
  },
  {
    name: "controller.abort, and leaving the loop",
    events: [cutShort],
    run: async ({ client, server, note }) => {
      server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 2), "hold"] });
      const stream = await create({ client });
      for await (const chunk of stream) {
        note(chunk.id);
        stream.controller.abort();
        break;
      }
      await server.requests[0]?.left;
      return stream.controller.signal.aborted;
    },
  },
  {
    name: "controller.abort, and reading on",
    events: [cutShort],
    run: async ({ client, server, note }) => {
      server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 1), "hold"] });
      const stream = await create({ client });
      for await (const chunk of stream) {
        note(chunk.id);
        stream.controller.abort();
      }
      await server.requests[0]?.left;
      return "ended without an error";
    },
  },
  {
    name: "the signal of the call, aborted while it streams",
    events: [cutShort],
    run: async ({ client, server, note }) => {
      server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 1), "hold"] });
      const controller = new AbortController();
      const stream = await client.chat.completions.create(streamed, { signal: controller.signal });
      try {
        for await (const chunk of stream) {
          note(chunk.id);
          controller.abort();
        }
        note("ended");
      } catch (error) {
        note(error);
      }
      await server.requests[0]?.left;
    },
  },
  {
    name: "a branch of a tee that is left, the other read on",
    events: ["reported"],
    run: async (stage) => {
      const [left, right] = (await create(stage)).tee();
      for await (const chunk of left) {
        stage.note(chunk.id);
        break;
      }
      return collect(right);
    },
  },
  {
    name: "a stream that is never read",
    events: [],
    lost: [cutShort],
    run: async (stage) => (await create(stage)).controller.signal.aborted,
  },
  {
    name: "a stream that is never read, and aborted",
    events: [],
    lost: [cutShort],
    run: async ({ client, server }) => {
      server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 1), "hold"] });
      const stream = await create({ client });
      stream.controller.abort();
      await server.requests[0]?.left;
    },
  },
];

/** A whole answer at once, so that all turns of the event loop are the SDK's. */
async function atOnce(_url: unknown, init: { readonly body: string }): Promise<Response> {
  const chunks = chatChunks(init.body.includes('"include_usage":true'));
  const text = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("");
  return new Response(`${text}data: [DONE]\n\n`, { headers: { "content-type": "text/event-stream" } });
}

export const streams: readonly Program[] = [...reading, ...timing, ...leaving];
