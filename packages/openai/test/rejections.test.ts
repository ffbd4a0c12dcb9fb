/** E5: a failure that the program does not handle is reported to the process as often as the bare client reports it. */
// oxlint-disable no-underscore-dangle, unicorn/no-thenable -- the SDK's own names
import type { APIPromise, OpenAI as BareOpenAI } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { question, useBench } from "./harness.ts";

const makeBench = useBench();

type Program = (call: APIPromise<unknown>) => unknown;

const leaving: Record<string, Program> = {
  "never awaited": () => undefined,
  "then without catch": (call) => void call.then(() => undefined),
  "two thens": (call) => void [call.then(() => undefined), call.then(() => undefined)],
  "finally alone": (call) => void call.finally(() => undefined),
  "asResponse, not awaited": (call) => void call.asResponse(),
  "withResponse, not awaited": (call) => void call.withResponse(),
  "_thenUnwrap, not awaited": (call) => void call._thenUnwrap((data) => data),
  "_thenUnwrap without catch": (call) => void call._thenUnwrap((data) => data).then(() => undefined),
};

const handling: Record<string, Program> = {
  then: (call) => call.then(undefined, () => undefined),
  catch: (call) => call.catch(() => undefined),
  "finally and catch": (call) => call.finally(() => undefined).catch(() => undefined),
  asResponse: (call) => call.asResponse().catch(() => undefined),
  withResponse: (call) => call.withResponse().catch(() => undefined),
  _thenUnwrap: (call) => call._thenUnwrap((data) => data).catch(() => undefined),
  "all at once": (call) => Promise.allSettled([call, call, call.asResponse()]),
};

describe("a failing call", () => {
  // The test runner listens too, and would count what these programs leave as its own failures.
  const kept = process.listeners("unhandledRejection");
  let stray: string[] = [];
  beforeAll(() => {
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (reason) => stray.push(String(reason)));
  });
  afterAll(() => {
    process.removeAllListeners("unhandledRejection");
    for (const listener of kept) process.on("unhandledRejection", listener);
  });

  async function strayOf(client: BareOpenAI, program: Program, answered: () => boolean): Promise<string[]> {
    stray = [];
    await program(client.chat.completions.create(question));
    while (!answered()) await new Promise(setImmediate);
    // Long enough for the client to read the answer: another request makes the round trip after it.
    await client.models.list();
    await new Promise(setImmediate);
    return stray;
  }

  it.each(Object.entries({ ...leaving, ...handling }))(
    "%s: reported as often as by the bare client",
    async (name, program) => {
      const { tracked, bare, server } = makeBench();
      const reply = { kind: "json", status: 400, body: { error: { message: "no" } } } as const;
      server.next.push(reply);
      const expected = await strayOf(bare, program, () => server.requests.length === 1);
      server.requests.length = 0;
      server.next.push(reply);
      expect(await strayOf(tracked as never, program, () => server.requests.length === 1)).toEqual(expected);
      expect(expected.length > 0).toBe(name in leaving);
    },
  );

  it("of a stream's item that nobody looks at is not reported, which the bare client's is (docs/compatibility.md)", async () => {
    const { tracked, bare, server } = makeBench();
    const strayOfItem = async (client: BareOpenAI): Promise<string[]> => {
      stray = [];
      const failure = { error: { message: "overloaded" } };
      server.next.push({ kind: "stream", steps: [failure] });
      void (await client.chat.completions.create({ ...question, stream: true }))[Symbol.asyncIterator]().next();
      await client.models.list();
      await new Promise(setImmediate);
      return stray;
    };
    expect(await strayOfItem(bare)).toHaveLength(1);
    expect(await strayOfItem(tracked.withOptions({ includeUsage: "never" }) as never)).toEqual([]);
  });

  it("is one event where the program asked for its outcome", async () => {
    for (const program of Object.values(handling)) {
      const { tracked, server, tracker } = makeBench();
      server.next.push({ kind: "json", status: 400, body: { error: { message: "no" } } });
      await program(tracked.chat.completions.create(question));
      expect(tracker.events.map(({ error }) => error.type)).toEqual(["bad_request"]);
    }
  });
});
