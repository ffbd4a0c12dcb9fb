/**
 * Who is asking: the tenant and scopes behind `Authorization: Bearer tk-…`.
 *
 * Promise: a key is looked up by its SHA-256 only; neither key nor hash is logged or echoed.
 */
import { hash } from "node:crypto";

import { apiKeyForm, CmdrdataError, isApiKey } from "@cmdrdata/protocol";
import type { ApiKey, KeyStore, Scope } from "@cmdrdata/storage";
import type { FastifyRequest } from "fastify";

/** SHA-256 of a key, hexadecimal: the form in which keys are stored. */
export function hashApiKey(key: string): string {
  return hash("sha256", key, "hex");
}

/** The hash of the key in a header; of nothing where there is none. */
export function keyHashOf(authorization: string | undefined): string {
  return hashApiKey(keyIn(authorization) ?? "");
}

function keyIn(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
}

/**
 * @param authorization - the request's header
 * @throws CmdrdataError `CMDR_KEY_MISSING`, `CMDR_KEY_INVALID` or `CMDR_SCOPE_MISSING`
 */
export async function authenticate(
  keys: Pick<KeyStore, "findKey">,
  authorization: string | undefined,
  scope: Scope,
): Promise<ApiKey> {
  const key = keyIn(authorization);
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
  keys: Pick<KeyStore, "findKey">,
  scope: Scope,
): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    request.tenant = (await authenticate(keys, request.headers.authorization, scope)).tenant;
  };
}
