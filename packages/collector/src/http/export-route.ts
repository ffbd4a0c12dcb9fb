/** `GET /api/v1/export`: events or sums of a stretch of time as a file, streamed. */
import { Readable } from "node:stream";

import { CmdrdataError } from "@cmdrdata/protocol";
import type { UsageStore } from "@cmdrdata/storage";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

import type { Clock } from "../clock.ts";
import { exportEvents, type ExportRows, exportUsage } from "../query/export-rows.ts";
import { type EventParameters, readEventQuery } from "../query/page-query.ts";
import type { Ledger } from "../query/reader.ts";
import { readUsageQuestion, type UsageParameters } from "../query/usage-query.ts";
import { contentTypes, type ExportFormat, exportFormats, writeExport } from "../query/write-export.ts";
import { authenticateTo } from "./authenticate.ts";
import { filterParameters, metadataPattern, parameter, stretchParameters } from "./query-schemas.ts";
import { describeRoute } from "./route-schema.ts";
import { Type } from "../json-schema.ts";

export interface ExportRouteDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  readonly ledger: Pick<Ledger, "usage" | "events">;
  readonly clock: Pick<Clock, "now">;
}

const querystring = Type.Object(
  {
    ...stretchParameters,
    ...filterParameters,
    what: parameter("events (the default) or usage."),
    format: parameter("csv (the default), ndjson or parquet."),
    flag: parameter("Of events: only those with this flag."),
    group_by: parameter("Of usage: as in GET /api/v1/usage."),
    interval: parameter("Of usage: 15m, hour, day, week or month."),
    tz: parameter("Of usage: IANA time zone in which intervals begin; UTC by default."),
  },
  { additionalProperties: false, patternProperties: metadataPattern },
);

export function addExportRoute(server: FastifyInstance, deps: ExportRouteDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "GET",
    url: "/api/v1/export",
    schema: describeRoute({
      id: "export",
      summary: "Events or sums as a file, streamed",
      scope: "read",
      querystring,
      answer: Type.String({ description: "The file." }),
    }),
    onRequest: authenticateTo(deps.keys, "read"),
    handler: async (request, reply) => {
      const { what = "events", format = "csv", ...given } = request.query;
      if (!isFormat(format) || !(what === "events" || what === "usage")) {
        const message = `expected what=events or usage, and format=${exportFormats.join(" or ")}`;
        throw new CmdrdataError("CMDR_QUERY_INVALID", message);
      }
      const rows = what === "events" ? eventsOf(deps, request.tenant, given) : usageOf(deps, request.tenant, given);
      return reply
        .type(contentTypes[format])
        .header("content-disposition", `attachment; filename="${what}.${format}"`)
        .send(Readable.from(writeExport(rows, format), { objectMode: false }));
    },
  });
}

function isFormat(format: string): format is ExportFormat {
  return exportFormats.some((each) => each === format);
}

type Given = Omit<EventParameters & UsageParameters, "format">;

function eventsOf({ ledger, clock }: ExportRouteDeps, tenant: string, given: Given): ExportRows {
  refuse(given, ["group_by", "interval", "tz"], "events");
  const { limit: _limit, ...query } = readEventQuery(given, clock.now());
  return exportEvents(ledger, { tenant, ...query });
}

function usageOf({ ledger, clock }: ExportRouteDeps, tenant: string, given: Given): ExportRows {
  refuse(given, ["flag"], "usage");
  return exportUsage(ledger, tenant, readUsageQuestion(given, clock.now()));
}

/** A parameter that would be ignored is a mistake. */
function refuse(given: Given, names: readonly (keyof Given)[], what: string): void {
  const found = names.filter((name) => given[name] !== undefined);
  if (found.length > 0)
    throw new CmdrdataError("CMDR_QUERY_INVALID", `an export of ${what} has no ${found.join(", ")}`);
}
