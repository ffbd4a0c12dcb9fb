/**
 * `/api/v1/rerates`: prices the past anew, after a look at what that would do. `/api/v1/unpriced`: what has no price.
 *
 * Both are of the key's own tenant; an admin of the tenant `default` may name another.
 */
import { randomUUID } from "node:crypto";

import { CmdrdataError } from "@cmdrdata/protocol";
import {
  keyId,
  type KeyStore,
  type PriceStore,
  type Rerate,
  type RerateLine,
  type RerateStore,
} from "@cmdrdata/storage";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

import type { Clock } from "../clock.ts";
import { Type } from "../json-schema.ts";
import { loadPricer } from "../price-feed.ts";
import { repriceFor, type RerateRunner } from "../prices/rerate-runner.ts";
import { formatUsd } from "../query/format-usd.ts";
import { rerateList, reratePreview, rerateReport, rerateStarted, unpricedList } from "./admin-schemas.ts";
import { administer, askingKey, tenantAskedFor, tenantForm } from "./administer.ts";
import { authenticate } from "./authenticate.ts";
import { describeRoute } from "./route-schema.ts";

export interface ReratesRoutesDeps {
  readonly keys: Pick<KeyStore, "findKey">;
  readonly rerates: Pick<RerateStore, "unpriced" | "previewRerate" | "listRerates" | "findRerate">;
  readonly prices: Pick<PriceStore, "currentBook" | "terms">;
  readonly runner: Pick<RerateRunner, "start">;
  readonly clock: Pick<Clock, "now">;
}

const strict = { additionalProperties: false };
const time = Type.String({
  pattern: "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2}))?$",
});
const tenant = Type.Optional(Type.String({ pattern: tenantForm }));
const ofTenant = Type.Object({ tenant }, strict);
const newRerate = Type.Object(
  {
    from: time,
    to: time,
    preview: Type.Boolean(),
    only_unpriced: Type.Optional(Type.Boolean()),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    tenant,
  },
  strict,
);
const range = Type.Object({ from: Type.Optional(time), to: Type.Optional(time) }, strict);
const thirtyDaysMs = 2_592_000_000;

const one = { params: Type.Object({ id: Type.String({ maxLength: 40 }) }), querystring: ofTenant };

/** What the routes say of themselves. */
const described = {
  listUnpriced: describeRoute({
    id: "listUnpriced",
    summary: "Lists what has no price.",
    scope: "read",
    answer: unpricedList,
    querystring: range,
  }),
  rerate: describeRoute({
    id: "rerate",
    summary: "Prices events anew, or shows what that would change.",
    scope: "admin",
    answers: { 200: reratePreview, 202: rerateStarted },
    body: newRerate,
  }),
  listRerates: describeRoute({
    id: "listRerates",
    summary: "Lists jobs that priced events anew.",
    scope: "admin",
    answer: rerateList,
    querystring: ofTenant,
  }),
  showRerate: describeRoute({
    id: "showRerate",
    summary: "Shows what a job did.",
    scope: "admin",
    answer: rerateReport,
    ...one,
  }),
};

export function addReratesRoutes(server: FastifyInstance, deps: ReratesRoutesDeps): void {
  addUnpricedRoute(server, deps);
  administer(server, deps.keys, (scope) => {
    addJobs(scope, deps);
    addJobReports(scope, deps);
  });
}

function addUnpricedRoute(server: FastifyInstance, { keys, rerates, clock }: ReratesRoutesDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "GET",
    url: "/api/v1/unpriced",
    schema: described.listUnpriced,
    onRequest: async (request) => {
      request.tenant = (await authenticate(keys, request.headers.authorization, "read")).tenant;
    },
    handler: async (request) => {
      const endMs = request.query.to === undefined ? clock.now() + 1 : readTime(request.query.to);
      const startMs = request.query.from === undefined ? endMs - thirtyDaysMs : readTime(request.query.from);
      const rows = await rerates.unpriced({ tenant: request.tenant, startMs, endMs });
      return {
        from: iso(startMs),
        to: iso(endMs),
        rows: rows.map(({ serviceTier, firstMs, lastMs, ...row }) => ({
          ...row,
          service_tier: serviceTier,
          first_at: iso(firstMs),
          last_at: iso(lastMs),
        })),
        total: { calls: rows.reduce((all, { calls }) => all + calls, 0) },
      };
    },
  });
}

