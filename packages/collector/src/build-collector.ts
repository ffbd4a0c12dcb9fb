/**
 * The collector's HTTP server, over parts that are handed in: nothing is opened and nothing listens here.
 *
 * S1 a 200 to `POST /api/events` is sent after the commit. S4 a request sees its key's tenant only. S7 what cannot be
 * taken now is answered 503 with `Retry-After`.
 */
import { randomUUID } from "node:crypto";

import { limits } from "@cmdrdata/protocol";
import type { UsageStore } from "@cmdrdata/storage";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";

import type { Clock } from "./clock.ts";
import { answerError, answerNotFound } from "./http/answer-errors.ts";
import { addIngestRoute } from "./http/ingest-route.ts";
import { addProbeRoutes, type Check } from "./http/probe-routes.ts";
import { RequestLog } from "./http/request-log.ts";
import { addUsageRoute } from "./http/usage-route.ts";
import type { Writer } from "./ingest/writer.ts";

export interface CollectorDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  readonly usage: Pick<UsageStore, "usage">;
  readonly writer: Pick<Writer, "submit">;
  readonly checks: readonly Check[];
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger;
}

export interface Collector {
  readonly server: FastifyInstance;
  /** From now on `/readyz` says no and new events are answered 503; requests under way are finished. */
  drain(): void;
}

export function buildCollector(deps: CollectorDeps): Collector {
  let ready = true;
  const server = fastify({
    loggerInstance: deps.logger,
    logController: new RequestLog(),
    bodyLimit: limits.bodyBytes,
    requestTimeout: 30_000,
    forceCloseConnections: "idle",
    genReqId: () => randomUUID(),
    // The defaults would turn "5" into 5 and drop unknown parameters in silence.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });
  server.decorateRequest("tenant", "");
  server.setErrorHandler(answerError);
  server.setNotFoundHandler(answerNotFound);
  server.addHook("onRequest", async (request, reply) => {
    void reply.header("x-request-id", request.id).header("cache-control", "no-store");
  });
  const shared = { ...deps, ready: () => ready };
  addProbeRoutes(server, shared);
  addIngestRoute(server, shared);
  addUsageRoute(server, shared);
  return {
    server,
    drain: () => {
      ready = false;
    },
  };
}
