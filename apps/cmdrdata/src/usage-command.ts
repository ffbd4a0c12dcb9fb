/** `cmdrdata usage`: asks a running collector who used what, and prints a table, JSON or CSV. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { UsageReport } from "@cmdrdata/collector";
import { apiKeyForm, CmdrdataError, isApiKey } from "@cmdrdata/protocol";

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
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`, `CMDR_KEY_MISSING`, `CMDR_SERVER_UNREACHABLE`, or what the collector answered
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
  return format === "table" ? usageTable(JSON.parse(text) as UsageReport) : text;
}

function usageUrl(flags: UsageFlags, format: string, env: UsageCommandDeps["env"]): URL {
  const base = flags.url ?? env["CMDRDATA_URL"] ?? `http://127.0.0.1:${serveOptionTable.port.default}`;
  if (!URL.canParse(base)) {
    throw new CmdrdataError(
      "CMDR_OPTIONS_INVALID",
      `--url: expected a URL like http://127.0.0.1:8787, got ${JSON.stringify(base)}`,
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

/** The environment's key, else the first key in the data folder. There is no flag for it: a process list shows flags. */
function readKey(flags: UsageFlags, env: UsageCommandDeps["env"]): string {
  const folder = flags.data ?? env[serveOptionTable.data.env] ?? serveOptionTable.data.default;
  const file = join(folder, "first-key");
  const key = env["CMDRDATA_API_KEY"] ?? (existsSync(file) ? readFileSync(file, "utf8").trim() : undefined);
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

async function ask(url: URL, key: string, fetchNow: Fetch): Promise<string> {
  let response: Response;
  try {
    response = await fetchNow(url, { headers: { authorization: `Bearer ${key}` }, redirect: "error" });
  } catch (cause) {
    throw new CmdrdataError(
      "CMDR_SERVER_UNREACHABLE",
      `no collector answers at ${url.origin}: start it with "cmdrdata serve", or give its --url`,
      { cause },
    );
  }
  const text = await response.text();
  if (response.ok) return text;
  throw new CmdrdataError("CMDR_QUERY_INVALID", `the collector answered ${response.status}: ${messageOf(text)}`);
}

function messageOf(text: string): string {
  try {
    const body = JSON.parse(text) as { readonly error?: { readonly code?: string; readonly message?: string } };
    return body.error?.message ?? text.slice(0, 200);
  } catch {
    return text.slice(0, 200);
  }
}
