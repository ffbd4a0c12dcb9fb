/**
 * The command line's hand on a running collector: the client that is made of its OpenAPI document, with where the collector
 * is and which key to use.
 *
 * Promise: an answer that is no 200 is a `CmdrdataError` with the collector's own code; a key is never shown.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { apiKeyForm, CmdrdataError, type ErrorCode, errorCodes, isApiKey } from "@cmdrdata/protocol";
import createClient, { type Client } from "openapi-fetch";

import { serveOptionTable } from "../serve-options.ts";
import type { paths } from "./api.generated.ts";

/** Flags that every command has that asks a collector. */
export interface ClientFlags {
  readonly url?: string;
  readonly data?: string;
}

/** The part of `fetch` that is used. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

export interface ClientDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: Fetch;
}

export type CollectorClient = Client<paths>;

/**
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`, `CMDR_KEY_MISSING` or `CMDR_KEY_INVALID`; its calls
 *   `CMDR_SERVER_UNREACHABLE`, `CMDR_REPLY_UNREADABLE`, or with the code the collector answered
 */
export function createCollectorClient(flags: ClientFlags, { env, fetch: fetchNow }: ClientDeps): CollectorClient {
  const key = readKey(flags, env);
  return createClient<paths>({
    baseUrl: baseUrlOf(flags, env),
    headers: { authorization: `Bearer ${key}` },
    fetch: async (request) => {
      const response = await answerOf(request, fetchNow);
      if (response.ok && new URL(request.url).pathname === "/api/v1/export") return response;
      const text = await textOf(response, request);
      if (response.ok) return new Response(text, { status: response.status });
      const { code, message } = refusalOf(text);
      throw new CmdrdataError(code, `the collector answered ${response.status}: ${message}`);
    },
  });
}

/** An object's fields that are given: openapi-fetch's types have no `undefined`. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** A call's answer, where one is due: what is no JSON is no collector's. */
export async function answered<Data>(call: Promise<{ readonly data?: Data }>): Promise<NonNullable<Data>> {
  try {
    const { data } = await call;
    if (data !== undefined && data !== null) return data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CmdrdataError("CMDR_REPLY_UNREADABLE", "expected an answer in JSON: is --url a collector's?");
}

function baseUrlOf(flags: ClientFlags, env: ClientDeps["env"]): string {
  const base = flags.url ?? (env["CMDRDATA_URL"] || undefined) ?? `http://127.0.0.1:${serveOptionTable.port.default}`;
  if (isCollectorUrl(base)) return new URL(base).origin;
  // A URL with a password in it is not shown.
  throw new CmdrdataError(
    "CMDR_OPTIONS_INVALID",
    `--url: expected a URL like http://127.0.0.1:8787, without user name and password, got ${base.includes("@") ? "another" : JSON.stringify(base)}`,
  );
}

function isCollectorUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username + password === "";
}

/** The environment's key, else the first key in the data folder. There is no flag for it: a process list shows flags. */
function readKey(flags: ClientFlags, env: ClientDeps["env"]): string {
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

async function answerOf(request: Request, fetchNow: Fetch): Promise<Response> {
  const body = await request.text();
  const { method, headers } = request;
  try {
    const init = { method, headers, redirect: "error", ...(body === "" ? {} : { body }) } as const;
    return await fetchNow(new URL(request.url), init);
  } catch (cause) {
    throw unreachable(request, cause);
  }
}

async function textOf(response: Response, request: Request): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw unreachable(request, cause);
  }
}

function unreachable({ url }: Request, cause: unknown): CmdrdataError {
  // A ledger that is asked without a network says itself what is wrong.
  if (CmdrdataError.is(cause)) return cause;
  const message = `no collector answers at ${new URL(url).origin}: start it with "cmdrdata serve", or give its --url`;
  return new CmdrdataError("CMDR_SERVER_UNREACHABLE", message, { cause });
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

/** `undefined` for a text that is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
