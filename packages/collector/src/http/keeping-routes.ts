/**
 * `POST /api/v1/quarantine/reprocess`; `GET`, `POST` and `DELETE /api/v1/dimensions`; `GET` and `PUT /api/v1/reporting-zone`:
 * what an administrator decides about how events are counted and summed up.
 */
import { CmdrdataError, limits } from "@cmdrdata/protocol";
import type { DeclaredDimension, UsageStore } from "@cmdrdata/storage";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

import type { Clock } from "../clock.ts";
import type { Keeping } from "../keeping/keeper.ts";
import type { ReprocessWish } from "../keeping/reprocess.ts";
import { isTimeZone } from "../time-ranges.ts";
import { readAdminBody } from "./admin-body.ts";
import { dimensionList, reportingZone, reprocessAnswer } from "./answer-schemas.ts";
import { authenticateTo } from "./authenticate.ts";
import { describeRoute } from "./route-schema.ts";
import { Type } from "../json-schema.ts";

export interface KeepingRoutesDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  readonly keeper: Keeping;
  readonly clock: Pick<Clock, "now">;
}

const reprocessBody = Type.Object(
  {
    numbers: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 1_000, description: "Only these; all without it." }),
    ),
    time: Type.Optional(
      Type.Union([Type.Literal("as_sent"), Type.Literal("received")], {
        description:
          "`as_sent` counts at the event's own time, in doubt or not; `received` at that of its receipt. Without it what is still in doubt stays.",
      }),
    ),
  },
  { additionalProperties: false },
);
const dimensionBody = Type.Object(
  { key: Type.String({ minLength: 1, maxLength: limits.textLength }) },
  { additionalProperties: false },
);
const zoneBody = Type.Object({ time_zone: Type.String() }, { additionalProperties: false });

export function addKeepingRoutes(server: FastifyInstance, deps: KeepingRoutesDeps): void {
  addReprocess(server, deps);
  addDimensions(server, deps);
  addZone(server, deps);
}

function addReprocess(server: FastifyInstance, { keys, keeper }: KeepingRoutesDeps): void {
  server.route({
    method: "POST",
    url: "/api/v1/quarantine/reprocess",
    schema: describeRoute({
      id: "reprocessQuarantine",
      summary: "Decide anew about events in quarantine",
      scope: "admin",
      json: reprocessBody,
      answer: reprocessAnswer,
    }),
    onRequest: authenticateTo(keys, "admin"),
    handler: async (request) => {
      const given = readAdminBody(request, reprocessBody) as Omit<ReprocessWish, "tenant">;
      const sum = { released: 0, held: 0, gone: 0 };
      let after: number | undefined;
      do {
        const { next, ...counts } = await keeper.reprocess({ tenant: request.tenant, ...given, after });
        for (const name of ["released", "held", "gone"] as const) sum[name] += counts[name];
        after = next;
      } while (after !== undefined);
      return sum;
    },
  });
}

function addDimensions(server: FastifyInstance, deps: KeepingRoutesDeps): void {
  server.route({
    method: "GET",
    url: "/api/v1/dimensions",
    schema: describeRoute({
      id: "listDimensions",
      summary: "Metadata keys by which usage can be grouped",
      scope: "read",
      answer: dimensionList,
    }),
    onRequest: authenticateTo(deps.keys, "read"),
    handler: async (request) => listDimensions(deps, request.tenant),
  });
  addDeclare(server, deps);
  addRemove(server, deps);
}

function addDeclare(server: FastifyInstance, deps: KeepingRoutesDeps): void {
  server.route({
    method: "POST",
    url: "/api/v1/dimensions",
    schema: describeRoute({
      id: "declareDimension",
      summary: "Sum up usage by a metadata key too; older events are added in the background",
      scope: "admin",
      json: dimensionBody,
      answer: dimensionList,
    }),
    onRequest: authenticateTo(deps.keys, "admin"),
    handler: async (request) => {
      const { key } = readAdminBody(request, dimensionBody) as { readonly key: string };
      await deps.keeper.declareDimension({ tenant: request.tenant, key, nowMs: deps.clock.now() });
      return listDimensions(deps, request.tenant);
    },
  });
}

function addRemove(server: FastifyInstance, deps: KeepingRoutesDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "DELETE",
    url: "/api/v1/dimensions/:key",
    schema: describeRoute({
      id: "removeDimension",
      summary: "Stop summing up by a metadata key",
      scope: "admin",
      params: Type.Object({ key: Type.String() }),
      answer: dimensionList,
    }),
    onRequest: authenticateTo(deps.keys, "admin"),
    handler: async ({ tenant, params }) => {
      if (await deps.keeper.removeDimension({ tenant, key: params.key })) return listDimensions(deps, tenant);
      throw new CmdrdataError("CMDR_NOT_FOUND", "expected a metadata key that is declared");
    },
  });
}

async function listDimensions({ keeper }: KeepingRoutesDeps, tenant: string): Promise<object> {
  return { dimensions: (await keeper.dimensions(tenant)).map(reportDimension) };
}

function addZone(server: FastifyInstance, { keys, keeper }: KeepingRoutesDeps): void {
  server.route({
    method: "GET",
    url: "/api/v1/reporting-zone",
    schema: describeRoute({
      id: "showReportingZone",
      summary: "The time zone in which days are summed up ahead",
      scope: "read",
      answer: reportingZone,
    }),
    onRequest: authenticateTo(keys, "read"),
    handler: async (request) => ({ time_zone: await keeper.reportingZone(request.tenant) }),
  });
  server.route({
    method: "PUT",
    url: "/api/v1/reporting-zone",
    schema: describeRoute({
      id: "setReportingZone",
      summary:
        "Choose the time zone in which days are summed up ahead; reports in any other stay right, and are slower",
      scope: "admin",
      json: zoneBody,
      answer: reportingZone,
    }),
    onRequest: authenticateTo(keys, "admin"),
    handler: async (request) => {
      const { time_zone: zone } = readAdminBody(request, zoneBody) as { readonly time_zone: string };
      if (!isTimeZone(zone)) {
        const message = `time_zone: expected an IANA time zone such as Asia/Kolkata, got ${JSON.stringify(zone.slice(0, 64))}`;
        throw new CmdrdataError("CMDR_QUERY_INVALID", message);
      }
      await keeper.setReportingZone(request.tenant, zone);
      return { time_zone: zone };
    },
  });
}

function reportDimension({ key, declaredAtMs, backfilledTo, backfillUntil }: DeclaredDimension): object {
  return {
    key,
    declared_at: new Date(declaredAtMs).toISOString(),
    ready: backfilledTo >= backfillUntil,
    progress: backfillUntil === 0 ? 1 : Math.round((backfilledTo / backfillUntil) * 1_000) / 1_000,
  };
}
