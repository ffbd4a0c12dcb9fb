/** Whom a call is recorded for, what it may never do to the program, and what the program is told. */
import fc from "fast-check";
import RealOpenAI from "openai";
import { describe, expect, it } from "vitest";

import { clearCustomerContext, customerContext, OpenAI, setCustomerContext } from "../src/index.ts";
import { openAIState } from "../src/process-state.ts";
import { withTracking } from "../src/with-tracking.ts";
import { chatCompletion } from "./fixtures.ts";
import { collect, onlyEvent, question, recordingTracker, silent, useBench } from "./harness.ts";

const makeBench = useBench();

describe("the customer of a call", () => {
  it("is that of the call, else of the context, else of the client, else nobody", async () => {
    const { tracked, tracker, server } = makeBench();
    const nobody = new OpenAI({ apiKey: "sk-x", baseURL: server.baseURL, tracker, logger: silent });
    await customerContext("ctx", () => tracked.chat.completions.create({ ...question, customer_id: "call" }));
    await customerContext("ctx", () => tracked.chat.completions.create({ ...question, customer_id: null }));
    await tracked.chat.completions.create(question);
    await nobody.chat.completions.create(question);
    await customerContext("ctx", async () => {
      clearCustomerContext();
      await nobody.chat.completions.create(question);
      setCustomerContext("set");
      await nobody.chat.completions.create(question);
    });
    expect(tracker.events.map((event) => event.customer_id)).toEqual(["call", "ctx", "acme", null, null, "set"]);
  });

  it("is the one at the time of the call, not of its end", async () => {
    const { tracked, tracker } = makeBench();
    const call = customerContext("made", () => tracked.chat.completions.create({ ...question, stream: true }));
    await customerContext("read", async () => collect(await call));
    expect(onlyEvent(tracker).customer_id).toBe("made");
  });

  it("is never another's, however calls interleave", async () => {
    const { tracked, tracker } = makeBench({
      fetch: async (_url, init) => {
        const { user } = JSON.parse((init as { body: string }).body) as { user: string };
        return Response.json({ ...chatCompletion, id: user });
      },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { minLength: 2, maxLength: 12 }), fc.scheduler(), async (customers, s) => {
        tracker.events.length = 0;
        const calls = customers.map((customer) =>
          customerContext(`c${customer}`, async () => {
            await s.schedule(Promise.resolve());
            await tracked.chat.completions.create({ ...question, user: `c${customer}` });
          }),
        );
        await s.waitFor(Promise.all(calls));
        expect(tracker.events).toHaveLength(customers.length);
        for (const event of tracker.events) expect(event.customer_id).toBe(event.request.response_id);
      }),
      { numRuns: 30 },
    );
  });

  it.each([5, "", " ", "line\nbreak", "x".repeat(257), {}])("given as %j makes the call nobody's", async (id) => {
    const { tracked, tracker } = makeBench();
    await tracked.chat.completions.create({ ...question, customer_id: id as string });
    const event = onlyEvent(tracker);
    expect(event.customer_id).toBeNull();
    expect(event.attribution_error).toMatch(/^CMDR_FIELD_\w+: /);
  });

  it.each(["acme@example.com", "org:1/team+x=", "日本 株式会社", "'; drop table"])("may be %s", async (id) => {
    const { tracked, tracker } = makeBench();
    await tracked.chat.completions.create({ ...question, customer_id: id });
    expect(onlyEvent(tracker).customer_id).toBe(id);
  });

  it("keeps what is fine of bad metadata", async () => {
    const { tracked, tracker } = makeBench();
    const custom_metadata = { fine: "a & b; select", run: () => 1, when: NaN, deep: { a: { b: { c: 1 } } } };
    await tracked.chat.completions.create({ ...question, custom_metadata });
    await tracked.chat.completions.create({ ...question, custom_metadata: "odd" as never });
    expect(tracker.events.map((event) => event.metadata)).toEqual([{ fine: "a & b; select", deep: { a: {} } }, {}]);
  });
});

describe("labels", () => {
  it("are those of the time of the call, not of its end", async () => {
    const { tracked, tracker, server } = makeBench();
    const custom_metadata = { step: 1 };
    const call = tracked.chat.completions.create({ ...question, custom_metadata }).asResponse();
    while (server.requests.length === 0) await new Promise(setImmediate);
    custom_metadata.step = 2;
    await (await call).json();
    expect(onlyEvent(tracker).metadata).toEqual({ step: 1 });
  });

  it("that cannot be read are left out of the event, which counts", async () => {
    const { tracked, tracker } = makeBench();
    const fail = (): never => {
      throw new Error("hostile");
    };
    const custom_metadata = new Proxy({ a: 1 }, { ownKeys: fail });
    await tracked.chat.completions.create({ ...question, custom_metadata });
    await tracked.chat.completions.create(Object.defineProperty({ ...question }, "customer_id", { get: fail }));
    expect(tracker.events.map((event) => [event.customer_id, event.metadata])).toEqual([
      ["acme", {}],
      [null, {}],
    ]);
    expect(tracker.events[1]?.attribution_error).toMatch(/^CMDR_FIELD_TYPE: /);
  });
});

