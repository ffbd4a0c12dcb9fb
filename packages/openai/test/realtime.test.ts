/** Realtime connections: each response and each transcript is one event (C1), and the connection stays what it was. */
import { once } from "node:events";

import { fakeClock } from "@cmdrdata/testkit";
import BareOpenAI, { AzureOpenAI as BareAzureOpenAI } from "openai";
import { OpenAIRealtimeWS as BareRealtimeWS } from "openai/realtime/ws";
import { describe, expect, it } from "vitest";

import { customerContext, track, trackRealtime, type TrackRealtimeOptions } from "../src/index.ts";
import { OpenAIRealtimeWS } from "../src/realtime-ws.ts";
import { trackConnection } from "../src/realtime-tracking.ts";
import { realSystem } from "../src/with-tracking.ts";
import { onlyEvent, recordingTracker, silent } from "./harness.ts";
import {
  committed,
  notTranscribed,
  refusedEvent,
  responseCreated,
  responseDone,
  responseUsage,
  saidAloud,
  sessionCreated,
  transcribed,
  transcribing,
  transcriptDelta,
  turn,
} from "./realtime-fixtures.ts";
import { hangUp, hear, unchecked, useRealtime } from "./realtime-harness.ts";
import { readFrame, tell } from "./realtime-server.ts";

const bench = useRealtime();
const started = sessionCreated("gpt-realtime-2025-08-28", "gpt-4o-transcribe");
const duration = { type: "duration", seconds: 3.5 } as const;

