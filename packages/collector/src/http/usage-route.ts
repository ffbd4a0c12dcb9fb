/** `GET /api/v1/usage`: who used what, summed by the dimensions and intervals asked for, as JSON or CSV. */
import type { UsageStore } from "@cmdrdata/storage";
import { Type, type TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

import type { Clock } from "../clock.ts";
import { readUsageQuestion } from "../query/usage-query.ts";
import { reportAsCsv, reportUsage } from "../query/usage-report.ts";
import { authenticate } from "./authenticate.ts";

export interface UsageRouteDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  readonly usage: Pick<UsageStore, "usage">;
  readonly clock: Pick<Clock, "now">;
}

/** Only names and types here; `readUsageQuestion` knows the meanings and reports all problems at once. */
const querystring = Type.Object(
  {
    from: Type.Optional(Type.String()),
    to: Type.Optional(Type.String()),
    group_by: Type.Optional(Type.String()),
    interval: Type.Optional(Type.String()),
    tz: Type.Optional(Type.String()),
    format: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

export function addUsageRoute(server: FastifyInstance, deps: UsageRouteDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "GET",
    url: "/api/v1/usage",
    schema: { querystring },
    onRequest: async (request) => {
      request.tenant = (await authenticate(deps.keys, request.headers.authorization, "read")).tenant;
    },
    handler: async (request, reply) => {
      const question = readUsageQuestion(request.query, deps.clock.now());
      const { ranges, groupBy } = question;
      const report = reportUsage(question, await deps.usage.usage({ tenant: request.tenant, ranges, groupBy }));
      if (question.format === "json") return reply.send(report);
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="usage.csv"')
        .send(reportAsCsv(report));
    },
  });
}
