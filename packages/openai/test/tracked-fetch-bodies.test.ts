/** The body behind a `trackedFetch` is the one that the `fetch` below gave, whatever kind it is of and however it is read. */
import { describe, expect, it } from "vitest";

import { trackedFetch } from "../src/index.ts";
import { chatCompletion } from "./fixtures.ts";
import { onlyEvent, question, recordingTracker, silent, useBench } from "./harness.ts";

const bench = useBench();
const streamed = JSON.stringify({ ...question, stream: true });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A `fetch` of the program's own, that answers with a stream of these chunks. */
function answering(chunks: readonly unknown[]) {
  const own = async (): Promise<Response> => {
    const body = new ReadableStream<unknown>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    return new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>, {
      headers: { "content-type": "text/event-stream" },
    });
  };
  const tracker = recordingTracker();
  const fetch = trackedFetch({ tracker, customerId: "acme", logger: silent, fetch: own });
  return {
    tracker,
    ask: () => fetch("https://api.openai.com/v1/chat/completions", { method: "POST", body: streamed }),
  };
}

async function read({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? []) parts.push(part as Uint8Array);
  return Buffer.concat(parts).toString();
}

describe("a body that the program's own fetch made", () => {
  it.each<[string, readonly Uint8Array[]]>([
    ["again and again of the same chunks", [bytes("data: 1\n\ndata: 2\n\n")]],
    ["with an empty chunk", [bytes("data: 1\n\n"), new Uint8Array(), bytes("data: 2\n\n")]],
    ["of pieces of Node's pool", [Buffer.from("data: 1\n\n"), Buffer.from("data: 2\n\n")]],
  ])("%s passes", async (_how, chunks) => {
    const { ask, tracker } = answering(chunks);
    expect(await read(await ask())).toBe("data: 1\n\ndata: 2\n\n");
    expect(await read(await ask())).toBe("data: 1\n\ndata: 2\n\n");
    expect(tracker.events).toHaveLength(2);
  });

  it("is not read ahead", async () => {
    let pulls = 0;
    const body = new ReadableStream({ pull: () => void (pulls += 1) }, { highWaterMark: 0 });
    const own = async (): Promise<Response> => new Response(body, { headers: { "content-type": "text/event-stream" } });
    const fetch = trackedFetch({ tracker: recordingTracker(), logger: silent, fetch: own });
    const response = await fetch("https://api.openai.com/v1/chat/completions", { method: "POST", body: streamed });
    expect(response.body?.locked).toBe(false);
    await new Promise(setImmediate);
    expect(pulls).toBe(0);
  });

  it("may hold what is no bytes: it is the program's", async () => {
    const { ask, tracker } = answering(["data: 1\n\n"]);
    const reader = (await ask()).body?.getReader();
    expect(await reader?.read()).toEqual({ done: false, value: "data: 1\n\n" });
    await reader?.read();
    expect(onlyEvent(tracker).request.success).toBe(true);
  });

  it("may bring items that are null, or no objects", async () => {
    const { ask, tracker } = answering([bytes("data: null\n\ndata: 7\n\n")]);
    expect(await read(await ask())).toBe("data: null\n\ndata: 7\n\n");
    expect(onlyEvent(tracker).request.success).toBe(true);
  });

  it("may be nested more deeply than could be written again", async () => {
    const deep = `{"usage":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`;
    const own = async (): Promise<Response> => new Response(deep);
    const tracker = recordingTracker();
    const fetch = trackedFetch({ tracker, customerId: "acme", logger: silent, fetch: own });
    const response = await fetch("https://api.openai.com/v1/chat/completions", { method: "POST", body: "{}" });
    expect(Object.keys((await response.json()) as object)).toEqual(["usage"]);
    expect(onlyEvent(tracker).usage.source).toBe("none");
  });
});

describe("a response that is cloned", () => {
  function make() {
    const { server } = bench();
    const tracker = recordingTracker();
    const fetch = trackedFetch({ tracker, customerId: "acme", logger: silent });
    const init = { method: "POST", body: JSON.stringify(question) };
    return { tracker, ask: () => fetch(`${server.baseURL}/chat/completions`, init) };
  }

  it.each(["looked at before", "not looked at before"])("has a body of its own, %s, and counts once", async (how) => {
    const { ask, tracker } = make();
    const response = await ask();
    if (how === "looked at before") expect(response.body?.locked).toBe(false);
    const copy = response.clone();
    const [first, second] = await Promise.all([read(response), read(copy)]);
    expect([JSON.parse(first), JSON.parse(second)]).toEqual([chatCompletion, chatCompletion]);
    expect(onlyEvent(tracker).usage.source).toBe("reported");
  });

  it("shows that its body is being read, in another way too", async () => {
    const response = await make().ask();
    const text = response.text();
    expect(response.body?.locked).toBe(true);
    await text;
  });
});

it("gives the length of what is sent, however the program names the one of what it gave", async () => {
  const { server } = bench();
  const fetch = trackedFetch({ tracker: recordingTracker(), logger: silent });
  const body = JSON.stringify({ ...question, customer_id: "globex" });
  const headers = { "Content-Length": String(body.length), "Content-Type": "application/json" };
  const response = await fetch(`${server.baseURL}/chat/completions`, { method: "POST", body, headers });
  expect(response.status).toBe(200);
  expect(server.requests[0]?.body).toBe(JSON.stringify(question));
  expect(headers["Content-Length"]).toBe(String(body.length));
});
