/**
 * Follows the server's events on one connection, and records each turn of it once (C1).
 *
 * | turn              | begins with                                | ends with                                          |
 * | realtime.response | `response.created`                         | `response.done`, the end of the socket             |
 * | realtime.transcription | the item's audio is committed         | `….completed`, `….failed`; once it has begun to tell text, the end of the socket |
 * | responses         | `response.created`                         | `response.completed`, `.incomplete`, `.failed`, an `error` of its stream, the end of the socket |
 * | live.session      | `session.started`, or its first usage      | `session.closed`, the end of the socket            |
 *
 * R1 an id of a response, a transcript or a session is counted once. R2 what is kept is bounded. R3 nothing of an event is
 * changed or kept but ids, models, counts and states (C7).
 */
import { APIConnectionError, APIError, APIUserAbortError } from "openai";

import { type Endpoint, objectOf, type RawObject, textOf } from "../answer.ts";
import type { Call, CallRecorder } from "../call.ts";
import { isOutput, liveSession, realtimeResponse, realtimeTranscription } from "./turns.ts";

/** A record that is being filled, and what fills it. */
export interface Turn {
  readonly call: Call;
  readonly recorder: CallRecorder;
}

export type Moment = Pick<Call, "startedAtMs" | "startedTick">;

export interface TurnSource {
  /** Starts a record, of now or of an earlier moment. */
  readonly start: (endpoint: Endpoint, at?: Moment) => Turn;
  readonly now: () => Moment;
  /** How responses of the Responses API are read. */
  readonly responses: Endpoint;
}

export interface EventFollower {
  /** An event of the server, as it came. */
  event(event: unknown): void;
  /** The socket is closed. */
  closed(code: number | null): void;
}

export function followEvents(source: TurnSource): EventFollower {
  const following: Following = {
    ...source,
    open: new Map(),
    latest: new Map(),
    spoken: new Map(),
    counted: new Set(),
    model: null,
    transcriptionModel: null,
    live: undefined,
    lastSession: "",
  };
  return {
    event: (event) => follow(following, event, ""),
    closed: (code) => endAll(following, code),
  };
}

interface Following extends TurnSource {
  /** By id of the response, or of the transcript. */
  readonly open: Map<string, Turn>;
  /** The response under way in each lane: events of the Responses API do not name theirs. */
  readonly latest: Map<string, string>;
  /** By item: when its audio was committed, of those whose transcript has not begun. */
  readonly spoken: Map<string, Moment>;
  /** Ids that have been counted. */
  readonly counted: Set<string>;
  model: string | null;
  transcriptionModel: string | null;
  live: Turn | undefined;
  /** Of the Live API: events of usage do not name theirs. */
  lastSession: string;
}

type Handler = (following: Following, event: RawObject, lane: string) => void;

const transcription = "conversation.item.input_audio_transcription";

const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["session.created", readSession],
  ["session.updated", readSession],
  ["transcription_session.created", readSession],
  ["transcription_session.updated", readSession],
  ["response.created", beginResponse],
  ["response.done", (following, event, lane) => endResponse(following, event, lane, realtimeResponse)],
  ["response.completed", endOfResponses],
  ["response.incomplete", endOfResponses],
  ["response.failed", endOfResponses],
  ["error", readError],
  ["input_audio_buffer.committed", noteSpoken],
  [`${transcription}.completed`, endTranscription],
  [`${transcription}.failed`, endTranscription],
  ["session.started", readLive],
  ["session.usage.updated", readLive],
  ["session.closed", readLive],
  ["response.event", followDelegated],
]);

function follow(following: Following, given: unknown, lane: string): void {
  const event = objectOf(given);
  const type = textOf(event?.["type"]);
  if (event === undefined || type === null) return;
  const laneOfEvent = textOf(event["stream_id"]) ?? lane;
  if (isOutput(event)) readOutput(following, event, laneOfEvent);
  else handlers.get(type)?.(following, event, laneOfEvent);
}

/** Of a Live session: what it delegates streams its own events inside. */
function followDelegated(following: Following, event: RawObject): void {
  follow(following, event["event"], `delegation ${textOf(event["delegation_id"]) ?? ""}`);
}

/** Only the first output of a turn says something: when it came. */
function readOutput(following: Following, event: RawObject, lane: string): void {
  const turn =
    event["type"] === `${transcription}.delta` ? transcriptOf(following, event) : respondingIn(following, event, lane);
  if (turn !== undefined && turn.call.firstOutputTick === null) read(turn, event);
}

function respondingIn({ open, latest }: Following, event: RawObject, lane: string): Turn | undefined {
  const id = textOf(event["response_id"]) ?? latest.get(lane);
  return id === undefined ? undefined : open.get(id);
}

function readSession(following: Following, event: RawObject): void {
  const session = objectOf(event["session"]);
  if (session === undefined) return;
  following.model = textOf(session["model"]) ?? following.model;
  const input = objectOf(objectOf(session["audio"])?.["input"]);
  const transcribed = objectOf(input?.["transcription"] ?? session["input_audio_transcription"]);
  following.transcriptionModel = textOf(transcribed?.["model"]);
}

function beginResponse(following: Following, event: RawObject, lane: string): void {
  const response = objectOf(event["response"]);
  const id = textOf(response?.["id"]);
  if (id === null || following.open.has(id) || following.counted.has(id)) return;
  const turn = following.start(response?.["object"] === "response" ? following.responses : realtimeResponse);
  keep(following.open, id, turn, ({ call, recorder }) => recorder.abandoned(call));
  keep(following.latest, lane, id);
  read(turn, event);
}

