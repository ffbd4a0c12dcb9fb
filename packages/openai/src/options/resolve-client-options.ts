/**
 * Completes and checks the options of a tracked client, and takes cmdrdata's off before the SDK sees them.
 *
 * Whatever was given and is wrong is one error with all problems. The environment is read here and nowhere else, when a
 * client is made. What was given is kept for `withOptions`: the new client has the same tracker, unless it is given
 * another.
 */
import { CmdrdataError, customerIdProblem } from "@cmdrdata/protocol";
import {
  logLevels,
  resolveTrackerOptions,
  sharedTracker,
  type Tracker,
  type TrackerOptions,
  trackerOptionProblems,
} from "@cmdrdata/tracker";
import type { ClientOptions } from "openai";

import type { AttributionStore } from "../attribution-store.ts";
import { copyWithout } from "../copy-without.ts";
import type { IncludeUsage, TrackedClientOptions, TrackingOptions } from "./client-options.ts";
import { optionNameProblems, trackingOptionNames } from "./option-names.ts";

/** What a client runs on. */
export interface TrackingConfig {
  readonly tracker: Tracker;
  readonly customerId: string | undefined;
  readonly includeUsage: IncludeUsage;
  /** Where the program wants the client to log. */
  readonly logger: ClientOptions["logger"];
  readonly attributionStore: AttributionStore | undefined;
  readonly openTelemetry: boolean;
}