describe("a response", () => {
  it("is one event, with its tokens by kind, its model and its customer", async () => {
    const { run, tracker } = bench();
    await run([started, ...turn("resp_1")], { customMetadata: { feature: "phone" } });
    expect(onlyEvent(tracker)).toMatchObject({
      customer_id: "acme",
      provider: "openai",
      operation: "realtime.response",
      model: "gpt-realtime-2025-08-28",
      requested_model: "gpt-realtime",
      input_tokens: 132,
      output_tokens: 121,
      total_tokens: 253,
      usage: {
        source: "reported",
        input: { cached: 64, audio: 13, image: 0 },
        output: { audio: 91 },
        raw: responseUsage,
      },
      error: { occurred: false },
      request: { response_id: "resp_1", finish_reason: "completed", streaming: true, retry_count: 0, success: true },
      metadata: { feature: "phone" },
      sdk: { name: "cmdrdata-openai", openai: "6.49.0" },
    });
  });

  it("tells nothing of what was said, and takes nothing from OpenAI's metadata (C7)", async () => {
    const { run, tracker } = bench();
    const failed = {
      status: "failed",
      status_details: { type: "failed", error: { code: "x", message: saidAloud } },
    } as const;
    await run([
      started,
      ...turn("resp_1"),
      transcribed("item_1", duration),
      notTranscribed("item_2"),
      responseDone("resp_2", failed),
    ]);
    expect(tracker.events).toHaveLength(4);
    const text = JSON.stringify(tracker.events);
    expect(text).not.toContain("canary");
    expect(text).not.toContain("not-ours");
  });

  it("has the times of what the connection heard: from its beginning to its end, and to its first output", async () => {
    const { server, client, tracker } = bench();
    const clock = fakeClock();
    server.next.push((socket) => socket.on("message", (data) => tell(socket, readFrame(data))));
    const connection = new BareRealtimeWS({ model: "gpt-realtime", ...unchecked }, client);
    trackConnection(connection, { client }, { ...realSystem, clock });
    await once(connection.socket, "open");
    const at = clock.now();
    for (const event of [
      ...turn("resp_1"),
      committed("item_1"),
      transcribing("item_1"),
      transcribed("item_1", duration),
    ]) {
      const heard = hear(connection, event.type);
      connection.socket.send(JSON.stringify(event));
      await heard;
      await clock.advance(100);
    }
    await hangUp(connection);
    const times = tracker.events.map(({ timestamp, latency }) => [Date.parse(timestamp ?? "") - at, latency.duration_ms, latency.time_to_first_token_ms]); // prettier-ignore
    expect(times).toEqual([
      [0, 200, 100],
      [300, 200, 100],
    ]);
  });

  it.each([
    ["cancelled", { type: "cancelled", reason: "turn_detected" }, { type: "aborted", code: null }, "turn_detected"],
    ["failed", { type: "failed", error: { type: "server_error", code: "model_overloaded" } }, { type: "failed", code: "model_overloaded" }, "failed"], // prettier-ignore
    [
      "incomplete",
      { type: "incomplete", reason: "max_output_tokens" },
      { type: null, code: null },
      "max_output_tokens",
    ],
  ] as const)("that is %s says so, and what it used", async (status, details, error, reason) => {
    const { run, tracker } = bench();
    await run([responseCreated("resp_1"), responseDone("resp_1", { status, status_details: details })]);
    expect(onlyEvent(tracker)).toMatchObject({
      input_tokens: 132,
      error: { occurred: error.type !== null, ...error },
      request: { finish_reason: reason, success: error.type === null },
    });
  });

  it("counts once, however often it ends, and also where its beginning was not heard", async () => {
    const { run, tracker } = bench();
    await run([responseDone("resp_1"), responseCreated("resp_1"), responseDone("resp_1"), ...turn("resp_2")]);
    expect(tracker.events.map(({ request }) => request.response_id)).toEqual(["resp_1", "resp_2"]);
  });

  it("counts beside others that are under way at once", async () => {
    const { run, tracker } = bench();
    await run([...turn("a").slice(0, 1), ...turn("b"), ...turn("a").slice(1)]);
    expect(tracker.events.map(({ request }) => request.response_id)).toEqual(["b", "a"]);
  });

  it("without an id, or without usage, counts too", async () => {
    const { run, tracker } = bench();
    await run([
      { type: "response.done", event_id: "event_1", response: { status: "completed" } },
      { type: "response.done" },
    ]);
    expect(tracker.events.map(({ usage, input_tokens }) => [usage.source, input_tokens])).toEqual([
      ["none", null],
      ["none", null],
    ]);
  });

  it.each([
    [
      "by the program",
      async (rt: OpenAIRealtimeWS) => hangUp(rt),
      { type: "aborted", message: "the connection was closed" },
    ],
    ["by nobody", async (rt: OpenAIRealtimeWS) => (rt.socket.terminate(), once(rt.socket, "close")), { type: "connection", message: "the connection was lost (close code 1006)" }], // prettier-ignore
  ])("and a transcript whose connection is closed %s are one event each, without usage", async (_who, close, error) => {
    const { server, client, tracker } = bench();
    server.next.push((socket) => tell(socket, started, committed("item_0"), committed("item_1"), transcribing("item_1"), responseCreated("resp_1"), transcriptDelta("resp_1"))); // prettier-ignore
    const connection = new OpenAIRealtimeWS({ model: "gpt-realtime", ...unchecked }, client);
    await hear(connection, "response.output_audio_transcript.delta");
    await close(connection);
    const nothing = {
      input_tokens: null,
      usage: { source: "none" },
      error: { occurred: true, ...error },
      request: { success: false },
    };
    expect(tracker.events).toMatchObject([
      {
        ...nothing,
        operation: "realtime.transcription",
        model: "gpt-4o-transcribe",
        request: { response_id: "item_1" },
      },
      {
        ...nothing,
        operation: "realtime.response",
        model: started.session.type === "realtime" && started.session.model,
      },
    ]);
  });
});

