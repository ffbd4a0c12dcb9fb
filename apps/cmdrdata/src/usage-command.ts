/** `cmdrdata usage`: asks a running collector who used what, and prints a table, JSON or CSV. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { UsageReport } from "@cmdrdata/collector";
import { apiKeyForm, CmdrdataError, type ErrorCode, errorCodes, isApiKey } from "@cmdrdata/protocol";

import { serveOptionTable } from "./serve-options.ts";
import { usageTable } from "./usage-table.ts";

/** Flags as they came. */
export interface UsageFlags {
  readonly url?: string;
  readonly data?: string;
  readonly from?: string;
  readonly to?: string;
  readonly groupBy?: string;
  readonly interval?: string;
  readonly tz?: string;
  readonly format?: string;
}

/** The part of `fetch` that is used. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

export interface UsageCommandDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: Fetch;
}

const formats: readonly string[] = ["table", "json", "csv"];

/**
 * @returns the text to print
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`, `CMDR_KEY_MISSING`, `CMDR_SERVER_UNREACHABLE`, `CMDR_REPLY_UNREADABLE`, or
 *   with the code the collector answered
 */
export async function usageCommand(flags: UsageFlags, deps: UsageCommandDeps): Promise<string> {
  const format = flags.format ?? "table";
  if (!formats.includes(format)) {
    throw new CmdrdataError(
      "CMDR_OPTIONS_INVALID",
      `--format: expected one of ${formats.join(", ")}, got ${JSON.stringify(format)}`,
    );
  }
  const key = readKey(flags, deps.env);
  const text = await ask(usageUrl(flags, format, deps.env), key, deps.fetch);
  return format === "table" ? usageTable(readReport(text)) : text;
}

function usageUrl(flags: UsageFlags, format: string, env: UsageCommandDeps["env"]): URL {
  const base = flags.url ?? (env["CMDRDATA_URL"] || undefined) ?? `http://127.0.0.1:${serveOptionTable.port.default}`;
  if (!isCollectorUrl(base)) {
    // A URL with a password in it is not shown.
    throw new CmdrdataError(
      "CMDR_OPTIONS_INVALID",
      `--url: expected a URL like http://127.0.0.1:8787, without user name and password, got ${base.includes("@") ? "another" : JSON.stringify(base)}`,
    );
  }
  const url = new URL("/api/v1/usage", base);
  const parameters = {
    group_by: flags.groupBy ?? "customer_id,model",
    from: flags.from,
    to: flags.to,
    interval: flags.interval,
    tz: flags.tz,
    format: format === "csv" ? "csv" : undefined,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

function isCollectorUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username + password === "";
}

/** The environment's key, else the first key in the data folder. There is no flag for it: a process list shows flags. */
function readKey(flags: UsageFlags, env: UsageCommandDeps["env"]): string {
  const folder = flags.data ?? (env[serveOptionTable.data.env] || undefined) ?? serveOptionTable.data.default;
  const file = join(folder, "first-key");
  const key = (env["CMDRDATA_API_KEY"] || undefined) ?? readKeyFile(file);
  if (key === undefined) {
    throw new CmdrdataError(
      "CMDR_KEY_MISSING",
      `expected a key in CMDRDATA_API_KEY or in ${file}; set the one or point --data at the collector's folder`,
    );
  }
  if (!isApiKey(key))
    throw new CmdrdataError("CMDR_KEY_INVALID", `expected ${apiKeyForm}, got ${key.length} characters of another form`);
  return key;
}

function readKeyFile(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new CmdrdataError("CMDR_KEY_MISSING", `cannot read ${file} (${String(cause)}): set CMDRDATA_API_KEY`, {
      cause,
    });
  }
}

async function ask(url: URL, key: string, fetchNow: Fetch): Promise<string> {
  const { response, text } = await answerOf(url, key, fetchNow);
  if (response.ok) return text;
  const { code, message } = refusalOf(text);
  throw new CmdrdataError(code, `the collector answered ${response.status}: ${message}`);
}

async function answerOf(url: URL, key: string, fetchNow: Fetch): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetchNow(url, { headers: { authorization: `Bearer ${key}` }, redirect: "error" });
    return { response, text: await response.text() };
  } catch (cause) {
    throw new CmdrdataError(
      "CMDR_SERVER_UNREACHABLE",
      `no collector answers at ${url.origin}: start it with "cmdrdata serve", or give its --url`,
      { cause },
    );
  }
}

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** The collector's own code and message; whatever else answers there has neither. */
function refusalOf(text: string): Refusal {
  const error = (parsed(text) as { readonly error?: Partial<Refusal> } | null | undefined)?.error;
  const code = errorCodes.find((each) => each === error?.code);
  if (code !== undefined && typeof error?.message === "string") return { code, message: error.message };
  return { code: "CMDR_REPLY_UNREADABLE", message: JSON.stringify(text.slice(0, 200)) };
}

function readReport(text: string): UsageReport {
  const report = parsed(text) as Partial<UsageReport> | null | undefined;
  if (Array.isArray(report?.rows) && Array.isArray(report.group_by) && typeof report.total === "object") {
    return report as UsageReport;
  }
  const message = `expected a usage report, got ${JSON.stringify(text.slice(0, 80))}: is --url a collector's?`;
  throw new CmdrdataError("CMDR_REPLY_UNREADABLE", message);
}

/** `undefined` for a text that is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
