/** Responses over WebSocket, and sessions of the Live API: other connections of the SDK, followed the same way. */
import { once } from "node:events";

import { ResponsesWS } from "openai/resources/responses/ws";
import { describe, expect, it } from "vitest";

import { type OpenAI, trackRealtime } from "../src/index.ts";
import type { OpenAIRealtimeWS } from "../src/realtime-ws.ts";
import { response, responseEvents, responsesUsage } from "./fixtures.ts";
import { onlyEvent, recordingTracker } from "./harness.ts";
import { saidAloud } from "./realtime-fixtures.ts";
import { hangUp, hear, unchecked, useRealtime } from "./realtime-harness.ts";
import { tell } from "./realtime-server.ts";

const bench = useRealtime();

const lastWord = { type: "test.last_word", sequence_number: 99 };

/** A connection of the client, to a server that says this; resolves when the last of it has been heard. */
async function converse(client: OpenAI, events: readonly object[], server: ReturnType<typeof bench>["server"]) {
  server.next.push((socket) => tell(socket, ...events, lastWord));
  const connection = trackRealtime(new ResponsesWS(client, unchecked.options));
  connection.on("error", () => undefined);
  await hear(connection, lastWord.type);
  return connection;
}

const withId = (events: readonly object[], id: string, more: object = {}): object[] =>
  events.map((event) => {
    const { response: told } = event as { readonly response?: object };
    return { ...event, ...more, ...(told === undefined ? {} : { response: { ...told, id } }) };
  });

describe("responses over WebSocket", () => {
  it("are events like those over HTTP, for the connection's own client", async () => {
    const { client, server, tracker } = bench();
    await converse(client, [...responseEvents(), ...withId(responseEvents("incomplete"), "resp_2")], server);
    expect(tracker.events).toMatchObject([
      {
        customer_id: "acme",
        operation: "responses",
        model: response.model,
        requested_model: null,
        input_tokens: responsesUsage.input_tokens,
        output_tokens: responsesUsage.output_tokens,
        usage: { source: "reported", raw: responsesUsage },
        request: { response_id: response.id, finish_reason: "completed", streaming: true, success: true },
      },
      { request: { response_id: "resp_2", success: true } },
    ]);
    for (const { latency } of tracker.events) expect(latency.time_to_first_token_ms).not.toBeNull();
    expect(server.upgrades[0]?.url).toBe("/v1/responses");
  });

  it("that run in lanes of their own at once are told apart", async () => {
    const { client, server, tracker } = bench();
    const [a, b] = ["a", "b"].map((lane) => withId(responseEvents(), `resp_${lane}`, { stream_id: lane })) as [
      object[],
      object[],
    ];
    const mixed = a.flatMap((event, index) => [event, b[index] as object]);
    const error = {
      type: "error",
      sequence_number: 7,
      stream_id: "c",
      error: { code: "server_error", message: saidAloud },
    };
    const c = withId(responseEvents().slice(0, 1), "resp_c", { stream_id: "c" });
    await converse(client, [...c, ...mixed, error], server);
    expect(tracker.events.map(({ request, error: { type, code } }) => [request.response_id, type, code])).toEqual([
      ["resp_a", null, null],
      ["resp_b", null, null],
      ["resp_c", "failed", "server_error"],
    ]);
    expect(JSON.stringify(tracker.events)).not.toContain("canary");
  });

  it("that are refused are events, with the class of their status; the end of an hour is none", async () => {
    const { client, server, tracker } = bench();
    const [created = {}] = responseEvents();
    const refused = (status: number, code: string) => ({ type: "error", status, error: { type: "x", code, message: saidAloud, param: null } }); // prettier-ignore
    const end = responseEvents().at(-1) as object;
    const errors = [refused(400, "previous_response_not_found"), refused(429, "rate_limit_exceeded"), refused(400, "websocket_connection_limit_reached")]; // prettier-ignore
    await converse(client, [created, ...errors, { type: "error", error: {} }, end], server);
    expect(
      tracker.events.map(({ error: { type, code }, operation, usage }) => [operation, type, code, usage.source]),
    ).toEqual([
      ["responses", "bad_request", "previous_response_not_found", "none"],
      ["responses", "rate_limit", "rate_limit_exceeded", "none"],
      ["responses", null, null, "reported"],
    ]);
  });

  it("that fail, or whose connection is lost, are events too", async () => {
    const { client, server, tracker } = bench();
    const events = [...responseEvents("failed"), ...withId(responseEvents().slice(0, 3), "resp_2")];
    const connection = await converse(client, events, server);
    const closed = once(connection.socket.platformSocket, "close");
    connection.close({ code: 4_000, reason: "mine" });
    await closed;
    expect(tracker.events.map(({ request, error }) => [request.response_id, error.type])).toEqual([
      [response.id, "failed"],
      ["resp_2", "connection"],
    ]);
  });
});

