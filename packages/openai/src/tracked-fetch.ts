/**
 * A `fetch` that reports what it is used for: for libraries that talk to the OpenAI API by themselves, or make a client
 * where nobody can give them one, but take a `fetch`.
 *
 * The program's library sees the same responses, and OpenAI the same requests, but for the tracking fields in a JSON body.
 * Nothing is asked for that the library does not ask for: a chat stream whose usage it leaves out is estimated. Every
 * `fetch` is one call: a library's retries are calls of their own. Calls of a tracked client through it count once.
 */
import { CmdrdataError } from "@cmdrdata/protocol";
import type { Logger, Tracker } from "@cmdrdata/tracker";

import { createCallRecorder, createWarn } from "./call-recorder.ts";
import { beginTrace } from "./call-tracing.ts";
import type { Call, CallRecorder } from "./call.ts";
import { type FetchRequest, readRequest } from "./hook/read-fetch-request.ts";
import { watchFetchResponse } from "./hook/watch-fetch-response.ts";
import type { TrackingOptions } from "./options/client-options.ts";
import { trackingOptionNames } from "./options/option-names.ts";
import { resolveClientOptions } from "./options/resolve-client-options.ts";
import { openAIState } from "./process-state.ts";
import type { Host } from "./hosts.ts";
import { type CallTrace, startTrace } from "./tracing/call-trace.ts";
import { partsOf, realSystem } from "./with-tracking.ts";

export type Fetch = typeof globalThis.fetch;

/** cmdrdata's own options, where they mean something for a `fetch`, and what it fetches with. */
export interface TrackedFetchOptions extends Omit<TrackingOptions, "includeUsage"> {
  /** Makes the requests. Default: the `fetch` of the runtime. */
  fetch?: Fetch | undefined;
  /** Where warnings go. Default: the console. */
  logger?: Logger | undefined;
}

/** A `fetch`, with the tracker that delivers its events. */
export type TrackedFetch = Fetch & { readonly tracker: Tracker };

/** Registered, so that a `fetch` made by one copy of this package is known to the other. */
const trackedFetchMark: unique symbol = Symbol.for("cmdrdata.fetch/1") as never;

/**
 * @returns a `fetch`: `createOpenAI({ fetch: trackedFetch() })`, `new ChatOpenAI({ configuration: { fetch: trackedFetch() } })`
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists every option that is wrong
 */
export function trackedFetch(options: TrackedFetchOptions = {}): TrackedFetch {
  const { fetch: given, logger, ...tracking } = options;
  refuseOthers(tracking, given);
  const { tracking: config } = resolveClientOptions({ logger, ...tracking }, realSystem.environment());
  const warn = createWarn({}, logger);
  const parts = partsOf(realSystem);
  const trace = (): CallTrace | null => (config.openTelemetry ? startTrace(parts.clock) : null);
  const recording = { ...createCallRecorder({ config, parts, baseUrl: () => "", warn }), trace };
  const trackedRequests = (openAIState().trackedRequests ??= new WeakSet());
  const send = untrackedFetch(given);
  const fetch: Fetch = (input, init) => {
    if (typeof init?.headers === "object" && trackedRequests.has(init.headers)) return send(input, init);
    const begun = begin(input, init, recording);
    if (begun === undefined) return send(input, init);
    const { call, request } = begun;
    const sendRequest = (): Promise<Response> => send(input, request.init);
    return (call.trace === null ? sendRequest() : call.trace.run(sendRequest)).then(
      (response) => {
        watch(response, call, recording);
        return response;
      },
      (error: unknown) => {
        recording.recorder.failed(call, error);
        throw error;
      },
    );
  };
  return Object.assign(fetch, { tracker: config.tracker, [trackedFetchMark]: send });
}

interface Recording {
  readonly recorder: CallRecorder;
  readonly hostOf: (url: string) => Host;
  readonly report: (bug: unknown) => void;
  /** Starts the trace of a call; `null` where there is none. */
  readonly trace: () => CallTrace | null;
}

/** @returns `undefined` for a request that is not recorded, and when it cannot be: then it goes out as it is */
function begin(
  input: string | URL | Request,
  init: RequestInit | undefined,
  { recorder, hostOf, report, trace }: Recording,
): { readonly call: Call; readonly request: FetchRequest } | undefined {
  try {
    const request = readRequest(input, init);
    if (request === undefined) return undefined;
    const call = recorder.start();
    call.trace = trace();
    recorder.begin(call, request.request);
    if (call.trace !== null) beginTrace(call, request.request, request.url, hostOf);
    recorder.attempt(call, request.url);
    if (call.streamedText !== null) call.streamedText.request = request.init?.body;
    return { call, request };
  } catch (bug) {
    report(bug);
    return undefined;
  }
}

function watch(response: Response, call: Call, { recorder, report }: Recording): void {
  if (call.endpoint === undefined) return;
  try {
    watchFetchResponse(response, call, recorder);
  } catch (bug) {
    report(bug);
  }
}

/** What is behind a tracked one: what is tracked twice counts once. */
function untrackedFetch(given: Fetch | undefined): Fetch {
  const behind = (given as { readonly [trackedFetchMark]?: Fetch } | undefined)?.[trackedFetchMark] ?? given;
  // As it is at that moment: a program may put another in its place.
  return behind ?? ((input, init) => globalThis.fetch(input, init));
}

function refuseOthers(options: object, fetch: unknown): void {
  const known: readonly string[] = trackingOptionNames.filter((name) => name !== "includeUsage");
  const problems = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => `${name}: unknown option; known are fetch, logger, ${known.join(", ")}`);
  if (fetch !== undefined && typeof fetch !== "function")
    problems.push(`fetch: expected a function, got ${typeof fetch}`);
  if (problems.length > 0) throw new CmdrdataError("CMDR_OPTIONS_INVALID", problems.join("; "));
}
