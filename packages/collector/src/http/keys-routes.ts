/**
 * `/api/v1/keys`: makes, lists, rotates and revokes keys; `/api/v1/tenants`: makes and lists tenants.
 *
 * Promise: a key's text is in one answer, that to the request that made it, and nowhere else. A revoked key is refused from
 * the next request on. A rotated one goes on for as long as was asked for.
 */
import { randomBytes } from "node:crypto";

import { CmdrdataError } from "@cmdrdata/protocol";
import { type ApiKey, keyId, type KeyStore, type NewApiKey } from "@cmdrdata/storage";
import type { Static, TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance, FastifyRequest } from "fastify";

import type { Clock } from "../clock.ts";
import { Type } from "../json-schema.ts";
import { keyList, madeKey, rotatedKey, shownKey, tenantList, tenantOutcome } from "./admin-schemas.ts";
import { administer, askingKey, defaultTenant, expectTenant, tenantAskedFor, tenantForm } from "./administer.ts";
import { hashApiKey } from "./authenticate.ts";
import { describeRoute } from "./route-schema.ts";

export interface KeysRoutesDeps {
  readonly keys: Pick<KeyStore, "findKey">;
  readonly admin: Pick<KeyStore, "addTenant" | "listTenants" | "addKey" | "listKeys" | "endKey">;
  readonly clock: Pick<Clock, "now">;
}

/** A key as answers show it. `key` is there once, when it is made. */
interface ShownKey {
  readonly id: string;
  readonly key?: string;
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly created_at: string;
  readonly last_used_at: string | null;
  /** When it was revoked, or will end. */
  readonly ends_at: string | null;
  readonly requests_per_minute: number | null;
  readonly events_per_minute: number | null;
}

const strict = { additionalProperties: false };
const tenantName = Type.String({ pattern: tenantForm });
const quota = Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000_000 }), Type.Null()]);
const scopes = Type.Array(Type.Union([Type.Literal("ingest"), Type.Literal("read"), Type.Literal("admin")]), {
  minItems: 1,
  uniqueItems: true,
});
const newKey = Type.Object(
  {
    scopes,
    name: Type.Optional(Type.String({ maxLength: 100, pattern: "^[^\\p{C}]*$" })),
    tenant: Type.Optional(tenantName),
    requests_per_minute: Type.Optional(quota),
    events_per_minute: Type.Optional(quota),
  },
  strict,
);
const ofTenant = Type.Object({ tenant: Type.Optional(tenantName) }, strict);
const oneKey = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });
/** A day by default: time enough to bring the new key to where the old one is. At most 90 days. */
const rotation = Type.Object(
  { keep_old_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 7_776_000 })) },
  strict,
);
const oldKeySeconds = 86_400;

const newTenant = Type.Object({ tenant: tenantName }, strict);
const about = { params: oneKey, querystring: ofTenant };

/** What the routes say of themselves. */
const described = {
  createTenant: describeRoute({
    id: "createTenant",
    summary: "Makes a tenant.",
    scope: "admin",
    answers: { 200: tenantOutcome, 201: tenantOutcome },
    body: newTenant,
  }),
  listTenants: describeRoute({ id: "listTenants", summary: "Lists tenants.", scope: "admin", answer: tenantList }),
  createKey: describeRoute({
    id: "createKey",
    summary: "Makes a key, and shows it this once.",
    scope: "admin",
    answers: { 201: madeKey },
    body: newKey,
  }),
  listKeys: describeRoute({
    id: "listKeys",
    summary: "Lists keys, without the keys themselves.",
    scope: "admin",
    answer: keyList,
    querystring: ofTenant,
  }),
  rotateKey: describeRoute({
    id: "rotateKey",
    summary: "Makes a key like another, which ends a while later.",
    scope: "admin",
    answers: { 201: rotatedKey },
    ...about,
    body: rotation,
  }),
  revokeKey: describeRoute({
    id: "revokeKey",
    summary: "Ends a key at once.",
    scope: "admin",
    answer: shownKey,
    ...about,
  }),
};

export function addKeysRoutes(server: FastifyInstance, deps: KeysRoutesDeps): void {
  administer(server, deps.keys, (scope) => {
    addTenants(scope, deps);
    addMakeAndList(scope, deps);
    addRotateAndRevoke(scope, deps);
  });
}

function addTenants(server: FastifyInstance, { admin, clock }: KeysRoutesDeps): void {
  const scope = server.withTypeProvider<TypeBoxTypeProvider>();
  scope.post(
    "/api/v1/tenants",
    {
      schema: described.createTenant,
    },
    async (request, reply) => {
      expectDefaultTenant(request);
      const { tenant } = request.body;
      const createdAtMs = clock.now();
      const outcome = await admin.addTenant({ tenant, createdAtMs });
      return reply.code(outcome === "added" ? 201 : 200).send({ tenant, outcome });
    },
  );
  scope.get("/api/v1/tenants", { schema: described.listTenants }, async (request) => {
    expectDefaultTenant(request);
    const tenants = await admin.listTenants();
    return {
      tenants: tenants.map(({ tenant, createdAtMs }) => ({
        tenant,
        created_at: new Date(createdAtMs).toISOString(),
      })),
    };
  });
}

