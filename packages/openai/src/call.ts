/**
 * One call as it is watched: the record that the hook carries along and the recorder fills, and what the hook tells the
 * recorder. The hook (`hook/`) knows how the SDK works and nothing of events; the recorder (`capture/`) the reverse.
 */
import type { JsonObject } from "@cmdrdata/protocol";
import type { OpenAI } from "openai";

import type { Answer, Asked, Endpoint } from "./answer.ts";
import type { StreamingText } from "./capture/estimate/estimate-stream.ts";
import type { CallTrace } from "./tracing/call-trace.ts";

/** What the SDK sends: `method`, `path`, `body`, … */
export type SdkRequest = Awaited<Parameters<OpenAI["request"]>[0]>;

/**
 * What the program holds that can still bring the call's outcome. When the garbage collector takes it, nobody will ever
 * learn the outcome, and the call is recorded without. `awaited` cannot be lost: the SDK itself holds on to it.
 */
export type Holder = "promise" | "awaited" | "response" | "stream";

/** How a stream ended that did not fail: at its end, left early by the program, or aborted. */
export type StreamEnd = "complete" | "left" | "aborted";

export interface Call {
  readonly startedAtMs: number;
  /** Monotonic. */
  readonly startedTick: number;
  /** Customer of the context in which the call was made. */
  readonly contextCustomer: string | undefined;
  /** `undefined` until the request is known, and for requests that are not recorded. */
  endpoint: Endpoint | undefined;
  /** The call's own customer, as it was given. */
  customerId: unknown;
  /** The program's labels, as they were when it made the call. */
  metadata: JsonObject;
  requestedModel: string | null;
  /** What the request alone tells of what is billed. */
  asked: Asked | null;
  streaming: boolean;
  attempts: number;
  url: string | null;
  requestId: string | null;
  firstOutputTick: number | null;
  readonly answer: Answer;
  holder: Holder;
  /** The promise the program was given, until the request is on its way. */
  promise: object | undefined;
  /** The event is made: whatever comes later changes nothing. */
  settled: boolean;
  /** The program asked for the raw response: what is on the wire must be what it asked for. */
  rawResponse: boolean;
  /** We asked for the usage chunk, so the program must not see it. */
  usageChunkAdded: boolean;
  /** It comes from a server of which is known that it sends that chunk last, after the one with the finish reason. */
  usageChunkLast: boolean;
  /** `null` where the program has no OpenTelemetry. */
  trace: CallTrace | null;
  /** What an estimate is made of, should the stream bring no usage; `null` where none is made. */
  streamedText: StreamingText | null;
  /** The stream is being watched. */
  streamSeen: boolean;
  /** The program wants no event of it; only of a job it makes it is kept that there be none either. */
  untracked: boolean;
}

/** One step of a stream. What the program is to see instead of the item is put in its place. */
export interface StreamStep {
  value: unknown;
}

/** What the hook tells. None of these throws. */
export interface CallRecorder {
  /** The program makes a call. */
  start(): Call;
  /** The request is known; nothing of it is sent yet. */
  begin(call: Call, request: SdkRequest): void;
  /** The program holds what alone brings the outcome, and may never ask it. */
  held(call: Call): void;
  /** An attempt is about to be sent. */
  attempt(call: Call, url: string): void;
  /** The headers of the answer are known. */
  headers(call: Call, headers: Headers): void;
  /** The program has the whole answer: parsed JSON, or whatever else the SDK made of it. */
  answered(call: Call, data: unknown): void;
  /** The program's call or body reading failed with this error. */
  failed(call: Call, error: unknown): void;
  /** Whether the next item of the stream may be one that the program must not see. */
  mayHide(call: Call): boolean;
  /** The next item of the stream. @returns whether the program may see it */
  item(call: Call, step: StreamStep): boolean;
  ended(call: Call, end: StreamEnd): void;
  broke(call: Call, error: unknown): void;
  /** Nobody will ever learn the outcome. */
  abandoned(call: Call): void;
}