describe("a connection that the SDK makes anew", () => {
  it("is followed on: what was under way is lost, what comes later counts", async () => {
    const { client, server, tracker } = bench();
    const [created = {}] = responseEvents();
    server.next.push(
      (socket) => {
        tell(socket, created);
        socket.on("message", () => socket.terminate());
      },
      (socket) => tell(socket, ...withId(responseEvents(), "resp_2"), ...withId([created], "resp_3"), lastWord),
    );
    const reconnect = { onReconnecting: () => undefined, initialDelay: 1 };
    const connection = trackRealtime(new ResponsesWS(client, { ...unchecked.options, reconnect }));
    connection.on("response.created", () => connection.sendRaw("{}"));
    await hear(connection, lastWord.type);
    const closed = once(connection.socket.platformSocket, "close");
    connection.close();
    await closed;
    expect(tracker.events.map(({ request, error }) => [request.response_id, error.type])).toEqual([
      [response.id, "connection"],
      ["resp_2", null],
      ["resp_3", "aborted"],
    ]);
  });
});

describe("a connection that is never told the end of what began", () => {
  it("records the oldest without an outcome, so that no more than a thousand are kept", async () => {
    const { run, tracker } = bench();
    const begun = Array.from({ length: 1_001 }, (_, index) => ({
      type: "response.created",
      response: { id: `r${index}` },
    }));
    await run(begun);
    expect(tracker.events[0]).toMatchObject({
      request: { response_id: "r0", success: null },
      usage: { source: "none" },
    });
    expect(tracker.events).toHaveLength(1_001);
  });

  it("ignores what is no event of a kind it knows", async () => {
    const { run, tracker } = bench();
    const strange = [{ type: 1 }, { type: "response.created" }, { type: "session.created" }, { type: "x.delta", response_id: "none" }]; // prettier-ignore
    await run(strange);
    expect(tracker.events).toEqual([]);
  });
});

/** Of the shape that openai 7.57.0 declares (resources/live/live.d.ts, read 2026-11-25). */
const session = { id: "live_1", model: "gpt-live-1", status: "active", expires_at: 1, instructions: saidAloud };
const begun = { type: "session.started", event_id: "e1", session };
const used = (seconds: number) => ({ type: "session.usage.updated", event_id: `used_${seconds}`, usage: { seconds } });
const over = (reason: string, seconds: number) => ({ type: "session.closed", event_id: "e9", reason, session, usage: { seconds } }); // prettier-ignore

describe("a Live session", () => {
  it("is one event, with its last total: totals are never summed", async () => {
    const { run, tracker } = bench();
    await run([begun, used(10), used(20.5), over("close_requested", 31.25), over("close_requested", 31.25), used(40)]);
    expect(onlyEvent(tracker)).toMatchObject({
      customer_id: "acme",
      operation: "live.session",
      model: "gpt-live-1",
      input_tokens: null,
      usage: { source: "reported", quantities: { audio_seconds: 31.25 }, raw: { seconds: 31.25 } },
      request: { response_id: "live_1", finish_reason: "close_requested", success: true },
    });
    expect(JSON.stringify(tracker.events)).not.toContain("canary");
  });

  it("that loses its connection has the last total that it told", async () => {
    const { server, client, tracker } = bench();
    const { OpenAIRealtimeWS: Connection } = await import("../src/realtime-ws.ts");
    server.next.push((socket) => tell(socket, begun, used(10), used(20), { type: "test.last_word" }));
    const connection: OpenAIRealtimeWS = new Connection({ model: "any", ...unchecked }, client);
    await hear(connection, "test.last_word");
    await hangUp(connection, 3_000);
    const { run, tracker: other } = bench();
    await run([over("connection_lost", 7)]);
    expect([...tracker.events, ...other.events]).toMatchObject([
      { error: { type: "connection" }, usage: { quantities: { audio_seconds: 20 } } },
      { error: { type: "connection" }, usage: { quantities: { audio_seconds: 7 } } },
    ]);
  });

  it("tells the responses that it delegates, each an event of its own", async () => {
    const { run, tracker } = bench();
    const delegated = responseEvents().map((event) => ({
      type: "response.event",
      event_id: "e",
      delegation_id: "d1",
      event,
    }));
    await run([begun, ...delegated, { type: "response.event", event: "none" }, over("expired", 5)]);
    expect(tracker.events.map(({ operation, input_tokens }) => [operation, input_tokens])).toEqual([
      ["responses", responsesUsage.input_tokens],
      ["live.session", null],
    ]);
  });

  it("with a total that JSON makes infinite keeps the one before", () => {
    const tracker = recordingTracker();
    let emit = (_event: unknown): void => undefined;
    const connection = { on: (_name: "event", listener: (event: never) => void) => (emit = listener as typeof emit) };
    trackRealtime(connection, { tracker, customerId: "acme" });
    const endless = JSON.parse('{ "seconds": 1e999 }') as object;
    for (const event of [begun, used(10), { ...over("expired", 0), usage: endless }]) emit(event);
    expect(onlyEvent(tracker).usage.quantities).toEqual({ audio_seconds: 10 });
  });

  it("is no session of translations, which tells no usage", async () => {
    const { run, tracker } = bench();
    await run([
      { type: "session.created", session: { id: "sess_1" } },
      { type: "session.closed", event_id: "e1" },
    ]);
    expect(tracker.events).toEqual([]);
  });
});