function endOfResponses(following: Following, event: RawObject, lane: string): void {
  endResponse(following, event, lane, following.responses);
}

function endResponse(following: Following, event: RawObject, lane: string, endpoint: Endpoint): void {
  const response = objectOf(event["response"]);
  const id = textOf(response?.["id"]) ?? textOf(event["event_id"]) ?? "";
  if (!isNew(following, id)) return;
  const turn = following.open.get(id) ?? following.start(endpoint);
  read(turn, event);
  const cancelled = endpoint === realtimeResponse && response?.["status"] === "cancelled";
  const error = cancelled ? new APIUserAbortError({ message: "the response was cancelled" }) : undefined;
  end(following, turn, id, error);
  if (following.latest.get(lane) === id) following.latest.delete(lane);
}

function read({ call, recorder }: Turn, event: RawObject): void {
  recorder.item(call, { value: event });
}

function end(following: Following, { call, recorder }: Turn, id: string, error?: Error): void {
  following.open.delete(id);
  if (call.endpoint === realtimeResponse) call.answer.model ??= following.model;
  if (call.endpoint === realtimeTranscription) call.answer.model ??= following.transcriptionModel;
  if (error === undefined) recorder.ended(call, "complete");
  else recorder.failed(call, error);
}

/**
 * Of a Responses connection. One with a `sequence_number` is of the stream of a response, and its end; one with a `status`
 * is the refusal of a request. All others, and those of a Realtime connection, end nothing.
 */
function readError(following: Following, event: RawObject, lane: string): void {
  const { status } = event;
  const id = following.latest.get(lane) ?? "";
  const turn = following.open.get(id);
  if (typeof event["sequence_number"] === "number") {
    if (turn?.call.endpoint !== following.responses) return;
    following.latest.delete(lane);
    isNew(following, id);
    read(turn, event);
    end(following, turn, id);
  } else if (typeof status === "number" && objectOf(event["error"])?.["code"] !== connectionLimit) {
    const { call, recorder } = following.start(following.responses);
    recorder.failed(call, APIError.generate(status, { error: event["error"] }, undefined, new Headers()));
  }
}

/** Sixty minutes are over (OpenAI's guide to WebSocket mode, read 2026-11-25): of the connection, not of a request. */
const connectionLimit = "websocket_connection_limit_reached";

function noteSpoken(following: Following, event: RawObject): void {
  const item = textOf(event["item_id"]);
  if (item !== null) keep(following.spoken, item, following.now());
}

function transcriptOf(following: Following, event: RawObject): Turn | undefined {
  const id = transcriptId(event);
  const known = following.open.get(id);
  if (known !== undefined || following.counted.has(id)) return known;
  const turn = following.start(realtimeTranscription, spokenAt(following, event));
  keep(following.open, id, turn, ({ call, recorder }) => recorder.abandoned(call));
  return turn;
}

function endTranscription(following: Following, event: RawObject): void {
  const id = transcriptId(event);
  if (!isNew(following, id)) return;
  const turn = following.open.get(id) ?? following.start(realtimeTranscription, spokenAt(following, event));
  read(turn, event);
  end(following, turn, id);
}

/** An item may have several parts with audio. */
function transcriptId(event: RawObject): string {
  const item = textOf(event["item_id"]) ?? textOf(event["event_id"]) ?? "";
  return `transcript ${JSON.stringify([item, event["content_index"] ?? null])}`;
}

function spokenAt({ spoken }: Following, event: RawObject): Moment | undefined {
  const item = textOf(event["item_id"]);
  return item === null ? undefined : spoken.get(item);
}

function readLive(following: Following, event: RawObject): void {
  const isClosed = event["type"] === "session.closed";
  // Translation sessions have an event of this name too, which tells nothing.
  if (isClosed && following.live === undefined && objectOf(event["usage"]) === undefined) return;
  const id = `session ${textOf(objectOf(event["session"])?.["id"]) ?? following.lastSession}`;
  if (following.counted.has(id)) return;
  following.lastSession = id.slice("session ".length);
  const turn = (following.live ??= following.start(liveSession));
  read(turn, event);
  if (!isClosed) return;
  following.live = undefined;
  isNew(following, id);
  const lost = event["reason"] === "connection_lost";
  end(following, turn, id, lost ? new APIConnectionError({ message: "the session's connection was lost" }) : undefined);
}

function endAll(following: Following, code: number | null): void {
  for (const [id, turn] of following.open) {
    isNew(following, id);
    end(following, turn, id, closeError(code));
  }
  if (following.live !== undefined) end(following, following.live, "", closeError(code));
  following.live = undefined;
  following.latest.clear();
  following.spoken.clear();
}

/** 1000 is what a program's `close()` sends; 1005 is what it is where it says nothing. */
function closeError(code: number | null): Error {
  if (code === 1_000 || code === 1_005) return new APIUserAbortError({ message: "the connection was closed" });
  return new APIConnectionError({ message: `the connection was lost (close code ${code ?? "unknown"})` });
}

const bound = 1_000;

function isNew({ counted }: Following, id: string): boolean {
  if (id === "") return true;
  if (counted.has(id)) return false;
  counted.add(id);
  if (counted.size > bound) for (const oldest of counted) return counted.delete(oldest);
  return true;
}

/** The one kept longest goes when there are too many. */
function keep<Value>(kept: Map<string, Value>, id: string, value: Value, drop?: (value: Value) => void): void {
  kept.set(id, value);
  if (kept.size <= bound) return;
  for (const [oldest, dropped] of kept) {
    kept.delete(oldest);
    drop?.(dropped);
    return;
  }
}
