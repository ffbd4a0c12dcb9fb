/** `GET /api/v1/conflicts` and `GET /api/v1/quarantine`: what is kept beside the counted events, in pages. */
import type { LedgerReader, UsageStore } from "@cmdrdata/storage";
import type { TSchema, TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

import { reportConflict, reportQuarantined } from "../query/event-report.ts";
import { numberedCursor, readNumberedQuery } from "../query/page-query.ts";
import { conflict, count, quarantined } from "./answer-schemas.ts";
import { authenticateTo } from "./authenticate.ts";
import { pageParameters } from "./query-schemas.ts";
import { describeRoute, pageSchema } from "./route-schema.ts";
import { Type } from "../json-schema.ts";

export interface SetAsideRoutesDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  readonly ledger: Pick<LedgerReader, "conflicts" | "quarantined">;
}

const querystring = Type.Object(pageParameters, { additionalProperties: false });

const withTotal = (name: string, item: TSchema): TSchema =>
  Type.Intersect([pageSchema(name, item), Type.Object({ total: count })]);

export function addSetAsideRoutes(server: FastifyInstance, deps: SetAsideRoutesDeps): void {
  addConflicts(server, deps);
  addQuarantine(server, deps);
}

function addConflicts(server: FastifyInstance, { keys, ledger }: SetAsideRoutesDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "GET",
    url: "/api/v1/conflicts",
    schema: describeRoute({
      id: "listConflicts",
      summary: "Second versions of ids: other content than the first version, which counts",
      scope: "read",
      querystring,
      answer: withTotal("conflicts", conflict),
    }),
    onRequest: authenticateTo(keys, "read"),
    handler: async (request) => {
      const query = { tenant: request.tenant, ...readNumberedQuery(request.query) };
      const { items, next, total } = await ledger.conflicts(query);
      return { conflicts: items.map(reportConflict), next: next === undefined ? null : numberedCursor(next), total };
    },
  });
}

function addQuarantine(server: FastifyInstance, { keys, ledger }: SetAsideRoutesDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "GET",
    url: "/api/v1/quarantine",
    schema: describeRoute({
      id: "listQuarantine",
      summary: "Events that are held back from the sums",
      scope: "read",
      querystring,
      answer: withTotal("quarantined", quarantined),
    }),
    onRequest: authenticateTo(keys, "read"),
    handler: async (request) => {
      const query = { tenant: request.tenant, ...readNumberedQuery(request.query) };
      const { items, next, total } = await ledger.quarantined(query);
      const more = next === undefined ? null : numberedCursor(next);
      return { quarantined: items.map(reportQuarantined), next: more, total };
    },
  });
}
