/**
 * Keys and tenants of a ledger that is open in this process: the server's own routes, asked without a network.
 *
 * Promise: what they check and answer is what a running collector would; whoever may open the ledger may do all of it.
 */
import type { ApiKey, UsageStore } from "@cmdrdata/storage";
import { pino } from "pino";

import { buildCollector, type CollectorDeps } from "./build-collector.ts";
import { systemClock } from "./clock.ts";
import { hashApiKey } from "./http/authenticate.ts";
import { defaultTenant } from "./http/administer.ts";
import { createMemoryCounter } from "./limits/rate-counter.ts";

export interface OfflineRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** With the query. */
  readonly url: string;
  readonly body?: string;
}

/** @returns what a collector would answer to an operator */
export async function administerOffline(
  store: UsageStore,
  { method, url, body }: OfflineRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const { server } = buildCollector(offlineParts(store));
  try {
    const headers = { authorization: `Bearer ${operatorKey}`, ...(body && { "content-type": "application/json" }) };
    const answer = await server.inject({ method, url, headers, ...(body && { payload: body }) });
    return { status: answer.statusCode, text: answer.body };
  } finally {
    await server.close();
  }
}

/** Valid here only, and stored nowhere. */
const operatorKey = "tk-operator-of-the-ledger-itself";

const operator: ApiKey = {
  tenant: defaultTenant,
  hash: hashApiKey(operatorKey),
  scopes: ["admin"],
  createdAtMs: 0,
  name: "",
  requestsPerMinute: null,
  eventsPerMinute: null,
  endsAtMs: null,
  lastUsedAtMs: null,
};

/** The parts that the routes of keys and tenants use; others are not to be asked for. */
function offlineParts(store: UsageStore): CollectorDeps {
  return {
    keys: { findKey: async () => operator },
    admin: { ...store, noteKeyUse: async () => undefined },
    checks: [],
    clock: systemClock,
    logger: pino({ level: "silent" }),
    version: "",
    counter: createMemoryCounter(),
    authFailuresPerMinute: 1,
    trustProxy: false,
  } as unknown as CollectorDeps;
}
