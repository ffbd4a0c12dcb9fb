/**
 * What the routes of administration share: bodies are JSON, a key needs the scope `admin`, and whose affairs it may see to.
 *
 * S4: an admin key sees to its own tenant. One of the tenant `default` sees to every tenant. The answer to a key that may
 * not is the same whether the other tenant exists or not.
 */
import { CmdrdataError } from "@cmdrdata/protocol";
import type { ApiKey, KeyStore } from "@cmdrdata/storage";
import type { FastifyInstance, FastifyRequest } from "fastify";

import { authenticate } from "./authenticate.ts";

/** The tenant of a collector that serves one; its admins see to the others. */
export const defaultTenant = "default";

/** What a tenant's name looks like. */
export const tenantForm = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$";

/**
 * Registers routes for keys with the scope `admin`.
 *
 * The ingest route takes bodies as they come; here they are JSON of at most 1 MiB.
 */
export function administer(
  server: FastifyInstance,
  keys: Pick<KeyStore, "findKey">,
  addRoutes: (scope: FastifyInstance) => void,
): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "application/json",
      { parseAs: "string", bodyLimit: 1_048_576 },
      (_request, body, done) => parseJson(String(body), done),
    );
    scope.addHook("onRequest", async (request) => {
      const key = await authenticate(keys, request.headers.authorization, "admin");
      request.tenant = key.tenant;
      request.apiKey = key;
    });
    addRoutes(scope);
  });
}

/**
 * Whose affairs a request is about: the tenant it names, else the key's own.
 *
 * @throws CmdrdataError `CMDR_TENANT_FORBIDDEN`
 */
export function tenantAskedFor(request: FastifyRequest, named: string | undefined): string {
  if (named === undefined || named === request.tenant) return request.tenant;
  if (request.tenant === defaultTenant) return named;
  const message = `expected this key's own tenant, got another: only an admin key of the tenant ${defaultTenant} sees to others`;
  throw new CmdrdataError("CMDR_TENANT_FORBIDDEN", message);
}

/** @throws CmdrdataError `CMDR_NOT_FOUND` when there is no such tenant */
export async function expectTenant(store: Pick<KeyStore, "listTenants">, tenant: string): Promise<void> {
  if (tenant === defaultTenant) return;
  if ((await store.listTenants()).some((known) => known.tenant === tenant)) return;
  throw new CmdrdataError("CMDR_NOT_FOUND", `expected a tenant that exists, got ${tenant}: make it first`);
}

/** The key behind a request of administration. */
export function askingKey(request: FastifyRequest): ApiKey {
  // The hook of `administer` has set it.
  return request.apiKey as ApiKey;
}

function parseJson(body: string, done: (error: Error | null, value?: unknown) => void): void {
  try {
    done(null, body === "" ? {} : JSON.parse(body));
  } catch (cause) {
    done(new CmdrdataError("CMDR_BODY_NOT_JSON", "expected a JSON object", { cause }));
  }
}

declare module "fastify" {
  interface FastifyRequest {
    /** The key behind a request of administration. */
    apiKey: ApiKey | null;
  }
}
