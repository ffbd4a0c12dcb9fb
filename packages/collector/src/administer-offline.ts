/**
 * Keys and tenants of a ledger that is open in this process: the collector's own routes for them, and no others, asked
 * without a network.
 *
 * Promise: what they check and answer is what a running collector would; whoever may open the ledger may do all of it.
 */
import type { ApiKey } from "@cmdrdata/storage";
import { pino } from "pino";

import { systemClock } from "./clock.ts";
import { defaultTenant } from "./http/administer.ts";
import { hashApiKey } from "./http/authenticate.ts";
import { createServer } from "./http/create-server.ts";
import { addKeysRoutes, type KeysRoutesDeps } from "./http/keys-routes.ts";

export interface OfflineRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** With the query. */
  readonly url: string;
  readonly body?: string;
}

/** @returns what a collector would answer to an operator */
export async function administerOffline(
  admin: KeysRoutesDeps["admin"],
  { method, url, body }: OfflineRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const server = createServer({ logger: pino({ level: "silent" }), trustProxy: false });
  addKeysRoutes(server, { keys: { findKey: async () => operator }, admin, clock: systemClock });
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
