/**
 * The tracking of one client: joins the hook, which knows the SDK, with the recorder, which makes events, and the
 * tracker, which delivers them. Nothing here throws into the client, or makes it wait (D1).
 */
import type { SdkInfo, UsageEvent } from "@cmdrdata/protocol";
import { safeLogger } from "@cmdrdata/tracker";
import type { APIPromise, ClientOptions, OpenAI } from "openai";

import type { Call, CallRecorder, SdkRequest } from "./call.ts";
import { captureLater } from "./capture-later.ts";
import { loadTokenizer } from "./capture/estimate/tokenizer.ts";
import { createRecorder } from "./capture/recorder.ts";
import { type Clock, nextTurn } from "./clock.ts";
import { guardRecorder } from "./guard-recorder.ts";
import { addIncludeUsage } from "./hook/include-usage.ts";
import { watchHolder } from "./hook/lost-calls.ts";
import { watchPromise } from "./hook/watch-promise.ts";
import { createHostLookup, type Host, type HostKind, providerOf } from "./hosts.ts";
import { followJobs } from "./job-tracking.ts";
import type { TrackingConfig } from "./options/resolve-client-options.ts";
import { oncePerProcess } from "./process-state.ts";
import { replaceBody } from "./replace-body.ts";

/** The parts that all clients of one class share. */
export interface TrackingParts {
  readonly clock: Clock;
  readonly newId: (epochMs: number) => string;
  readonly sdk: SdkInfo;
  /** Whose API a host is taken for that nobody knows. */
  readonly unknownHost: HostKind;
  readonly schedule: (delayMs: number, callback: () => void) => () => void;
}

export interface ClientTracking {
  /** Watches a call. @returns the promise that `send` made */
  request<Result extends APIPromise<unknown>>(options: SdkRequest | Promise<SdkRequest>, send: () => Result): Result;
  /** An attempt of a watched call is about to go out. May add to its body. */
  attempt(request: RequestInit, url: string, options: SdkRequest): void;
}

export function createClientTracking(client: OpenAI, config: TrackingConfig, parts: TrackingParts): ClientTracking {
  const hostOf = createHostLookup(parts.unknownHost);
  const warn = createWarn(client, config.logger);
  const report = (bug: unknown): void =>
    warn("bug", `a call could not be tracked: ${bug instanceof Error ? bug.stack : typeof bug}`);
  const recorder = guardRecorder(recorderOf({ client, config, parts, hostOf, warn, report }), report);
  // By the options object: the SDK passes the same one to every attempt.
  const calls = new WeakMap<SdkRequest, Call>();
  return {
    request(options, send) {
      const call = recorder.start();
      link(options, call, { calls, recorder });
      return watchPromise(send(), call, recorder);
    },
    attempt(request, url, options) {
      const call = calls.get(options);
      if (call === undefined) return;
      try {
        recorder.attempt(call, url);
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
}

interface RecorderParts {
  readonly client: OpenAI;
  readonly config: TrackingConfig;
  readonly parts: TrackingParts;
  readonly hostOf: (url: string) => Host;
  readonly warn: Warn;
  readonly report: (bug: unknown) => void;
}

function recorderOf({ client, config, parts, hostOf, warn, report }: RecorderParts): CallRecorder {
  const { customerId, tracker } = config;
  const baseUrl = (): string => client.baseURL;
  const providerAt = (url: string | null): string => providerOf(hostOf(url ?? baseUrl()));
  const capture = (event: UsageEvent): void => {
    tracker.capture(event);
    warnOf(event, warn);
  };
  return createRecorder({
    ...parts,
    customerId,
    baseUrl,
    hostOf,
    capture,
    captureLater(fallback, complete, materialBytes) {
      captureLater(tracker, { fallback, complete, materialBytes, report });
      warnOf(fallback, warn);
    },
    estimates: { loadTokenizer, nextTurn },
    follow: followJobs({ ...parts, ...config, capture, providerAt, warn }),
  });
}

/** A program that awaits its call has done so by now. */
function watchUnawaited(call: Call, recorder: CallRecorder): void {
  if (call.holder === "promise" && call.promise !== undefined) {
    watchHolder(call.promise, { call, holder: "promise", recorder });
  }
  call.promise = undefined;
}

interface CallLinks {
  readonly calls: WeakMap<SdkRequest, Call>;
  readonly recorder: CallRecorder;
}

/** Ties the call to its options, once they are known: before the SDK itself goes on with them. */
function link(options: SdkRequest | Promise<SdkRequest>, call: Call, links: CallLinks): void {
  if (typeof options !== "object" || options === null) return;
  if (isThenable(options)) {
    // The SDK tells the program what failed.
    const ignore = (): void => {};
    void Promise.resolve(options).then((request) => link(request, call, links), ignore);
    return;
  }
  links.calls.set(options, call);
  links.recorder.begin(call, options);
}

/** The SDK awaits the options, so that anything with a `then` is a promise of them. */
function isThenable(options: object): options is PromiseLike<SdkRequest> {
  return typeof (options as Partial<PromiseLike<SdkRequest>>).then === "function";
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

type Warn = (name: string, message: string) => void;

function warnOf(event: UsageEvent, warn: Warn): void {
  if (event.attribution_error !== null) {
    warn(
      "attribution",
      `a customer id could not be used, the call is recorded as nobody's: ${event.attribution_error}`,
    );
  } else if (event.customer_id === null) {
    warn("unattributed", "a call named no customer; it is recorded as unattributed. Give customer_id with the call");
  }
}

const levelsThatWarn: ReadonlySet<unknown> = new Set([undefined, "warn", "info", "debug"]);

/** Through the client's own logger, at its own level, each warning once per process. openai 4 has no logger of its own. */
function createWarn(client: Partial<OpenAI>, given: ClientOptions["logger"]): Warn {
  return (name, message) => {
    if (!levelsThatWarn.has(client.logLevel)) return;
    oncePerProcess(name, () => safeLogger(client.logger ?? given ?? console).warn(`cmdrdata: ${message}`));
  };
}