describe("a transcript", () => {
  it("is an event of its own, with the model that transcribes, in tokens or seconds", async () => {
    const { run, tracker } = bench();
    const tokens = { type: "tokens", input_tokens: 40, output_tokens: 9, total_tokens: 49, input_token_details: { audio_tokens: 38, text_tokens: 2 } } as const; // prettier-ignore
    await run([started, committed("item_1"), transcribed("item_1", tokens), transcribed("item_1", tokens), transcribed("item_2", duration)]); // prettier-ignore
    expect(tracker.events).toMatchObject([
      {
        operation: "realtime.transcription",
        model: "gpt-4o-transcribe",
        requested_model: null,
        input_tokens: 40,
        output_tokens: 9,
        usage: { source: "reported", input: { audio: 38 } },
        request: { response_id: "item_1", success: true },
      },
      { input_tokens: null, usage: { source: "reported", quantities: { audio_seconds: 3.5 } } },
    ]);
  });

  it("that failed says so", async () => {
    const { run, tracker } = bench();
    await run([started, notTranscribed("item_1")]);
    expect(onlyEvent(tracker)).toMatchObject({
      operation: "realtime.transcription",
      usage: { source: "none" },
      error: { type: "failed", code: "audio_unintelligible" },
    });
  });

  it("has the model that the session names last, also as the beta API names it", async () => {
    const { run, tracker } = bench();
    const beta = { type: "session.updated", session: { model: "gpt-4o-realtime-preview", input_audio_transcription: { model: "whisper-1" } } }; // prettier-ignore
    await run([started, beta, transcribed("item_1", duration), ...turn("resp_1")]);
    expect(tracker.events.map(({ model }) => model)).toEqual(["whisper-1", "gpt-4o-realtime-preview"]);
  });
});

describe("whom a connection is for", () => {
  const customers: readonly [string, TrackRealtimeOptions, string | undefined, string | null][] = [
    ["its own options", { customerId: "globex" }, "initech", "globex"],
    ["else the context in which it is tracked", {}, "initech", "initech"],
    ["else the client's default", {}, undefined, "acme"],
  ];
  it.each(customers)("say %s", async (_name, options, context, customer) => {
    const { run, tracker } = bench();
    const made = (): Promise<unknown> => run(turn("resp_1"), options);
    await (context === undefined ? made() : customerContext(context, made));
    expect(onlyEvent(tracker).customer_id).toBe(customer);
  });

  it("is nobody where nothing says it", async () => {
    const { run, tracker } = bench({ customerId: undefined });
    await run(turn("resp_1"));
    expect(onlyEvent(tracker).customer_id).toBeNull();
  });

  it("is known of a client that was tracked by track(), as its tracker is", async () => {
    const { server } = bench();
    const tracker = recordingTracker();
    const bare = new BareOpenAI({ apiKey: "sk-x", baseURL: server.baseURL, logger: silent });
    const twin = track(bare, { tracker, customerId: "globex" });
    server.next.push((socket) => tell(socket, ...turn("resp_1")));
    const connection = new OpenAIRealtimeWS({ model: "gpt-realtime", ...unchecked }, twin);
    await hear(connection, "response.done");
    await hangUp(connection);
    expect(onlyEvent(tracker).customer_id).toBe("globex");
  });
});

