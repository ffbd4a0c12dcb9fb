/** The options of `cmdrdata serve`: flags first, then the environment, then the default; all problems are said at once. */
import { isIP } from "node:net";

import { apiKeyForm, CmdrdataError, isApiKey } from "@cmdrdata/protocol";
import { connectionStringForm, isConnectionString } from "@cmdrdata/storage";

import type { CertificateFiles } from "./certificate.ts";
import { readConfigFile } from "./config-file.ts";

/** One row per option: its flag, its environment variable, its default. docs/configuration.md repeats it; a test compares. */
export const serveOptionTable = {
  config: {
    flag: "--config <file>",
    env: "CMDRDATA_CONFIG",
    default: "",
    text: "JSON file with any of these options by name; flags and environment go before it",
  },
  data: { flag: "--data <folder>", env: "CMDRDATA_DATA", default: "./cmdrdata-data", text: "folder of the ledger" },
  databaseUrl: {
    flag: "--database-url <url>",
    env: "DATABASE_URL",
    default: "",
    text: "PostgreSQL to keep the ledger on, instead of the folder",
  },
  retentionDays: {
    flag: "--retention-days <days>",
    env: "CMDRDATA_RETENTION_DAYS",
    default: "0",
    text: "days after which events are dropped, 0 for never; sums stay",
  },
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
  tlsCert: {
    flag: "--tls-cert <file>",
    env: "CMDRDATA_TLS_CERT",
    default: "none",
    text: "PEM certificate with its chain: speak TLS; read again on SIGHUP",
  },
  tlsKey: { flag: "--tls-key <file>", env: "CMDRDATA_TLS_KEY", default: "none", text: "PEM key of the certificate" },
  trustProxy: {
    flag: "--trust-proxy <addresses>",
    env: "CMDRDATA_TRUST_PROXY",
    default: "none",
    text: "addresses or CIDRs, with commas, whose X-Forwarded-For is believed",
  },
  authFailures: {
    flag: "--auth-failures <number>",
    env: "CMDRDATA_AUTH_FAILURES",
    default: "30",
    text: "failed authentications a minute from one address",
  },
  metricsTenants: {
    flag: "--metrics-tenants <number>",
    env: "CMDRDATA_METRICS_TENANTS",
    default: "0",
    text: "the most tenants that /metrics names",
  },
} as const;

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export interface ServeConfig {
  readonly data: string;
  /** PostgreSQL's, with its password; without one the ledger is in the folder. */
  readonly databaseUrl: string | undefined;
  /** `undefined` keeps events for ever. */
  readonly retentionDays: number | undefined;
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
  /** Files of a certificate and its key; plain HTTP without. */
  readonly tls: CertificateFiles | undefined;
  readonly trustProxy: false | readonly string[];
  readonly authFailuresPerMinute: number;
  readonly metricsTenants: number;
  /** A key to make known at every start, with all scopes. */
  readonly bootstrapKey: string | undefined;
}

type OptionName = keyof typeof serveOptionTable;
type Given = { readonly [K in OptionName]?: string | undefined };
type Environment = Readonly<Record<string, string | undefined>>;

/** @throws CmdrdataError `CMDR_OPTIONS_INVALID` listing every problem; a key is never echoed */
export function resolveServeOptions(given: Given, env: Environment): ServeConfig {
  const problems: string[] = [];
  const said = (name: OptionName): string | undefined => given[name] ?? (env[serveOptionTable[name].env] || undefined);
  const file = readConfigFile(said("config"), Object.keys(serveOptionTable), problems);
  const value = (name: OptionName): string => said(name) ?? file[name] ?? serveOptionTable[name].default;
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
  const databaseUrl = readDatabaseUrl(value("databaseUrl"), problems);
  const retentionDays = readRetentionDays(value("retentionDays"), problems);
  const bootstrapKey = readBootstrapKey(env, problems);
  const edge = readEdge(value, problems);
  if (problems.length > 0 || logLevel === undefined)
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", problems.join("; "));
  const ledger = { data: value("data"), databaseUrl, retentionDays };
  return { ...ledger, host: value("host"), port, logLevel, bootstrapKey, ...edge };
}

/** It holds a password, so that it is never shown. */
export function readDatabaseUrl(text: string, problems: string[]): string | undefined {
  if (text === "") return undefined;
  if (isConnectionString(text)) return text;
  problems.push(`--database-url: expected ${connectionStringForm}, got a text of another form`);
  return undefined;
}

function readBootstrapKey(env: Environment, problems: string[]): string | undefined {
  const key = env["CMDRDATA_BOOTSTRAP_KEY"] || undefined;
  if (key !== undefined && !isApiKey(key))
    problems.push(`CMDRDATA_BOOTSTRAP_KEY: expected ${apiKeyForm}, got ${key.length} characters of another form`);
  return key;
}

const mostDays = 36_500;

function readRetentionDays(text: string, problems: string[]): number | undefined {
  const days = Number(text);
  if (!/^\d{1,5}$/.test(text) || days > mostDays) {
    problems.push(`--retention-days: expected a number from 0 to ${mostDays}, got ${JSON.stringify(text)}`);
  }
  return days === 0 ? undefined : days;
}

type Value = (name: OptionName) => string;

/** What faces the network: TLS, proxies, limits, what is shown to anybody. */
type Edge = Pick<ServeConfig, "tls" | "trustProxy" | "authFailuresPerMinute" | "metricsTenants">;

function readEdge(value: Value, problems: string[]): Edge {
  const [cert, key] = [value("tlsCert"), value("tlsKey")];
  if ((cert === "none") !== (key === "none")) problems.push("--tls-cert, --tls-key: expected both or none of them");
  const proxies = value("trustProxy") === "none" ? [] : value("trustProxy").split(",");
  for (const proxy of proxies.map((each) => each.trim())) {
    if (isAddress(proxy)) continue;
    problems.push(`--trust-proxy: expected addresses or CIDRs, got ${JSON.stringify(proxy)}`);
  }
  const failures = value("authFailures");
  if (!/^[1-9]\d{0,5}$/.test(failures)) {
    problems.push(`--auth-failures: expected a number from 1 to 999999, got ${JSON.stringify(failures)}`);
  }
  const tenants = value("metricsTenants");
  if (!/^\d{1,4}$/.test(tenants)) {
    problems.push(`--metrics-tenants: expected a number from 0 to 9999, got ${JSON.stringify(tenants)}`);
  }
  return {
    tls: cert === "none" ? undefined : { cert, key },
    trustProxy: proxies.length === 0 ? false : proxies.map((each) => each.trim()),
    authFailuresPerMinute: Number(failures),
    metricsTenants: Number(tenants),
  };
}

/** An address, or one with the length of a network's prefix. */
function isAddress(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const most = isIP(address) === 4 ? 32 : 128;
  return (
    isIP(address) !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  );
}
