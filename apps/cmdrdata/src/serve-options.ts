/** The options of `cmdrdata serve`: flags first, then the environment, then the default; all problems are said at once. */
import { apiKeyForm, CmdrdataError, isApiKey } from "@cmdrdata/protocol";

/** One row per option: its flag, its environment variable, its default. docs/configuration.md repeats it; a test compares. */
export const serveOptionTable = {
  data: { flag: "--data <folder>", env: "CMDRDATA_DATA", default: "./cmdrdata-data", text: "folder of the ledger" },
  host: { flag: "--host <address>", env: "CMDRDATA_HOST", default: "127.0.0.1", text: "address to listen on" },
  port: {
    flag: "--port <number>",
    env: "CMDRDATA_PORT",
    default: "8787",
    text: "port to listen on, 0 for any free one",
  },
  logLevel: {
    flag: "--log-level <level>",
    env: "CMDRDATA_LOG_LEVEL",
    default: "info",
    text: "fatal, error, warn, info, debug, trace or silent",
  },
} as const;

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export interface ServeConfig {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
  /** A key to make known at every start, with all scopes. */
  readonly bootstrapKey: string | undefined;
}

type Given = { readonly [K in keyof typeof serveOptionTable]?: string | undefined };
type Environment = Readonly<Record<string, string | undefined>>;

/** @throws CmdrdataError `CMDR_OPTIONS_INVALID` listing every problem; a key is never echoed */
export function resolveServeOptions(given: Given, env: Environment): ServeConfig {
  const problems: string[] = [];
  const value = (name: keyof typeof serveOptionTable): string => {
    const row = serveOptionTable[name];
    return given[name] ?? (env[row.env] || undefined) ?? row.default;
  };
  const port = Number(value("port"));
  if (!/^\d{1,5}$/.test(value("port")) || port > 65_535) {
    problems.push(`--port: expected a number from 0 to 65535, got ${JSON.stringify(value("port"))}`);
  }
  const logLevel = logLevels.find((level) => level === value("logLevel"));
  if (logLevel === undefined) {
    problems.push(`--log-level: expected one of ${logLevels.join(", ")}, got ${JSON.stringify(value("logLevel"))}`);
  }
  if (value("data").trim() === "") problems.push("--data: expected a folder, got an empty text");
  if (value("host").trim() === "") problems.push("--host: expected an address, got an empty text");
  const bootstrapKey = env["CMDRDATA_BOOTSTRAP_KEY"] || undefined;
  if (bootstrapKey !== undefined && !isApiKey(bootstrapKey)) {
    problems.push(
      `CMDRDATA_BOOTSTRAP_KEY: expected ${apiKeyForm}, got ${bootstrapKey.length} characters of another form`,
    );
  }
  if (problems.length > 0 || logLevel === undefined)
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", problems.join("; "));
  return { data: value("data"), host: value("host"), port, logLevel, bootstrapKey };
}