describe("trackRealtime", () => {
  it("tracks a connection of the SDK's own class, and gives it back as it is", async () => {
    const { server, client, tracker } = bench();
    server.next.push((socket) => tell(socket, ...turn("resp_1")));
    const connection = new BareRealtimeWS({ model: "gpt-realtime", ...unchecked }, client);
    const before = Reflect.ownKeys(connection);
    expect(trackRealtime(connection, { client, customerId: "globex" })).toBe(connection);
    expect(Reflect.ownKeys(connection)).toEqual(before);
    expect(Object.getPrototypeOf(connection)).toBe(BareRealtimeWS.prototype);
    await hear(connection, "response.done");
    await hangUp(connection);
    expect(onlyEvent(tracker)).toMatchObject({ customer_id: "globex", input_tokens: 132 });
  });

  it("counts once what is tracked twice, from then on for whom it says last", async () => {
    const { server, client, tracker } = bench();
    server.next.push((socket) => {
      tell(socket, ...turn("resp_1"), responseCreated("resp_2"));
      socket.on("message", () => tell(socket, responseDone("resp_2"), ...turn("resp_3"), refusedEvent));
    });
    const connection = new OpenAIRealtimeWS({ model: "gpt-realtime", ...unchecked }, client);
    connection.on("error", () => undefined);
    const heard = hear(connection, "error");
    await hear(connection, "response.done");
    expect(trackRealtime(connection)).toBe(connection);
    trackRealtime(connection, { customerId: "globex" });
    connection.send({ type: "response.create" });
    await heard;
    await hangUp(connection);
    expect(tracker.events.map(({ customer_id }) => customer_id)).toEqual(["acme", "acme", "globex"]);
  });

  it("takes a gateway before Azure for Azure, and its deployment for the model asked for", async () => {
    const { server, tracker } = bench();
    server.next.push((socket) => tell(socket, ...turn("resp_1")));
    const azure = new BareAzureOpenAI({ apiKey: "azure-key", apiVersion: "2025-08-28", baseURL: server.baseURL });
    const connection = await BareRealtimeWS.azure(azure, { deploymentName: "voice", ...unchecked });
    trackRealtime(connection, { tracker, customerId: "acme" });
    await hear(connection, "response.done");
    await hangUp(connection);
    expect(onlyEvent(tracker)).toMatchObject({ provider: "azure", model: null, requested_model: "voice" });
  });

  it("tracks anything that emits the server's events, also where nothing else is known of it", () => {
    const tracker = recordingTracker();
    let emit = (_event: unknown): void => undefined;
    const connection = { on: (_name: "event", listener: (event: never) => void) => (emit = listener as typeof emit) };
    trackRealtime(connection, { tracker, customerId: "acme", logger: silent });
    for (const event of turn("resp_1")) emit(event);
    emit(null);
    expect(onlyEvent(tracker)).toMatchObject({ provider: "openai", requested_model: null, input_tokens: 132 });
  });

  it("keeps no more than it must on a connection that stays open for long", async () => {
    const { run, tracker } = bench();
    const turns = Array.from({ length: 1_100 }, (_, index) => [committed(`i${index}`), responseDone(`r${index}`)]);
    await run([...turns.flat(), responseDone("r1099"), transcribed("i0", duration), transcribed("i1099", duration)]);
    expect(tracker.events).toHaveLength(1_102);
  });

  it("refuses what is no connection, and wrong options, before anything listens", () => {
    const invalid = (text: string) => expect.objectContaining({ code: "CMDR_OPTIONS_INVALID", message: expect.stringContaining(text) as string }) as Error; // prettier-ignore
    const connection = { on: () => expect.fail("listens") };
    expect(() => trackRealtime({} as never)).toThrow(invalid("on()"));
    expect(() => trackRealtime(connection, { model: "x" } as never)).toThrow(invalid("model: unknown option"));
    const wrong = { customerId: "", trackerKey: "nonsense", customMetadata: { a: { b: { c: { d: 1 } } } } };
    expect(() => trackRealtime(connection, wrong)).toThrow(invalid("customerId"));
    expect(() => trackRealtime(connection, wrong)).toThrow(invalid("trackerKey"));
    expect(() => trackRealtime(connection, wrong)).toThrow(invalid("customMetadata"));
  });

  it("never lets what fails in tracking reach the program (D1)", async () => {
    const { server, client } = bench();
    const broken = (): never => {
      throw new Error("tracking is broken");
    };
    const tracker = { ...recordingTracker(), captureChecked: broken };
    const logger = { error: broken, warn: broken, info: broken, debug: broken };
    server.next.push((socket) => tell(socket, ...turn("resp_1"), responseCreated("resp_2")));
    const connection = new BareRealtimeWS({ model: "gpt-realtime", ...unchecked }, client);
    const clock = { now: broken, monotonicNow: broken };
    trackConnection(connection, { tracker, logger }, { ...realSystem, clock });
    const other = new BareRealtimeWS({ model: "gpt-realtime", ...unchecked }, client);
    trackRealtime(other, { tracker, logger });
    server.next.push((socket) => tell(socket, ...turn("resp_1"), responseCreated("resp_2")));
    await Promise.all([connection, other].map((each) => hear(each, "response.created")));
    await Promise.all([connection, other].map((each) => hangUp(each)));
  });
});