function addJobs(server: FastifyInstance, { rerates, prices, runner, clock }: ReratesRoutesDeps): void {
  const scope = server.withTypeProvider<TypeBoxTypeProvider>();
  scope.post(
    "/api/v1/rerates",
    {
      schema: described.rerate,
    },
    async (request, reply) => {
      const { preview, reason = "", only_unpriced: onlyUnpriced = false, from, to } = request.body;
      const owner = tenantAskedFor(request, request.body.tenant);
      const asked = { tenant: owner, startMs: readTime(from), endMs: readTime(to), onlyUnpriced };
      if (asked.startMs >= asked.endMs) throw invalid(`to: expected a time after ${from}, got ${to}`);
      if (preview) {
        const result = await rerates.previewRerate(asked, repriceFor(await loadPricer(prices), owner));
        const { eventsSeen, eventsChanged, lines } = result;
        return { preview: true, events_seen: eventsSeen, events_changed: eventsChanged, ...showLines(lines) };
      }
      const job = { ...asked, id: randomUUID(), createdAtMs: clock.now(), askedBy: keyId(askingKey(request)), reason };
      if ((await runner.start(job)) === "busy") {
        throw new CmdrdataError("CMDR_OVERLOADED", "expected no other job of this tenant, one is running", {
          retryable: true,
        });
      }
      return reply.code(202).send({ id: job.id, state: "running" });
    },
  );
}

function addJobReports(server: FastifyInstance, { rerates }: ReratesRoutesDeps): void {
  const scope = server.withTypeProvider<TypeBoxTypeProvider>();
  scope.get(
    "/api/v1/rerates",
    {
      schema: described.listRerates,
    },
    async (request) => {
      const jobs = await rerates.listRerates(tenantAskedFor(request, request.query.tenant));
      return { rerates: jobs.map(showJob) };
    },
  );
  scope.get(
    "/api/v1/rerates/:id",
    {
      schema: described.showRerate,
    },
    async (request) => {
      const job = await rerates.findRerate(tenantAskedFor(request, request.query.tenant), request.params.id);
      if (job === undefined) throw new CmdrdataError("CMDR_NOT_FOUND", "expected the id of a job of this tenant");
      return { ...showJob(job), ...showLines(job.lines) };
    },
  );
}

function showJob(job: Rerate): object {
  return {
    id: job.id,
    tenant: job.tenant,
    state: job.state,
    from: iso(job.startMs),
    to: iso(job.endMs),
    only_unpriced: job.onlyUnpriced,
    asked_by: job.askedBy,
    reason: job.reason,
    created_at: iso(job.createdAtMs),
    done_at: job.doneAtMs === null ? null : iso(job.doneAtMs),
    events_seen: job.eventsSeen,
    events_changed: job.eventsChanged,
  };
}

function showLines(lines: readonly RerateLine[]): object {
  return {
    lines: lines.map((line) => ({ customer_id: line.customerId, month: line.month, ...showSums(line) })),
    total: showSums({
      eventsChanged: sum(lines, (line) => line.eventsChanged),
      unpricedBefore: sum(lines, (line) => line.unpricedBefore),
      unpricedAfter: sum(lines, (line) => line.unpricedAfter),
      picoUsdBefore: lines.reduce((total, line) => total + line.picoUsdBefore, 0n),
      picoUsdAfter: lines.reduce((total, line) => total + line.picoUsdAfter, 0n),
    }),
  };
}

function showSums(line: Omit<RerateLine, "customerId" | "month">): object {
  return {
    events_changed: line.eventsChanged,
    unpriced_before: line.unpricedBefore,
    unpriced_after: line.unpricedAfter,
    cost_usd_before: formatUsd(line.picoUsdBefore),
    cost_usd_after: formatUsd(line.picoUsdAfter),
  };
}

function sum(lines: readonly RerateLine[], pick: (line: RerateLine) => number): number {
  return lines.reduce((total, line) => total + pick(line), 0);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function readTime(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalid(`expected a time that exists, got ${text}`);
  return ms;
}

function invalid(message: string): CmdrdataError {
  return new CmdrdataError("CMDR_QUERY_INVALID", message);
}
