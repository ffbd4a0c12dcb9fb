/**
 * How commands ask a running collector: by its URL, with the key of the environment or of the data folder.
 *
 * Promise: the key goes to that collector only, and is never shown. What the collector refuses, or who else answers there,
 * becomes one error with a code.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { apiKeyForm, CmdrdataError, type ErrorCode, errorCodes, isApiKey } from "@cmdrdata/protocol";

import { serveOptionTable } from "./serve-options.ts";

/** Flags as they came. */
export interface CollectorFlags {
  readonly url?: string;
  readonly data?: string;
}

/** The part of `fetch` that is used. */
type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

export interface AskDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: Fetch;
}

/** `GET` by default. A `body` is sent as JSON. */
export interface Request {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

/**
 * @returns the text of the answer
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`, `CMDR_KEY_MISSING`, `CMDR_SERVER_UNREACHABLE`, `CMDR_REPLY_UNREADABLE`, or
 *   with the code the collector answered
 */
async function askCollector(request: Request, flags: CollectorFlags, deps: AskDeps): Promise<string> {
  const key = readKey(flags, deps.env);
  const url = urlOf(request, flags, deps.env);
  const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
  const headers = {
    authorization: `Bearer ${key}`,
    ...(request.body === undefined ? {} : { "content-type": "application/json" }),
  };
  const { response, text } = await answerOf(url, { method: request.method ?? "GET", headers, ...body }, deps.fetch);
  if (response.ok) return text;
  const { code, message } = refusalOf(text);
  throw new CmdrdataError(code, `the collector answered ${response.status}: ${message}`);
}

/** Like {@link askCollector}; @returns the answer's JSON object */
export async function askForJson<T>(request: Request, flags: CollectorFlags, deps: AskDeps): Promise<T> {
  const text = await askCollector(request, flags, deps);
  const value = parsedJson(text);
  if (typeof value === "object" && value !== null) return value as T;
  const message = `expected a JSON object, got ${JSON.stringify(text.slice(0, 80))}: is --url a collector's?`;
  throw new CmdrdataError("CMDR_REPLY_UNREADABLE", message);
}

function urlOf({ path, query = {} }: Request, flags: CollectorFlags, env: AskDeps["env"]): URL {
  const base = flags.url ?? (env["CMDRDATA_URL"] || undefined) ?? `http://127.0.0.1:${serveOptionTable.port.default}`;
  if (!isCollectorUrl(base)) {
    // A URL with a password in it is not shown.
    throw new CmdrdataError(
      "CMDR_OPTIONS_INVALID",
      `--url: expected a URL like http://127.0.0.1:8787, without user name and password, got ${base.includes("@") ? "another" : JSON.stringify(base)}`,
    );
  }
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

function isCollectorUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username + password === "";
}

/** The environment's key, else the first key in the data folder. There is no flag for it: a process list shows flags. */
function readKey(flags: CollectorFlags, env: AskDeps["env"]): string {
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

async function answerOf(url: URL, init: RequestInit, fetchNow: Fetch): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetchNow(url, { ...init, redirect: "error" });
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
  const error = (parsedJson(text) as { readonly error?: Partial<Refusal> } | null | undefined)?.error;
  const code = errorCodes.find((each) => each === error?.code);
  if (code !== undefined && typeof error?.message === "string") return { code, message: error.message };
  return { code: "CMDR_REPLY_UNREADABLE", message: JSON.stringify(text.slice(0, 200)) };
}

/** `undefined` for a text that is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
