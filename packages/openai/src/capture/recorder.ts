/**
 * Follows each call to its outcome and captures exactly one event for it (C1).
 *
 * A call settles at the first of: the whole answer, an error, the end of its stream, or its loss to the garbage
 * collector. Everything after that is ignored, so awaiting twice, `tee()` or `withResponse()` beside `await` count once.
 */
import { emptyEvent, type ErrorType, type SdkInfo, type UsageEvent } from "@cmdrdata/protocol";

import { type Asked, emptyAnswer, objectOf, type RawObject, textOf } from "../answer.ts";
import { fieldsOf } from "../call-fields.ts";
import type { Call, CallRecorder, SdkRequest, StreamStep } from "../call.ts";
import type { Clock } from "../clock.ts";
import { getCustomerContext } from "../customer-context.ts";
import { isEventStream } from "../event-stream.ts";
import type { Host, HostKind } from "../hosts.ts";
import type { OpenCalls } from "../open-calls.ts";
import { buildEvent, callError, type Outcome } from "./build-event.ts";
import { isUsageChunk, withoutUsage } from "./chat.ts";
import { endpointOf } from "./endpoints.ts";
import { describeError } from "./error-message.ts";
import { errorTypeOf } from "./error-type.ts";
import { type EstimateDeps, estimateEvent, recordStream, type StreamingText } from "./estimate/estimate-stream.ts";
import { fieldOf } from "./request-body.ts";

export interface RecorderSource {
  readonly clock: Clock;
  readonly newId: (epochMs: number) => string;
  readonly sdk: SdkInfo;
  /** The client's default customer. */
  readonly customerId: string | undefined;
  /** Where the client sends a request whose URL is not known yet. */
  readonly baseUrl: () => string;
  readonly hostOf: (url: string) => Host;
  readonly openCalls: OpenCalls;
  readonly capture: (event: UsageEvent) => void;
  /** Told of labels that could not be taken as they are. */
  readonly setAside: (what: string) => void;
  /** Follows the jobs that the answer shows. */
  readonly follow: (call: Call) => void;
  /** Takes an event whose content `complete` makes, off the call's path. */
  readonly captureLater: (fallback: UsageEvent, complete: () => Promise<UsageEvent>, materialBytes: number) => void;
  readonly estimates: EstimateDeps;
}

export function createRecorder(source: RecorderSource): CallRecorder {
  const settle = (call: Call, end: End): void => settleCall(call, end, source);
  const fail = (call: Call, error: unknown, type: ErrorType): void => {
    readErrorHeaders(call, error);
    const { code, message } = describeError(error);
    settle(call, { error: callError(type, code, message), success: false });
  };
  const abandoned = (call: Call): void => settle(call, { error: null, success: isTaken(call) ? true : null });
  return {
    start: () => startCall(source.clock),
    begin: (call, request) => beginCall(call, request, source),
    held: (call) => source.openCalls.add(call, abandoned),
    attempt(call, url) {
      call.attempts += 1;
      call.url = url;
    },
    headers(call, headers) {
      call.requestId = headers.get("x-request-id");
      if (isDone(call, headers)) settle(call, { error: null, success: true });
    },
    answered(call, data) {
      const whole = objectOf(data);
      if (whole !== undefined && !call.settled) readWhole(call, whole, source);
      settle(call, { error: null, success: true });
    },
    failed: (call, error) => fail(call, error, errorTypeOf(error)),
    mayHide: ({ usageChunkAdded, usageChunkLast, answer }) =>
      usageChunkAdded && (!usageChunkLast || answer.finishReason !== null),
    item: (call, step) => readItem(call, step, source),
    ended(call, end) {
      const error = end === "aborted" ? callError("aborted", null, "the program aborted the stream") : null;
      settle(call, { error, success: error === null });
    },
    broke(call, error) {
      const type = errorTypeOf(error);
      fail(call, error, type === "aborted" || type === "timeout" ? type : "stream_broken");
    },
    abandoned,
  };
}

/** A stream's last event may tell more than the headers, if the program reads it. */
function isDone({ endpoint }: Call, headers: Headers): boolean {
  return endpoint?.doneAtHeaders === true && !isEventStream(headers);
}

/** The request alone tells what is billed, and there is a response that says it was taken. */
function isTaken({ endpoint, holder }: Call): boolean {
  return endpoint?.doneAtHeaders === true && holder === "response";
}

function startCall(clock: Clock): Call {
  return {
    startedAtMs: clock.now(),
    startedTick: clock.monotonicNow(),
    contextCustomer: getCustomerContext(),
    endpoint: undefined,
    customerId: undefined,
    metadata: emptyEvent.metadata,
    requestedModel: null,
    asked: null,
    streaming: false,
    attempts: 0,
    url: null,
    requestId: null,
    firstOutputTick: null,
    answer: emptyAnswer(),
    holder: "promise",
    promise: undefined,
    settled: false,
    rawResponse: false,
    usageChunkAdded: false,
    usageChunkLast: false,
    trace: null,
    streamedText: null,
    streamSeen: false,
    untracked: false,
  };
}