describe("tracking", () => {
  it("measures with the clock it is given", async () => {
    const { server } = makeBench();
    const tracker = recordingTracker();
    let tick = 100;
    const clock = { now: () => 1_795_478_400_123, monotonicNow: () => (tick += 7.4) };
    const system = { clock, random: (bytes: Uint8Array<ArrayBuffer>) => bytes.fill(1), environment: () => ({}) };
    const Tracked = withTracking(RealOpenAI, system) as typeof OpenAI;
    const client = new Tracked({ apiKey: "sk-x", baseURL: server.baseURL, tracker, logger: silent, customerId: "a" });
    await collect(await client.chat.completions.create({ ...question, stream: true }));
    expect(onlyEvent(tracker)).toMatchObject({
      id: expect.stringMatching(/^01a20ada-2c7b-7/),
      timestamp: "2026-11-24T00:00:00.123Z",
      latency: {
        request_start_time: 1_795_478_400.123,
        request_end_time: 1_795_478_400.138,
        duration_ms: 15,
        time_to_first_token_ms: 7,
      },
    });
  });

  it("that fails changes nothing for the program, which is told once (D1)", async () => {
    const { server } = makeBench();
    const warnings: string[] = [];
    openAIState().warningsGiven?.clear();
    const logger = { ...silent, warn: (line: string) => warnings.push(line) };
    const capture = (): never => {
      throw new Error("full");
    };
    const tracker = { ...recordingTracker(), capture, captureChecked: capture };
    const client = new OpenAI({ apiKey: "sk-x", baseURL: server.baseURL, tracker, logger, customerId: "a" });
    await client.chat.completions.create(question);
    expect(await collect(await client.chat.completions.create({ ...question, stream: true }))).toHaveLength(5);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^cmdrdata: a call could not be tracked: Error: full/);
  });

  it("that fails over a text does not quote it in the log (C7)", async () => {
    const { server } = makeBench();
    const lines: string[] = [];
    openAIState().warningsGiven?.clear();
    const logger = { ...silent, warn: (line: string) => lines.push(line) };
    const capture = (): unknown => JSON.parse("{ canary");
    const tracker = { ...recordingTracker(), captureChecked: capture as never };
    const client = new OpenAI({ apiKey: "sk-x", baseURL: server.baseURL, tracker, logger, customerId: "a" });
    await client.chat.completions.create(question);
    expect(lines.join()).toMatch(/^cmdrdata: a call could not be tracked: SyntaxError: … +at /);
    expect(lines.join()).not.toContain("canary");
  });

  it("leaves no rejection behind when the program's logger is an async function that fails (E5)", async () => {
    const { server } = makeBench();
    openAIState().warningsGiven?.clear();
    let warnings = 0;
    const warn = async (): Promise<never> => {
      warnings += 1;
      throw new Error("the logger is down");
    };
    const logger = { ...silent, warn: warn as never };
    const client = new OpenAI({ apiKey: "sk-x", baseURL: server.baseURL, tracker: recordingTracker(), logger });
    await client.chat.completions.create(question);
    // The test runner fails for a rejection that is left behind.
    await new Promise(setImmediate);
    expect(warnings).toBe(1);
  });

  it("that fails before the request goes out lets it go out", async () => {
    const { tracked, tracker } = makeBench();
    let reads = 0;
    const body = {
      ...question,
      stream: true as const,
      get stream_options(): null {
        reads += 1;
        if (reads > 1) throw new Error("read twice");
        return null;
      },
    };
    expect(await collect(await tracked.chat.completions.create(body))).toHaveLength(5);
    expect(onlyEvent(tracker).usage.source).toBe("none");
  });

  it("passes on what is no request to the SDK, which refuses it as before", async () => {
    const { tracked, bare, tracker } = makeBench();
    for (const options of [undefined, null, Promise.resolve(undefined), Promise.reject(new Error("mine"))]) {
      (options as Promise<never> | undefined)?.catch?.(() => undefined);
      const expected = await bare.request(options as never).catch(String);
      expect(await tracked.request(options as never).catch(String)).toBe(expected);
    }
    expect(tracker.events).toEqual([]);
  });

  it("says once that a call is nobody's, at the client's log level (C6)", async () => {
    const { server } = makeBench();
    const warnings: string[] = [];
    openAIState().warningsGiven?.clear();
    const logger = { ...silent, warn: (line: string) => warnings.push(line) };
    const options = { apiKey: "sk-x", baseURL: server.baseURL, logger, tracker: recordingTracker() };
    for (const client of [new OpenAI({ ...options, logLevel: "off" }), new OpenAI(options), new OpenAI(options)]) {
      await client.chat.completions.create(question);
      await client.chat.completions.create({ ...question, customer_id: "" });
    }
    expect(warnings).toEqual([
      "cmdrdata: a call named no customer; it is recorded as unattributed. Give customer_id with the call",
      expect.stringMatching(/^cmdrdata: a customer id could not be used/),
    ]);
  });

  it("puts no key, prompt or completion into an event (C7)", async () => {
    const { tracked, tracker, server } = makeBench({ apiKey: "sk-live-0123456789" });
    const canary = "canary-prompt";
    const asked = { ...question, messages: [{ role: "user" as const, content: canary }] };
    await tracked.chat.completions.create(asked);
    await collect(await tracked.chat.completions.create({ ...asked, stream: true }));
    await tracked.responses.create({ model: "gpt-5-mini", input: canary, instructions: canary });
    server.next.push({ kind: "json", status: 400, body: { error: { message: `no ${canary}`, type: "x" } } });
    await tracked.chat.completions.create(asked).catch(() => undefined);
    server.next.push({ kind: "text", status: 500, text: canary });
    await tracked.chat.completions.create(asked).catch(() => undefined);
    expect(tracker.events).toHaveLength(5);
    expect(JSON.stringify(tracker.events)).not.toMatch(/canary|Hello|quiet wood|sk-|Bearer/);
  });
});