export interface ResolvedOptions {
  readonly tracking: TrackingConfig;
  /** What the program said itself, for {@link passOn}. */
  readonly given: TrackingOptions;
  /** For the SDK's own constructor. */
  readonly sdkOptions: ClientOptions;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process; empty where there is none. */
export function readEnvironment(): Environment {
  const { process: own } = globalThis as { readonly process?: { readonly env?: Environment } };
  return own?.env ?? {};
}

/**
 * @param otherProblems - found by the caller, for the same list
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists everything that is wrong
 */
export function resolveClientOptions(
  options: TrackedClientOptions,
  environment: Environment,
  otherProblems: readonly string[] = [],
): ResolvedOptions {
  const given = givenIn(options);
  const trackerOptions = trackerOptionsOf(given, options);
  const problems = [
    ...otherProblems,
    ...optionNameProblems(options),
    ...clientProblems(given),
    ...openTelemetryProblems(given, environment),
    ...(isTracker(given.tracker) ? [] : trackerProblems(trackerOptions, environment)),
  ];
  if (problems.length > 0) {
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", `tracking options are not usable:\n- ${problems.join("\n- ")}`);
  }
  const tracker = isTracker(given.tracker)
    ? given.tracker
    : sharedTracker(resolveTrackerOptions(trackerOptions, environment));
  const { customerId, includeUsage = "auto", attributionStore } = given;
  const { logger } = options;
  const openTelemetry = given.openTelemetry ?? environment[openTelemetryVariable] !== "off";
  const tracking = { tracker, customerId, includeUsage, attributionStore, openTelemetry, logger };
  return { tracking, given, sdkOptions: sdkOptionsOf(options) };
}

/** Options for a client that is made of another: what is given now, over what the other was given. */
export function passOn(other: TrackingOptions, options: Partial<TrackedClientOptions>): Partial<TrackedClientOptions> {
  const { customerId, includeUsage, attributionStore, openTelemetry, ...connection } = other;
  const now = givenIn(options);
  // Another tracker is another connection: nothing of the old one applies.
  const kept = { customerId, includeUsage, attributionStore, openTelemetry };
  return { ...options, ...kept, ...("tracker" in now ? {} : connection), ...now };
}

function givenIn(options: TrackingOptions): TrackingOptions {
  const given: Record<string, unknown> = {};
  for (const name of trackingOptionNames) if (options[name] !== undefined) given[name] = options[name];
  return given;
}

/** The tracker logs where and at what level the client does, if the program says so, and the logger takes all levels. */
function trackerOptionsOf(given: TrackingOptions, { logger, logLevel }: ClientOptions): TrackerOptions {
  const { trackerKey, trackerEndpoint, trackerTimeout, tracker, waitUntil } = given;
  return {
    ...(isCompleteLogger(logger) ? { logger } : {}),
    ...(logLevels.some((level) => level === logLevel) ? { logLevel } : {}),
    ...(typeof tracker === "object" && !isTracker(tracker) ? tracker : {}),
    ...(trackerKey === undefined ? {} : { apiKey: trackerKey }),
    ...(trackerEndpoint === undefined ? {} : { endpoint: trackerEndpoint }),
    ...(trackerTimeout === undefined ? {} : { timeoutMs: trackerTimeout }),
    ...(waitUntil === undefined ? {} : { waitUntil }),
  };
}

function isCompleteLogger(logger: ClientOptions["logger"]): logger is NonNullable<typeof logger> {
  const { debug, info, warn, error } = logger ?? ({} as Partial<NonNullable<typeof logger>>);
  return [debug, info, warn, error].every((method) => typeof method === "function");
}

/** The tracker's own words, under the names that the options have here. */
function trackerProblems(options: TrackerOptions, environment: Environment): string[] {
  const names = { apiKey: "trackerKey", endpoint: "trackerEndpoint", timeoutMs: "trackerTimeout" };
  return trackerOptionProblems(options, environment).map((problem) =>
    problem.replace(/^(apiKey|endpoint|timeoutMs)\b/, (name) => names[name as keyof typeof names]),
  );
}

function clientProblems(given: TrackingOptions): string[] {
  const problems: string[] = [];
  const { customerId, includeUsage, tracker, attributionStore } = given;
  const customerProblem = customerId === undefined ? undefined : customerIdProblem(customerId);
  if (customerProblem !== undefined) problems.push(`customerId: ${customerProblem.message}`);
  if (includeUsage !== undefined && !["auto", "always", "never"].includes(includeUsage)) {
    problems.push(`includeUsage: expected "auto", "always" or "never", got ${describe(includeUsage)}`);
  }
  if (tracker !== undefined && (typeof tracker !== "object" || tracker === null)) {
    problems.push(`tracker: expected a tracker or its options, got ${describe(tracker)}`);
  }
  problems.push(...storeProblems(attributionStore));
  for (const name of ["trackerKey", "trackerEndpoint", "trackerTimeout", "waitUntil"] as const) {
    if (isTracker(tracker) && given[name] !== undefined) {
      problems.push(`${name}: the tracker that is given has its own; leave one of the two out`);
    }
  }
  return problems;
}

function storeProblems(store: TrackingOptions["attributionStore"]): string[] {
  if (store === undefined) return [];
  const { get, set } = (store ?? {}) as Partial<AttributionStore>;
  if (typeof get === "function" && typeof set === "function") return [];
  return [`attributionStore: expected an object with get(id) and set(id, record), got ${describe(store)}`];
}

const openTelemetryVariable = "CMDRDATA_OPEN_TELEMETRY";

function openTelemetryProblems({ openTelemetry }: TrackingOptions, environment: Environment): string[] {
  if (openTelemetry !== undefined && typeof openTelemetry !== "boolean") {
    return [`openTelemetry: expected true or false, got ${describe(openTelemetry)}`];
  }
  const fine = openTelemetry !== undefined || ["on", "off", "", undefined].includes(environment[openTelemetryVariable]);
  return fine ? [] : [`${openTelemetryVariable}: expected on or off`];
}

function isTracker(value: TrackingOptions["tracker"]): value is Tracker {
  const { capture, flush, shutdown } = (value ?? {}) as Partial<Tracker>;
  return [capture, flush, shutdown].every((method) => typeof method === "function");
}

/** The very object where there is nothing to take off: it may be of a class, with getters. */
function sdkOptionsOf(options: TrackedClientOptions): ClientOptions {
  return trackingOptionNames.some((name) => Object.hasOwn(options, name))
    ? copyWithout(options, trackingOptionNames)
    : options;
}

function describe(value: unknown): string {
  return value === null ? "null" : typeof value;
}
