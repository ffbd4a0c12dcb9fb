/** Streams that do not come to their end as they should: the program learns of it as from the bare client. */
import { vi } from "vitest";

import { chatChunks, responseEvents } from "../../fixtures.ts";
import { collect, question } from "../../harness.ts";
import { cutShort, type Program, type Stage } from "../program.ts";

const streamed = { ...question, stream: true } as const;
const create = ({ client }: Pick<Stage, "client">) => client.chat.completions.create(streamed);

export const brokenStreams: readonly Program[] = [
  {
    name: "a stream whose connection is cut",
    events: [cutShort],
    run: async ({ client, line, note }) => {
      const feed = line();
      const reader = create({ client }).then((stream) => stream[Symbol.asyncIterator]());
      const [first = {}] = chatChunks(false);
      await feed.send(first);
      note(await (await reader).next());
      await feed.drop();
      const error = await (await reader).next().catch((reason: unknown) => reason as Error);
      const { name, message } = error as Error;
      note([name, message, error instanceof TypeError]);
      return (await reader).next();
    },
  },
  {
    name: "a stream cut before its first chunk",
    events: [cutShort],
    run: async ({ client, line }) => {
      const feed = line();
      const stream = create({ client });
      await feed.open;
      await feed.drop();
      const { name, message } = (await stream.then(collect).catch((reason: unknown) => reason)) as Error;
      return [name, message];
    },
  },
  {
    name: "a stream that ends without [DONE]",
    events: ["estimated"],
    run: async ({ client, server }) => {
      const text = `data: ${JSON.stringify(chatChunks(false)[0])}\n\n`;
      server.next.push({ kind: "text", text, headers: { "content-type": "text/event-stream" } });
      return collect(await create({ client }));
    },
  },
  {
    name: "an error event in the middle of a chat stream",
    events: [cutShort],
    run: async ({ client, server, note }) => {
      const failure = { error: { message: "overloaded", type: "server_error", code: "overloaded" } };
      server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 2), failure] });
      for await (const chunk of await create({ client })) note(chunk.id);
    },
  },
  {
    name: "an error event in the middle of a responses stream",
    // With openai 5 and 6 an item says that the response failed; with 4 and 7 the stream breaks.
    events: ["none"],
    eventsOn: { 4: [cutShort], 7: [cutShort] },
    run: async ({ client, server, note }) => {
      const error = { type: "error", code: "rate_limit_exceeded", message: "no", param: null, sequence_number: 3 };
      server.next.push({ kind: "stream", steps: [...responseEvents().slice(0, 3), error] });
      for await (const event of await client.responses.create({ model: "m", input: "…", stream: true })) note(event);
    },
  },
  {
    name: "a chunk that is not JSON",
    events: [cutShort],
    run: async ({ client, line, note }) => {
      const feed = line();
      const stream = create({ client });
      await feed.send(chatChunks(false)[0] ?? {});
      await feed.send("data: {broken\n\n");
      // openai 4 complains there, the others to their logger.
      const complain = vi.spyOn(console, "error").mockImplementation((...words) => note(words));
      try {
        for await (const chunk of await stream) note(chunk.id);
      } finally {
        complain.mockRestore();
      }
    },
  },
  {
    name: "a failed response, by its last event",
    events: ["reported"],
    run: async ({ client, server }) => {
      server.next.push({ kind: "stream", steps: responseEvents("failed") });
      return collect(await client.responses.create({ model: "m", input: "…", stream: true }));
    },
  },
];
