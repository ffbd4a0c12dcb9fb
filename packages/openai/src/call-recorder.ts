/**
 * What records the calls of one client, or of one `fetch`: joins the recorder, which makes events, with the tracker, which
 * delivers them, and with what is said to the program's log. Nothing here throws (D1).
 */
import type { SdkInfo, UsageEvent } from "@cmdrdata/protocol";
import type { LogContext } from "@cmdrdata/tracker";
import type { ClientOptions, OpenAI } from "openai";

import type { CallRecorder } from "./call.ts";
import { captureChecked, captureLater } from "./capture-event.ts";
import { loadTokenizer } from "./capture/estimate/tokenizer.ts";
import { createRecorder } from "./capture/recorder.ts";
import { type Clock, nextTurn } from "./clock.ts";
import { guardRecorder } from "./guard-recorder.ts";
import { createHostLookup, type Host, type HostKind } from "./hosts.ts";
import { followJobs } from "./job-tracking.ts";
import type { TrackingConfig } from "./options/resolve-client-options.ts";
import { openCallsOf } from "./open-calls.ts";
import { oncePerProcess } from "./process-state.ts";
import { sayWarning } from "./say-warning.ts";

/** The parts that all clients of one class share. */
export interface TrackingParts {
  readonly clock: Clock;
  readonly newId: (epochMs: number) => string;
  readonly sdk: SdkInfo;
  /** Whose API a host is taken for that nobody knows. */
  readonly unknownHost: HostKind;
  readonly schedule: (delayMs: number, callback: () => void) => () => void;
}

/** @param context - what is known of the call */
export type Warn = (name: string, message: string, context?: LogContext) => void;

interface RecorderParts {
  readonly config: TrackingConfig;
  readonly parts: TrackingParts;
  /** Where a request goes whose URL is not known yet. */
  readonly baseUrl: () => string;
  readonly warn: Warn;
}

interface ReadyRecorder {
  readonly recorder: CallRecorder;
  readonly hostOf: (url: string) => Host;
  /** Says that tracking has a bug, once per process. */
  readonly report: (bug: unknown) => void;
}

export function createCallRecorder({ config, parts, baseUrl, warn }: RecorderParts): ReadyRecorder {
  const { customerId, tracker } = config;
  const hostOf = createHostLookup(parts.unknownHost);
  const hostAt = (url: string | null): Host => hostOf(url ?? baseUrl());
  const report = (bug: unknown): void => warn("bug", `a call could not be tracked: ${describeBug(bug)}`);
  const capture = (event: UsageEvent): void => {
    captureChecked(tracker, event);
    warnOf(event, warn);
  };
  const openCalls = openCallsOf(tracker);
  const recorder = createRecorder({
    ...parts,
    customerId,
    baseUrl,
    hostOf,
    openCalls,
    capture,
    captureLater(fallback, complete, materialBytes) {
      captureLater(tracker, { fallback, complete, materialBytes, report });
      warnOf(fallback, warn);
    },
    setAside: (what) => warn("metadata", `a part of custom_metadata was left out of a call's labels: ${what}`),
    estimates: { loadTokenizer, nextTurn },
    follow: followJobs({ ...parts, ...config, capture, hostAt, report, warn }),
  });
  return { recorder: guardRecorder(recorder, report, openCalls.delete), hostOf, report };
}

/** What the engine says of an error may quote a value, which may be a prompt (C7): of those, only where it was thrown. */
function describeBug(bug: unknown): string {
  if (!(bug instanceof Error)) return typeof bug;
  const { message, name, stack = name } = bug;
  return engineErrors.has(name) ? stack.replace(message, "…") : stack;
}

const engineErrors: ReadonlySet<string> = new Set(["SyntaxError", "TypeError", "RangeError", "ReferenceError"]);

function warnOf(event: UsageEvent, warn: Warn): void {
  const context = { customer_id: event.customer_id, request_id: event.request.id, event_id: event.id };
  if (event.attribution_error !== null) {
    warn(
      "attribution",
      `a customer id could not be used, the call is recorded as nobody's: ${event.attribution_error}`,
      context,
    );
  } else if (event.customer_id === null) {
    warn(
      "unattributed",
      "a call named no customer; it is recorded as unattributed. Give customer_id with the call",
      context,
    );
  }
}

const levelsThatWarn: ReadonlySet<unknown> = new Set([undefined, "warn", "info", "debug"]);

/** Through the client's own logger, at its own level, each warning once per process. openai 4 has no logger of its own. */
export function createWarn(client: Partial<Pick<OpenAI, "logger" | "logLevel">>, given: ClientOptions["logger"]): Warn {
  return (name, message, context) => {
    if (!levelsThatWarn.has(client.logLevel)) return;
    oncePerProcess(name, () => sayWarning(client.logger ?? given ?? console, message, context));
  };
}