function addMakeAndList(server: FastifyInstance, { admin, clock }: KeysRoutesDeps): void {
  const scope = server.withTypeProvider<TypeBoxTypeProvider>();
  scope.post(
    "/api/v1/keys",
    {
      schema: described.createKey,
    },
    async (request, reply) => {
      const tenant = tenantAskedFor(request, request.body.tenant);
      await expectTenant(admin, tenant);
      return reply.code(201).send(await makeKey(admin, fieldsOf(request.body, tenant), clock.now()));
    },
  );
  scope.get(
    "/api/v1/keys",
    {
      schema: described.listKeys,
    },
    async (request) => {
      const tenant = tenantAskedFor(request, request.query.tenant);
      return { keys: (await admin.listKeys(tenant)).map((key) => showKey(key)) };
    },
  );
}

function addRotateAndRevoke(server: FastifyInstance, { admin, clock }: KeysRoutesDeps): void {
  const scope = server.withTypeProvider<TypeBoxTypeProvider>();
  scope.post(
    "/api/v1/keys/:id/rotate",
    {
      schema: described.rotateKey,
    },
    async (request, reply) => {
      const tenant = tenantAskedFor(request, request.query.tenant);
      const nowMs = clock.now();
      const found = await findById(admin, tenant, request.params.id, nowMs);
      // The new key first: should the process die in between, two keys are valid, and not none.
      const made = await makeKey(admin, found, nowMs);
      const seconds = request.body.keep_old_seconds ?? oldKeySeconds;
      const old = await admin.endKey(tenant, request.params.id, nowMs + seconds * 1_000);
      return reply.code(201).send({ ...made, replaces: showKey(old ?? found) });
    },
  );
  scope.delete(
    "/api/v1/keys/:id",
    {
      schema: described.revokeKey,
    },
    async (request) => {
      const tenant = tenantAskedFor(request, request.query.tenant);
      const { id } = request.params;
      if (tenant === request.tenant && id === keyId(askingKey(request))) {
        throw new CmdrdataError(
          "CMDR_QUERY_INVALID",
          "expected another key than the one that asks: nobody would be left",
        );
      }
      const ended = await admin.endKey(tenant, id, clock.now());
      if (ended === undefined) throw unknownKey();
      return showKey(ended);
    },
  );
}

async function findById(admin: Pick<KeyStore, "listKeys">, tenant: string, id: string, nowMs: number): Promise<ApiKey> {
  const found = (await admin.listKeys(tenant)).find((key) => keyId(key) === id);
  if (found === undefined || (found.endsAtMs !== null && found.endsAtMs <= nowMs)) throw unknownKey();
  return found;
}

function unknownKey(): CmdrdataError {
  return new CmdrdataError("CMDR_NOT_FOUND", "expected the id of a valid key of this tenant: see GET /api/v1/keys");
}

function fieldsOf(body: Static<typeof newKey>, tenant: string): Omit<NewApiKey, "hash" | "createdAtMs"> {
  return {
    tenant,
    scopes: body.scopes,
    name: body.name ?? "",
    requestsPerMinute: body.requests_per_minute ?? null,
    eventsPerMinute: body.events_per_minute ?? null,
  };
}

async function makeKey(
  admin: Pick<KeyStore, "addKey">,
  {
    tenant,
    scopes: allowed,
    name = "",
    requestsPerMinute = null,
    eventsPerMinute = null,
  }: Omit<NewApiKey, "hash" | "createdAtMs">,
  createdAtMs: number,
): Promise<ShownKey> {
  const key = `tk-${randomBytes(32).toString("base64url")}`;
  const stored = {
    tenant,
    scopes: allowed,
    name,
    requestsPerMinute,
    eventsPerMinute,
    hash: hashApiKey(key),
    createdAtMs,
  };
  await admin.addKey(stored);
  return { ...showKey({ ...stored, endsAtMs: null, lastUsedAtMs: null }), key };
}

function showKey(key: ApiKey): ShownKey {
  const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    id: keyId(key),
    tenant: key.tenant,
    name: key.name,
    scopes: key.scopes,
    created_at: new Date(key.createdAtMs).toISOString(),
    last_used_at: time(key.lastUsedAtMs),
    ends_at: time(key.endsAtMs),
    requests_per_minute: key.requestsPerMinute,
    events_per_minute: key.eventsPerMinute,
  };
}

function expectDefaultTenant(request: FastifyRequest): void {
  tenantAskedFor(request, defaultTenant);
}
