/** Calls whose outcome nobody will learn are one event too, made when the garbage collector takes what was held. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { expect, it } from "vitest";

import type { UsageEvent } from "@cmdrdata/protocol";

import type { OpenAI } from "../src/index.ts";
import { onlyEvent, question, type RecordingTracker, useBench } from "./harness.ts";

const makeBench = useBench();

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function lostEvent(tracker: RecordingTracker): Promise<UsageEvent> {
  while (tracker.events.length === 0) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  return onlyEvent(tracker);
}

/** A stream that somebody asked for was paid for, read or not. */
const streamEstimates: Readonly<Record<string, object>> = {
  "whose stream is never read": { input_tokens: 13, output_tokens: null, usage: { source: "estimated" } },
  "whose stream is awaited twice and never read": {
    input_tokens: 13,
    output_tokens: null,
    usage: { source: "estimated" },
  },
  "whose stream is read once and forgotten": { input_tokens: 13, output_tokens: null, usage: { source: "estimated" } },
};

const unknown = {
  customer_id: "globex",
  requested_model: "gpt-4o",
  input_tokens: null,
  usage: { source: "none" },
  error: { occurred: false },
  request: { success: null },
};
const asked = { ...question, customer_id: "globex" };

it.each<[string, (client: OpenAI) => unknown]>([
  ["never awaited", (client) => void client.chat.completions.create(asked)],
  ["whose response is never read", async (client) => void (await client.chat.completions.create(asked).asResponse())],
  [
    "whose stream is never read",
    async (client) => void (await client.chat.completions.create({ ...asked, stream: true })),
  ],
  [
    "whose stream is read once and forgotten",
    async (client) => {
      const stream = await client.chat.completions.create({ ...asked, stream: true });
      await stream[Symbol.asyncIterator]().next();
    },
  ],
  [
    "whose stream is awaited twice and never read",
    async (client) => {
      const stream = client.chat.completions.create({ ...asked, stream: true });
      await stream;
      await stream;
    },
  ],
  [
    "whose response is asked for twice and never read",
    async (client) => {
      const answer = client.chat.completions.create(asked);
      await answer.asResponse();
      await answer.asResponse();
    },
  ],
  [
    "whose body is read in another way",
    async (client) => void (await (await client.chat.completions.create(asked).asResponse()).clone().text()),
  ],
])("a call %s is recorded with what is known", async (name, program) => {
  const { tracked, tracker } = makeBench();
  await program(tracked);
  await lostEvent(tracker);
  await tracker.flush();
  expect(onlyEvent(tracker)).toMatchObject({ ...unknown, ...streamEstimates[name] });
});

it("speech as events that nobody reads has the characters that were asked for, since they were taken", async () => {
  const { tracked, tracker, server } = makeBench();
  server.next.push({ kind: "stream", steps: [{ type: "speech.audio.delta", audio: "SUQz" }] });
  const speech = { model: "gpt-4o-mini-tts", voice: "alloy", input: "Hello", stream_format: "sse" } as const;
  const program = async (): Promise<void> =>
    void (await tracked.audio.speech.create({ ...speech, customer_id: "globex" }));
  await program();
  expect(await lostEvent(tracker)).toMatchObject({
    customer_id: "globex",
    usage: { source: "reported", quantities: { characters: 5 } },
    request: { success: true },
  });
});

it("a call that is awaited late is not lost, though the promise is gone", async () => {
  const { tracked, tracker, server } = makeBench();
  const controller = new AbortController();
  server.next.push({ kind: "hold" });
  const failed = new Promise((resolve) => {
    tracked.chat.completions.create(asked, { signal: controller.signal }).catch(resolve);
  });
  while (server.requests.length === 0) await new Promise(setImmediate);
  for (let round = 0; round < 5; round += 1) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  expect(tracker.events).toEqual([]);
  controller.abort();
  await failed;
  expect(onlyEvent(tracker).error.type).toBe("aborted");
});
