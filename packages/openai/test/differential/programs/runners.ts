/** What the SDK builds on single calls: event streams, parsed answers, tools that run by themselves. */
import type { ChatCompletionStream } from "openai/lib/ChatCompletionStream";

import { chatChunks, chatCompletion, chatToolCall, response, responseEvents } from "../../fixtures.ts";
import { collect, question } from "../../harness.ts";
import { cutShort, type Program, type Stage } from "../program.ts";

/** Since openai 5 they are where the calls are; openai 4 has them under `beta`. */
function chat({ client }: Pick<Stage, "client">): Stage["client"]["chat"]["completions"] {
  const { completions } = client.chat;
  if (typeof completions.stream === "function") return completions;
  return (client.beta as unknown as Pick<typeof client, "chat">).chat.completions;
}

const input = { model: "gpt-5-mini", input: "Tell me a story" };

/** Notes every event of a runner by its name and what it brings. */
function noteEvents(stream: Pick<ChatCompletionStream, "on">, note: Stage["note"], names: readonly string[]): void {
  for (const name of names) stream.on(name as "content", (...seen: unknown[]) => note([name, ...seen]));
}

const chatEvents = ["connect", "chunk", "content", "message", "finalContent", "finalMessage", "end", "abort", "error"];

/** A tool, and how often it was called. */
const weather = (note: Stage["note"]) => ({
  type: "function" as const,
  function: {
    name: "weather",
    description: "…",
    parameters: { type: "object", properties: { city: { type: "string" } } },
    parse: JSON.parse,
    function: (args: unknown) => {
      note(["weather", args]);
      return "sunny";
    },
  },
});

const toolChunks = (withUsage: boolean): object[] => {
  const call = {
    index: 0,
    id: "call_1",
    type: "function",
    function: { name: "weather", arguments: '{"city":"Paris"}' },
  };
  const [first = {}, ...rest] = chatChunks(withUsage) as { choices: object[] }[];
  const delta = { role: "assistant", content: null, tool_calls: [call] };
  const last = rest
    .slice(3)
    .map((chunk, at) =>
      at === 0 ? { ...chunk, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "tool_calls" }] } : chunk,
    );
  return [{ ...first, choices: [{ index: 0, delta, logprobs: null, finish_reason: null }] }, ...last];
};

