/**
 * The tracker's options: one table of names, defaults and ranges; resolved once, checked whole, then frozen.
 *
 * An explicit option goes before the environment, that before the default; an explicit `undefined` is no option. All
 * problems are said at once; nothing is clamped in silence; a key is never repeated.
 */
import { apiKeyForm, CmdrdataError, isApiKey } from "@cmdrdata/protocol";

import { endpointProblem } from "./endpoint-policy.ts";
import { hookNames, type TrackerHooks } from "./hooks.ts";
import type { WaitUntil } from "./keep-awake.ts";
import { defaultSpoolDir } from "./spool/default-folder.ts";
import { type LogLevel, logLevels } from "./log.ts";
import { jsonLogger, type Logger } from "./logger.ts";
import { allowsInsecureHttp, type SecurityOptions, securityProblems, trustedAuthorities } from "./security-options.ts";

interface NumberOption {
  readonly env: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/** The options that are numbers. docs/configuration.md repeats the table; a test compares. */
export const numberOptions: Readonly<Record<NumberOptionName, NumberOption>> = {
  timeoutMs: { env: "CMDRDATA_TIMEOUT_MS", default: 10_000, min: 100, max: 300_000 },
  queueEvents: { env: "CMDRDATA_QUEUE_EVENTS", default: 10_000, min: 1, max: 1_000_000 },
  queueBytes: { env: "CMDRDATA_QUEUE_BYTES", default: 16_777_216, min: 65_536, max: 1_073_741_824 },
  batchEvents: { env: "CMDRDATA_BATCH_EVENTS", default: 1_000, min: 1, max: 1_000 },
  flushAt: { env: "CMDRDATA_FLUSH_AT", default: 1_000, min: 1, max: 1_000 },
  batchBytes: { env: "CMDRDATA_BATCH_BYTES", default: 2_097_152, min: 1_024, max: 5_242_880 },
  flushAfterMs: { env: "CMDRDATA_FLUSH_AFTER_MS", default: 1_000, min: 1, max: 60_000 },
  flushTimeoutMs: { env: "CMDRDATA_FLUSH_TIMEOUT_MS", default: 10_000, min: 1, max: 600_000 },
  retryBaseMs: { env: "CMDRDATA_RETRY_BASE_MS", default: 500, min: 1, max: 60_000 },
  retryCapMs: { env: "CMDRDATA_RETRY_CAP_MS", default: 30_000, min: 1, max: 600_000 },
  retryForMs: { env: "CMDRDATA_RETRY_FOR_MS", default: 600_000, min: 0, max: 86_400_000 },
  exitFlushMs: { env: "CMDRDATA_EXIT_FLUSH_MS", default: 5_000, min: 0, max: 600_000 },
  spoolBytes: { env: "CMDRDATA_SPOOL_BYTES", default: 67_108_864, min: 65_536, max: 10_737_418_240 },
};

type NumberOptionName =
  | "timeoutMs"
  | "queueEvents"
  | "queueBytes"
  | "batchEvents"
  | "flushAt"
  | "batchBytes"
  | "flushAfterMs"
  | "flushTimeoutMs"
  | "retryBaseMs"
  | "retryCapMs"
  | "retryForMs"
  | "exitFlushMs"
  | "spoolBytes";

/**
 * What events outlive: `memory` nothing, `exit` every end that the process itself notices, `crash` also one that it does
 * not notice (SIGKILL).
 */
export type Durability = "memory" | "exit" | "crash";

const durabilities: readonly Durability[] = ["memory", "exit", "crash"];

/** Where events go by default: the collector on this machine, so that a forgotten setting sends nobody's data away. */
export const defaultEndpoint = "http://127.0.0.1:8787/api/events";

/** What a user may set. Times in milliseconds, sizes in bytes; ranges and defaults in `docs/configuration.md`. */
export type TrackerOptions = { readonly [N in NumberOptionName]?: number | undefined } & TrackerHooks & {
    /** The collector's key, `tk-…`; else `CMDRDATA_API_KEY`; without one events are held, and a warning is given. */
    readonly apiKey?: string | undefined;
    /** URL of the collector's `/api/events`; else `CMDRDATA_ENDPOINT`. */
    readonly endpoint?: string | undefined;
    /** Handed a promise of the delivery of each event, for a runtime that stops when it has answered: see docs/serverless.md. */
    readonly waitUntil?: WaitUntil | undefined;
    readonly security?: SecurityOptions | undefined;
    /** Where to log: shaped like `console` or like pino; else one JSON object per line on stderr. */
    readonly logger?: Logger | undefined;
    /** Else `CMDRDATA_DURABILITY`; by default `exit`. */
    readonly durability?: Durability | undefined;
    /** Folder of what outlives this process; else `CMDRDATA_SPOOL_DIR`; by default below the user's folder for state. */
    readonly spoolDir?: string | undefined;
    /** A name for those who share a spool though endpoint or key differ, as while keys change; else `CMDRDATA_SPOOL_GROUP`. */
    readonly spoolGroup?: string | undefined;
    /** Lines of lesser weight are not written; else `CMDRDATA_TRACKER_LOG_LEVEL`, else `info`. */
    readonly logLevel?: LogLevel | undefined;
  };

/** What the tracker runs on: complete, checked, frozen. */
export type TrackerConfig = Readonly<Record<NumberOptionName, number>> & {
  readonly apiKey: string | undefined;
  readonly endpoint: string;
  /** The authorities that may vouch for the endpoint; `undefined`: those that the runtime trusts. */
  readonly ca: readonly string[] | undefined;
  readonly waitUntil: WaitUntil | undefined;
  readonly logger: Logger;
  readonly durability: Durability;
  /** `undefined` where the environment names no folder of the user's: then there is no spool. */
  readonly spoolDir: string | undefined;
  readonly spoolGroup: string | undefined;
  readonly logLevel: LogLevel;
  readonly hooks: TrackerHooks;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws CmdrdataError `CMDR_OPTIONS_INVALID` listing every problem */
export function resolveTrackerOptions(options: TrackerOptions, env: Environment): TrackerConfig {
  const problems = trackerOptionProblems(options, env);
  if (problems.length > 0) throw new CmdrdataError("CMDR_OPTIONS_INVALID", problems.join("; "));
  const numbers = Object.fromEntries(
    numberOptionNames.map((name) => [name, options[name] ?? numberFrom(env, name) ?? numberOptions[name].default]),
  ) as Record<NumberOptionName, number>;
  return Object.freeze({
    ...numbers,
    apiKey: options.apiKey ?? textFrom(env, "CMDRDATA_API_KEY"),
    endpoint: options.endpoint ?? textFrom(env, "CMDRDATA_ENDPOINT") ?? defaultEndpoint,
    ca: trustedAuthorities(options.security, env),
    waitUntil: options.waitUntil,
    logger: options.logger ?? jsonLogger,
    ...spoolOptions(options, env),
    logLevel: options.logLevel ?? (textFrom(env, logLevelVariable) as LogLevel | undefined) ?? "info",
    hooks: { onDrop: options.onDrop, onError: options.onError, onDelivered: options.onDelivered },
  });
}

function spoolOptions(
  options: TrackerOptions,
  env: Environment,
): Pick<TrackerConfig, "durability" | "spoolDir" | "spoolGroup"> {
  return {
    durability: options.durability ?? (textFrom(env, "CMDRDATA_DURABILITY") as Durability | undefined) ?? "exit",
    spoolDir: options.spoolDir ?? textFrom(env, "CMDRDATA_SPOOL_DIR") ?? defaultSpoolDir(env),
    spoolGroup: options.spoolGroup ?? textFrom(env, "CMDRDATA_SPOOL_GROUP"),
  };
}

/** What is wrong with the options, and with the environment where it is used; empty when nothing is. */
export function trackerOptionProblems(options: object, env: Environment): string[] {
  const given = options as Readonly<Record<string, unknown>>;
  return [
    ...Object.keys(given)
      .filter((name) => !knownNames.has(name))
      .map((name) => `${name.slice(0, 64)}: unknown option; expected one of ${[...knownNames].join(", ")}`),
    ...keyProblems(given["apiKey"], env),
    ...endpointProblems(given, env),
    ...numberOptionNames.flatMap((name) => numberProblems(name, given[name], env)),
    ...securityProblems(given["security"], env),
    ...waitUntilProblems(given["waitUntil"]),
    ...loggerProblems(given["logger"]),
    ...durabilityProblems(given["durability"], env),
    ...textProblems("spoolDir", given["spoolDir"]),
    ...textProblems("spoolGroup", given["spoolGroup"]),
    ...logLevelProblems(given["logLevel"], env),
    ...hookNames
      .filter((name) => !["function", "undefined"].includes(typeof given[name]))
      .map((name) => `${name}: expected a function, got a ${typeof given[name]}`),
  ];
}

const numberOptionNames = Object.keys(numberOptions) as NumberOptionName[];
const knownNames: ReadonlySet<string> = new Set([
  "apiKey",
  "endpoint",
  "security",
  "logger",
  "waitUntil",
  "durability",
  "spoolDir",
  "spoolGroup",
  "logLevel",
  ...hookNames,
  ...numberOptionNames,
]);

function textFrom(env: Environment, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

function numberFrom(env: Environment, name: NumberOptionName): number | undefined {
  const text = textFrom(env, numberOptions[name].env);
  return text === undefined ? undefined : Number(text);
}

function keyProblems(given: unknown, env: Environment): string[] {
  const key = given === undefined ? textFrom(env, "CMDRDATA_API_KEY") : given;
  if (key === undefined || isApiKey(key)) return [];
  const came = typeof key === "string" ? `${key.length} characters of another form` : `a ${typeof key}`;
  return [`${given === undefined ? "CMDRDATA_API_KEY" : "apiKey"}: expected ${apiKeyForm}, got ${came}`];
}

function endpointProblems(given: Readonly<Record<string, unknown>>, env: Environment): string[] {
  const fromEnv = given["endpoint"] === undefined;
  const endpoint = fromEnv ? (textFrom(env, "CMDRDATA_ENDPOINT") ?? defaultEndpoint) : given["endpoint"];
  const name = fromEnv ? "CMDRDATA_ENDPOINT" : "endpoint";
  if (typeof endpoint !== "string") return [`${name}: expected a URL, got a ${typeof endpoint}`];
  const problem = endpointProblem(endpoint, allowsInsecureHttp(given["security"], env));
  return problem === undefined ? [] : [`${name}: ${problem}`];
}

function numberProblems(name: NumberOptionName, given: unknown, env: Environment): string[] {
  const { min, max, env: envName } = numberOptions[name];
  const value = given === undefined ? numberFrom(env, name) : given;
  if (value === undefined) return [];
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return [];
  const came =
    given === undefined ? shown(env[envName] ?? "") : typeof given === "number" ? String(given) : `a ${typeof given}`;
  return [`${given === undefined ? envName : name}: expected an integer from ${min} to ${max}, got ${came}`];
}

function durabilityProblems(given: unknown, env: Environment): string[] {
  const value = given === undefined ? textFrom(env, "CMDRDATA_DURABILITY") : given;
  if (value === undefined || durabilities.some((each) => each === value)) return [];
  const came = typeof value === "string" ? "another text" : `a ${typeof value}`;
  return [`${given === undefined ? "CMDRDATA_DURABILITY" : "durability"}: expected memory, exit or crash, got ${came}`];
}

function textProblems(name: string, given: unknown): string[] {
  if (given === undefined || (typeof given === "string" && given !== "" && !given.includes("\0"))) return [];
  return [
    `${name}: expected a text that is not empty, got ${typeof given === "string" ? "another" : `a ${typeof given}`}`,
  ];
}

function waitUntilProblems(given: unknown): string[] {
  if (given === undefined || typeof given === "function") return [];
  return [`waitUntil: expected a function that takes a promise, got ${describe(given)}`];
}

/** What is as short as a mistyped number is no secret that was set in the wrong place. */
function shown(text: string): string {
  return text.length <= 12 ? JSON.stringify(text) : `${text.length} characters`;
}

function describe(given: unknown): string {
  if (given === null) return "null";
  return typeof given === "object" ? "an object" : `a ${typeof given}`;
}

const logLevelVariable = "CMDRDATA_TRACKER_LOG_LEVEL";

function logLevelProblems(given: unknown, env: Environment): string[] {
  const level = given === undefined ? textFrom(env, logLevelVariable) : given;
  if (level === undefined || (logLevels as readonly unknown[]).includes(level)) return [];
  return [`${given === undefined ? logLevelVariable : "logLevel"}: expected one of ${logLevels.join(", ")}`];
}

function loggerProblems(given: unknown): string[] {
  if (given === undefined) return [];
  const methods = ["debug", "info", "warn", "error"] as const;
  const fine =
    typeof given === "object" &&
    given !== null &&
    methods.every((method) => typeof (given as Readonly<Record<string, unknown>>)[method] === "function");
  return fine ? [] : [`logger: expected an object with ${methods.join(", ")}, like console`];
}
