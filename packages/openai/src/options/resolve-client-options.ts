/**
 * Completes and checks the options of a tracked client, and takes cmdrdata's off before the SDK sees them.
 *
 * Whatever was given and is wrong is one error with all problems. The environment is read here and nowhere else, when a
 * client is made. `withOptions` passes on what was given by a symbol, which the SDK copies along with its own options:
 * the new client has the same tracker, unless it is given another.
 */
import { CmdrdataError, customerIdProblem } from "@cmdrdata/protocol";
import {
  resolveTrackerOptions,
  sharedTracker,
  type Tracker,
  type TrackerOptions,
  trackerOptionProblems,
} from "@cmdrdata/tracker";
import type { ClientOptions } from "openai";

import type { IncludeUsage, TrackedClientOptions, TrackingOptions } from "./client-options.ts";
import { optionNameProblems, trackingOptionNames } from "./option-names.ts";

/** What a client runs on. */
export interface TrackingConfig {
  readonly tracker: Tracker;
  readonly customerId: string | undefined;
  readonly includeUsage: IncludeUsage;
}

export interface ResolvedOptions {
  readonly tracking: TrackingConfig;
  /** For the SDK's own constructor. */
  readonly sdkOptions: ClientOptions;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process; empty where there is none. */
export function readEnvironment(): Environment {
  return typeof process === "undefined" ? {} : process.env;
}

/** A function, so that printing a client does not print what it was given. */
const inherited: unique symbol = Symbol("cmdrdata.given") as never;
type Inheritable = TrackedClientOptions & { readonly [inherited]?: () => TrackingOptions };

/** @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists everything that is wrong */
export function resolveClientOptions(options: TrackedClientOptions, environment: Environment): ResolvedOptions {
  const given = withInherited(options);
  const trackerOptions = trackerOptionsOf(given, options.logger);
  const problems = [
    ...optionNameProblems(options),
    ...clientProblems(given),
    ...(isTracker(given.tracker) ? [] : trackerProblems(trackerOptions, environment)),
  ];
  if (problems.length > 0) {
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", `tracking options are not usable:\n- ${problems.join("\n- ")}`);
  }
  const tracker = isTracker(given.tracker)
    ? given.tracker
    : sharedTracker(resolveTrackerOptions(trackerOptions, environment));
  const tracking = { tracker, customerId: given.customerId, includeUsage: given.includeUsage ?? "auto" };
  return { tracking, sdkOptions: sdkOptionsOf(options, given) };
}

/** What is given now, over what the client was given that this one is made of. */
function withInherited(options: Inheritable): TrackingOptions {
  const own: Record<string, unknown> = {};
  for (const name of trackingOptionNames) if (options[name] !== undefined) own[name] = options[name];
  const { customerId, includeUsage, ...connection } = options[inherited]?.() ?? {};
  // Another tracker is another connection: nothing of the old one applies.
  return { customerId, includeUsage, ...("tracker" in own ? {} : connection), ...own };
}

/** The tracker logs where the client does, if the program says where that is, and it takes all levels. */
function trackerOptionsOf(given: TrackingOptions, logger: ClientOptions["logger"]): TrackerOptions {
  const { trackerKey, trackerEndpoint, trackerTimeout, tracker } = given;
  return {
    ...(isCompleteLogger(logger) ? { logger } : {}),
    ...(typeof tracker === "object" && !isTracker(tracker) ? tracker : {}),
    ...(trackerKey === undefined ? {} : { apiKey: trackerKey }),
    ...(trackerEndpoint === undefined ? {} : { endpoint: trackerEndpoint }),
    ...(trackerTimeout === undefined ? {} : { timeoutMs: trackerTimeout }),
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
  const { customerId, includeUsage, tracker } = given;
  const customerProblem = customerId === undefined ? undefined : customerIdProblem(customerId);
  if (customerProblem !== undefined) problems.push(`customerId: ${customerProblem.message}`);
  if (includeUsage !== undefined && !["auto", "always", "never"].includes(includeUsage)) {
    problems.push(`includeUsage: expected "auto", "always" or "never", got ${describe(includeUsage)}`);
  }
  if (tracker !== undefined && (typeof tracker !== "object" || tracker === null)) {
    problems.push(`tracker: expected a tracker or its options, got ${describe(tracker)}`);
  }
  for (const name of ["trackerKey", "trackerEndpoint", "trackerTimeout"] as const) {
    if (isTracker(tracker) && given[name] !== undefined) {
      problems.push(`${name}: the tracker that is given has its own; leave one of the two out`);
    }
  }
  return problems;
}

function isTracker(value: TrackingOptions["tracker"]): value is Tracker {
  const { capture, flush, shutdown } = (value ?? {}) as Partial<Tracker>;
  return [capture, flush, shutdown].every((method) => typeof method === "function");
}

function sdkOptionsOf(options: TrackedClientOptions, given: TrackingOptions): ClientOptions {
  const sdkOptions: Record<PropertyKey, unknown> = { ...options, [inherited]: () => given };
  for (const name of trackingOptionNames) delete sdkOptions[name];
  return sdkOptions;
}

function describe(value: unknown): string {
  return value === null ? "null" : typeof value;
}
