/**
 * `/api/v1/prices/terms`: the tenants' own prices and mark-ups.
 *
 * Terms are a tenant's own (S4), and none is changed: it is given, and holds until it is removed. Both are for the next events;
 * one that is given also fills in what had no price, and nothing else of the past is touched.
 */
import { randomUUID } from "node:crypto";

import { CmdrdataError } from "@cmdrdata/protocol";
import type { KeyStore, PriceStore, StoredTerm } from "@cmdrdata/storage";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

import type { Clock } from "../clock.ts";
import { Type } from "../json-schema.ts";
import { readTerm, termSchema } from "../prices/read-terms.ts";
import type { RerateRunner } from "../prices/rerate-runner.ts";
import { givenTerm, removedTerm, termList } from "./admin-schemas.ts";
import { expectTenant, tenantAskedFor, tenantForm } from "./administer.ts";
import { describeRoute } from "./route-schema.ts";

export interface TermsRoutesDeps {
  readonly admin: Pick<KeyStore, "listTenants">;
  readonly prices: Pick<PriceStore, "listTerms" | "addTerm" | "removeTerm">;
  readonly runner: Pick<RerateRunner, "fillIn">;
  readonly clock: Pick<Clock, "now">;
}

const ofTenant = Type.Object(
  { tenant: Type.Optional(Type.String({ pattern: tenantForm })) },
  { additionalProperties: false },
);

/** What the routes say of themselves. */
const described = {
  listTerms: describeRoute({
    id: "listTerms",
    summary: "Lists a tenant's terms, removed ones too.",
    scope: "admin",
    answer: termList,
    querystring: ofTenant,
  }),
  createTerm: describeRoute({
    id: "createTerm",
    summary: "Adds a price of a tenant's own, or a mark-up.",
    scope: "admin",
    answers: { 201: givenTerm },
    querystring: ofTenant,
    body: termSchema,
  }),
  removeTerm: describeRoute({
    id: "removeTerm",
    summary: "Removes one of a tenant's terms.",
    scope: "admin",
    answer: removedTerm,
    params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
    querystring: ofTenant,
  }),
};

/** @param server - within `administer` */
export function addTermsRoutes(server: FastifyInstance, { prices, admin, runner, clock }: TermsRoutesDeps): void {
  const scope = server.withTypeProvider<TypeBoxTypeProvider>();
  scope.get("/api/v1/prices/terms", { schema: described.listTerms }, async (request) => {
    const owner = tenantAskedFor(request, request.query.tenant);
    return { terms: (await prices.listTerms(owner)).map(showTerm) };
  });
  scope.post("/api/v1/prices/terms", { schema: described.createTerm }, async (request, reply) => {
    const owner = tenantAskedFor(request, request.query.tenant);
    await expectTenant(admin, owner);
    const record = {
      tenant: owner,
      id: randomUUID(),
      createdAtMs: clock.now(),
      term: JSON.stringify(readTerm(request.body)),
    };
    await prices.addTerm(record);
    await runner.fillIn(randomUUID);
    return reply.code(201).send(showTerm({ ...record, removedAtMs: null }));
  });
  scope.delete("/api/v1/prices/terms/:id", { schema: described.removeTerm }, async (request) => {
    const owner = tenantAskedFor(request, request.query.tenant);
    const { id } = request.params;
    if ((await prices.removeTerm(owner, id, clock.now())) === "removed")
      return { id, tenant: owner, outcome: "removed" };
    const message = "expected a term of this tenant that holds: see GET /api/v1/prices/terms";
    throw new CmdrdataError("CMDR_NOT_FOUND", message);
  });
}

export function showTerm({ id, tenant: owner, createdAtMs, removedAtMs, term }: StoredTerm): object {
  return {
    id,
    tenant: owner,
    created_at: new Date(createdAtMs).toISOString(),
    removed_at: removedAtMs === null ? null : new Date(removedAtMs).toISOString(),
    ...(JSON.parse(term) as object),
  };
}