const chatRunners: readonly Program[] = [
  {
    name: "chat.completions.stream: its events and its end",
    events: ["reported"],
    run: async (stage) => {
      const stream = chat(stage).stream(question);
      noteEvents(stream, stage.note, chatEvents);
      const completion = await stream.finalChatCompletion();
      return [completion, await stream.finalContent(), stream.ended, stream.aborted, stream.errored];
    },
  },
  {
    name: "chat.completions.stream: read as an iterable, and as bytes",
    events: ["reported", "reported"],
    run: async (stage) => {
      const chunks = await collect(chat(stage).stream(question));
      return [chunks, await new Response(chat(stage).stream(question).toReadableStream()).text()];
    },
  },
  {
    name: "chat.completions.stream: with usage, by the program's wish",
    events: ["reported"],
    run: async (stage) => {
      const stream = chat(stage).stream({ ...question, stream_options: { include_usage: true } });
      return [await stream.totalUsage(), await stream.finalMessage()];
    },
  },
  {
    name: "chat.completions.stream: aborted",
    events: [cutShort],
    run: async (stage) => {
      stage.server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 2), "hold"] });
      const stream = chat(stage).stream(question);
      noteEvents(stream, stage.note, ["connect", "content", "end", "abort"]);
      stream.on("content", () => stream.abort());
      stage.note(await stream.done().catch((error: unknown) => error));
      await stage.server.requests[0]?.left;
      return [stream.aborted, stream.errored, stream.ended];
    },
  },
  {
    name: "chat.completions.stream: left early as an iterable",
    events: [cutShort],
    run: async (stage) => {
      stage.server.next.push({ kind: "stream", steps: [...chatChunks(false).slice(0, 2), "hold"] });
      const stream = chat(stage).stream(question);
      for await (const chunk of stream) {
        stage.note(chunk.id);
        break;
      }
      await stage.server.requests[0]?.left;
    },
  },
  {
    name: "chat.completions.stream: refused",
    events: ["none"],
    run: async (stage) => {
      stage.server.next.push({ kind: "json", status: 401, body: { error: { message: "no" } } });
      const stream = chat(stage).stream(question);
      noteEvents(stream, stage.note, ["error", "end"]);
      return stream.finalMessage();
    },
  },
  {
    name: "chat.completions.stream: made of a readable stream",
    events: ["reported"],
    run: async (stage) => {
      const stream = chat(stage).stream(question);
      await stream.done();
      const lines = chatChunks(false).map((chunk) => `${JSON.stringify(chunk)}\n`);
      const { fromReadableStream } = stream.constructor as unknown as typeof ChatCompletionStream;
      return fromReadableStream(new Blob(lines).stream()).finalMessage();
    },
  },
  {
    name: "chat.completions.parse",
    events: ["reported"],
    run: (stage) => chat(stage).parse(question),
  },
  {
    name: "chat.completions.parse with a schema: the parsed answer, and what does not fit",
    events: ["reported", "reported"],
    run: async (stage) => {
      const { z, zodHelpers, server } = stage;
      const answer = (content: string) => {
        const [choice] = chatCompletion.choices;
        return { ...chatCompletion, choices: [{ ...choice, message: { ...choice?.message, content } }] };
      };
      const format = zodHelpers.zodResponseFormat(z.object({ city: z.string() }), "place");
      server.next.push(
        { kind: "json", body: answer('{"city":"Paris"}') },
        { kind: "json", body: answer('{"city":5}') },
      );
      const call = { ...question, response_format: format };
      stage.note(await chat(stage).parse(call));
      const wrong = await chat(stage)
        .parse(call)
        .catch((error: unknown) => error as Error);
      return [(wrong as Error).name, (wrong as Error).message];
    },
  },
  {
    name: "runTools: each turn is a call",
    events: ["reported", "reported"],
    run: async (stage) => {
      stage.server.next.push({ kind: "json", body: chatToolCall });
      const runner = chat(stage).runTools({ ...question, tools: [weather(stage.note) as never] });
      noteEvents(runner as never, stage.note, ["message", "functionToolCall", "finalContent", "end"]);
      return [await runner.finalMessage(), await runner.totalUsage(), runner.messages];
    },
  },
  {
    name: "runTools, streamed",
    events: ["reported", "reported"],
    run: async (stage) => {
      const feed = stage.line();
      const runner = chat(stage).runTools({ ...question, stream: true, tools: [weather(stage.note) as never] });
      noteEvents(runner as never, stage.note, ["message", "content", "end"]);
      const { body } = await feed.open;
      for (const chunk of toolChunks(body.includes('"include_usage":true'))) await feed.send(chunk);
      await feed.end();
      return runner.finalMessage();
    },
  },
];

const responseRunners: readonly Program[] = [
  {
    name: "responses.stream: its events and its end",
    events: ["reported"],
    run: async ({ client, note }) => {
      const stream = client.responses.stream(input);
      for (const name of ["response.created", "response.output_text.delta", "response.completed", "end"] as const) {
        stream.on(name as "response.completed", (...seen) => note([name, ...seen]));
      }
      return stream.finalResponse();
    },
  },
  {
    name: "responses.stream: read as an iterable and aborted",
    events: [cutShort],
    run: async ({ client, server, note }) => {
      server.next.push({ kind: "stream", steps: [...responseEvents().slice(0, 5), "hold"] });
      const stream = client.responses.stream(input);
      for await (const event of stream) {
        note(event.type);
        if (event.type === "response.output_text.delta") break;
      }
      await server.requests[0]?.left;
    },
  },
  {
    name: "responses.parse with a schema",
    events: ["reported"],
    run: ({ client, server, z, zodHelpers }) => {
      const content = [{ type: "output_text", text: '{"city":"Paris"}', annotations: [] }];
      const [message] = response.output;
      server.next.push({ kind: "json", body: { ...response, output: [{ ...message, content }] } });
      const format = zodHelpers.zodTextFormat(z.object({ city: z.string() }), "place");
      return client.responses.parse({ ...input, text: { format } });
    },
  },
];

export const runners: readonly Program[] = [...chatRunners, ...responseRunners];