function beginCall(call: Call, request: SdkRequest, { setAside }: RecorderSource): void {
  const endpoint = endpointOf(request.method, request.path);
  if (endpoint === undefined) return;
  const fields = fieldsOf(request);
  if (fields.track_usage === false) {
    if (endpoint.jobs !== "made") return;
    call.untracked = true;
  }
  call.endpoint = endpoint;
  call.customerId = fields.customer_id;
  if (fields.custom_metadata !== undefined) call.metadata = fields.custom_metadata;
  if (fields.set_aside !== undefined) setAside(fields.set_aside);
  call.requestedModel = requestedModel(request);
  if (endpoint.asked !== null) call.asked = endpoint.asked(request.body);
  call.streaming = request.stream === true;
  if (call.streaming) call.streamedText = recordStream(endpoint.operation);
}

/** Of the body; where the body is a stream of bytes, the SDK may have kept the model beside it. */
function requestedModel(request: SdkRequest): string | null {
  const { __metadata: kept } = request as { readonly __metadata?: unknown };
  return textOf(fieldOf(request.body, "model")) ?? textOf(objectOf(kept)?.["model"]);
}

function readWhole(call: Call, data: Readonly<Record<string, unknown>>, source: RecorderSource): void {
  call.endpoint?.reader.whole(data, call.answer);
  if (call.answer.jobs !== null) source.follow(call);
  // Named by the SDK, on every answer that is an object.
  call.requestId ??= textOf(data["_request_id"]);
}

function readItem(call: Call, step: StreamStep, source: RecorderSource): boolean {
  const item = objectOf(step.value);
  const { endpoint, answer } = call;
  if (endpoint === undefined || item === undefined) return true;
  const text = endpoint.reader.onlyText?.(item, answer);
  if (text === undefined) return readWholeItem(call, item, step, source);
  call.streamedText?.addText(text);
  call.trace?.sawChunk();
  call.firstOutputTick ??= source.clock.monotonicNow();
  if (call.usageChunkAdded && item["usage"] === null) step.value = withoutUsage(item);
  return true;
}

function readWholeItem(call: Call, item: RawObject, step: StreamStep, { clock, follow }: RecorderSource): boolean {
  const isOutput = call.endpoint?.reader.item(item, call.answer);
  call.streamedText?.add(item);
  call.trace?.sawChunk();
  if (isOutput === true) call.firstOutputTick ??= clock.monotonicNow();
  if (call.answer.jobs !== null) follow(call);
  if (!call.usageChunkAdded) return true;
  if (isUsageChunk(item)) return false;
  // The provider adds `usage: null` to every other chunk.
  if (item["usage"] === null) step.value = withoutUsage(item);
  return true;
}

function readErrorHeaders(call: Call, error: unknown): void {
  // openai 4 names it otherwise.
  const { requestID, request_id } = (error ?? {}) as { readonly requestID?: unknown; readonly request_id?: unknown };
  call.requestId ??= textOf(requestID ?? request_id);
}

type End = Pick<Outcome, "error" | "success">;

function settleCall(call: Call, { error, success }: End, source: RecorderSource): void {
  if (call.settled) return;
  call.settled = true;
  source.openCalls.delete(call);
  const { endpoint } = call;
  if (endpoint === undefined || call.untracked || (!endpoint.always && call.answer.usage === null)) return;
  const host = source.hostOf(call.url ?? source.baseUrl());
  if (success === true && call.asked !== null) addAsked(call, call.asked, host.kind);
  const outcome = { error, success, endTick: source.clock.monotonicNow() };
  const event = buildEvent(call, outcome, {
    newId: source.newId,
    operation: endpoint.operation,
    customerId: source.customerId,
    host,
    sdk: source.sdk,
  });
  call.trace?.end(event);
  captureEnded(call, event, source);
}

function captureEnded(call: Call, event: UsageEvent, source: RecorderSource): void {
  const text = call.streamedText;
  call.streamedText = null;
  if (text === null || event.usage.source === "reported" || !hasUsed(call, text)) return source.capture(event);
  source.captureLater(event, () => estimateEvent(event, text, source.estimates), text.heldBytes);
}

/**
 * Whether a stream is known to have used something: the provider took the request, and did not fail at once. What a job
 * uses, which runs on, is its result's.
 */
function hasUsed({ answer, streamSeen }: Call, text: StreamingText): boolean {
  return streamSeen && !answer.usedElsewhere && (answer.failure === null || !text.isEmpty);
}

/** What was asked for and accepted. A job that failed at once made nothing of it. */
function addAsked(call: Call, asked: Asked, host: HostKind): void {
  const { answer } = call;
  if (answer.failure !== null) return;
  answer.quantities = { ...asked.quantities, ...answer.quantities };
  // Told in tokens, it is not sold by its format, nor made by a model that tells none.
  if (answer.usage !== null) return;
  answer.format ??= asked.format ?? null;
  if (host === "openai") call.requestedModel ??= asked.defaultModel ?? null;
}
