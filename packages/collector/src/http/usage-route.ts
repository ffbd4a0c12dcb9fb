/** `GET /api/v1/usage`: who used what, summed by the dimensions and intervals asked for, as JSON or CSV. */
import type { UsageStore } from "@cmdrdata/storage";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

import type { Clock } from "../clock.ts";
import { readUsageQuestion } from "../query/usage-query.ts";
import type { Ledger } from "../query/reader.ts";
import { usageReport } from "./answer-schemas.ts";
import { authenticateTo } from "./authenticate.ts";
import { filterParameters, metadataPattern, parameter, stretchParameters } from "./query-schemas.ts";
import { describeRoute } from "./route-schema.ts";
import { Type } from "../json-schema.ts";

export interface UsageRouteDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  readonly ledger: Pick<Ledger, "report">;
  readonly clock: Pick<Clock, "now">;
}

/** Only names and types here; `readUsageQuestion` knows the meanings and reports all problems at once. */
const querystring = Type.Object(
  {
    ...stretchParameters,
    ...filterParameters,
    group_by: parameter("Names of dimensions, and at most one metadata.KEY, separated by commas."),
    interval: parameter("15m, hour, day, week or month."),
    tz: parameter("IANA time zone in which intervals begin; UTC by default."),
    top: parameter("How many groups to tell apart, 1 to 1000; the rest is one row, `other`."),
    order: parameter("What makes a group large: cost (the default) or calls."),
    format: parameter("json (the default) or csv."),
  },
  { additionalProperties: false, patternProperties: metadataPattern },
);

export function addUsageRoute(server: FastifyInstance, deps: UsageRouteDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "GET",
    url: "/api/v1/usage",
    schema: describeRoute({
      id: "usage",
      summary: "Sums of usage and cost, by dimension and interval",
      scope: "read",
      querystring,
      answer: usageReport,
    }),
    onRequest: authenticateTo(deps.keys, "read"),
    handler: async (request, reply) => {
      const question = readUsageQuestion(request.query, deps.clock.now());
      const report = Buffer.from(await deps.ledger.report({ tenant: request.tenant, question }));
      if (question.format === "json") return reply.type("application/json; charset=utf-8").send(report);
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="usage.csv"')
        .send(report);
    },
  });
}
