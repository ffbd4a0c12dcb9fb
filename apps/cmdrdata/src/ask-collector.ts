/** Asks a running collector for JSON, with the client that the other commands use: its URL, its key, its errors. */
import { CmdrdataError } from "@cmdrdata/protocol";

import {
  answered,
  type ClientDeps,
  type ClientFlags,
  createCollectorClient,
  parsed,
} from "./client/collector-client.ts";

export type CollectorFlags = ClientFlags;
export type AskDeps = ClientDeps;

/** `GET` by default. A `body` is sent as JSON. */
export interface Question {
  readonly method?: "get" | "post" | "delete";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

/** The client without the types of paths, which may have an id in them here. */
interface PlainClient {
  request(method: string, path: string, init: object): Promise<{ readonly data?: string }>;
}

/**
 * @returns the answer's JSON object
 * @throws CmdrdataError as {@link createCollectorClient} says
 */
export async function askForJson<T>(question: Question, flags: CollectorFlags, deps: AskDeps): Promise<T> {
  const { method = "get", path, query = {}, body } = question;
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
  const init = { params: { query: given }, parseAs: "text", ...(body === undefined ? {} : { body }) };
  const client = createCollectorClient(flags, deps) as unknown as PlainClient;
  const value = parsed(await answered(client.request(method, path, init)));
  if (typeof value === "object" && value !== null) return value as T;
  throw new CmdrdataError("CMDR_REPLY_UNREADABLE", "expected a JSON object: is --url a collector's?");
}
