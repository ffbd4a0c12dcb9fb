/**
 * Who is asking: the tenant and scopes behind `Authorization: Bearer tk-…`.
 *
 * Promise: a key is looked up by its SHA-256 only; neither key nor hash is logged or echoed.
 */
import { createHash } from "node:crypto";

import { apiKeyForm, CmdrdataError, isApiKey } from "@cmdrdata/protocol";
import type { ApiKeyRecord, Scope, UsageStore } from "@cmdrdata/storage";
import type { FastifyRequest } from "fastify";

/** SHA-256 of a key, hexadecimal: the form in which keys are stored. */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/**
 * @param authorization - the request's header
 * @throws CmdrdataError `CMDR_KEY_MISSING`, `CMDR_KEY_INVALID` or `CMDR_SCOPE_MISSING`
 */
export async function authenticate(
  keys: Pick<UsageStore, "findKey">,
  authorization: string | undefined,
  scope: Scope,
): Promise<ApiKeyRecord> {
  const key = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (key === undefined) throw new CmdrdataError("CMDR_KEY_MISSING", "expected the header Authorization: Bearer tk-…");
  if (!isApiKey(key)) throw new CmdrdataError("CMDR_KEY_INVALID", `expected ${apiKeyForm}`);
  const found = await keys.findKey(hashApiKey(key));
  if (found === undefined) throw new CmdrdataError("CMDR_KEY_INVALID", "expected a key this collector knows");
  if (found.scopes.includes(scope)) return found;
  throw new CmdrdataError(
    "CMDR_SCOPE_MISSING",
    `expected a key with the scope ${scope}, got one with ${found.scopes.join(", ")}`,
  );
}

/** A route's `onRequest`: only keys with the scope get in, and the request is their tenant's from then on. */
export function authenticateTo(
  keys: Pick<UsageStore, "findKey">,
  scope: Scope,
): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    request.tenant = (await authenticate(keys, request.headers.authorization, scope)).tenant;
  };
}
