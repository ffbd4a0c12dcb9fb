/**
 * The tracking of one client: joins the hook, which knows the SDK, with the recorder, which makes events, and the
 * tracker, which delivers them. Nothing here throws into the client, or makes it wait (D1).
 */
import type { APIPromise, OpenAI } from "openai";

import { createCallRecorder, createWarn, type TrackingParts } from "./call-recorder.ts";
import { beginTrace } from "./call-tracing.ts";
import type { Call, CallRecorder, SdkRequest } from "./call.ts";
import { markSender, senderOf, sendsCopies } from "./copied-options.ts";
import { copyWithout } from "./copy-without.ts";
import { addIncludeUsage } from "./hook/include-usage.ts";
import { watchHolder } from "./hook/lost-calls.ts";
import { watchPromise } from "./hook/watch-promise.ts";
import type { Host } from "./hosts.ts";
import { type GivenRequest, isObject, whenKnown } from "./known-request.ts";
import type { TrackingConfig } from "./options/resolve-client-options.ts";
import { openAIState } from "./process-state.ts";
import { replaceBody } from "./replace-body.ts";
import { createStamp } from "./stamp.ts";
import { startTrace } from "./tracing/call-trace.ts";

export interface ClientTracking {
  /** Watches a call. @returns the promise that `send` made of the options it is given */
  request<Result extends APIPromise<unknown>>(options: GivenRequest, send: (options: GivenRequest) => Result): Result;
  /** An attempt of a watched call is about to go out. May add to its body. */
  attempt(request: RequestInit, url: string, options: SdkRequest): void;
}

export function createClientTracking(client: OpenAI, config: TrackingConfig, parts: TrackingParts): ClientTracking {
  const warn = createWarn(client, config.logger);
  const { recorder, hostOf, report } = createCallRecorder({ config, parts, baseUrl: () => client.baseURL, warn });
  // By the options object: the SDK passes the same one to every attempt.
  const calls = createStamp<Call>();
  const marks = sendsCopies(client);
  const begin = (call: Call, request: SdkRequest): void => {
    calls.set(request, call);
    if (marks) markSender(request, { call, tracking });
    recorder.begin(call, request);
    if (call.trace !== null) beginTrace(call, request, client.baseURL, hostOf);
  };
  const tracking: ClientTracking = {
    request(given, send) {
      const call = recorder.start();
      if (config.openTelemetry) call.trace = startTrace(parts.clock);
      // Options that a call under way goes by already: a copy tells whose attempt is whose.
      const options =
        isObject(given) && calls.get(given)?.settled === false ? (copyWithout(given, []) as GivenRequest) : given;
      whenKnown(options, (request) => begin(call, request));
      const promise = call.trace === null ? send(options) : call.trace.run(() => send(options));
      return watchPromise(promise, call, recorder);
    },
    attempt(request, url, options) {
      const call = calls.get(options) ?? senderOf(options)?.call;
      if (call === undefined) return;
      try {
        recorder.attempt(call, url);
        markAsTracked(request);
        if (call.streamedText !== null) call.streamedText.request = request.body;
        watchUnawaited(call, recorder);
        if (wantsUsageChunk(call, config, hostOf)) {
          askForUsage(call, request, options);
          call.usageChunkLast = hostOf(url).tellsUsageOnRequest;
        }
      } catch (bug) {
        report(bug);
      }
    },
  };
  return tracking;
}

/** For a `trackedFetch` that the client may have been given: what is counted here is not counted there. */
function markAsTracked({ headers }: RequestInit): void {
  const { trackedRequests } = openAIState();
  if (trackedRequests !== undefined && typeof headers === "object") trackedRequests.add(headers);
}

/** A program that awaits its call has done so by now. */
function watchUnawaited(call: Call, recorder: CallRecorder): void {
  if (call.holder === "promise" && call.promise !== undefined) {
    watchHolder(call.promise, { call, holder: "promise", recorder });
  }
  call.promise = undefined;
}

function wantsUsageChunk(call: Call, { includeUsage }: TrackingConfig, hostOf: (url: string) => Host): boolean {
  if (call.endpoint?.usageOnRequest !== true || !call.streaming || call.rawResponse || call.url === null) return false;
  return includeUsage === "always" || (includeUsage === "auto" && hostOf(call.url).tellsUsageOnRequest);
}

function askForUsage(call: Call, request: RequestInit, options: SdkRequest): void {
  const body = addIncludeUsage(request.body, options.body);
  if (body === undefined) return;
  replaceBody(request, body);
  call.usageChunkAdded = true;
}
