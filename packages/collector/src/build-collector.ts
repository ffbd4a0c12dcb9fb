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
import { pino } from "pino";

import { type Clock, systemClock } from "./clock.ts";
import { answerConnectionError, answerError, answerNotFound } from "./http/answer-errors.ts";
import { addCustomersRoutes } from "./http/customers-routes.ts";
import { addErasureRoutes } from "./http/erasure-routes.ts";
import { addEventsRoutes } from "./http/events-routes.ts";
import { addExportRoute } from "./http/export-route.ts";
import { addIngestRoute } from "./http/ingest-route.ts";
import { addKeepingRoutes } from "./http/keeping-routes.ts";
import { addOpenApi, addOpenApiRoute } from "./http/openapi.ts";
import { addProbeRoutes, type Check } from "./http/probe-routes.ts";
import { RequestLog } from "./http/request-log.ts";
import { addSetAsideRoutes } from "./http/set-aside-routes.ts";
import { addUsageRoute } from "./http/usage-route.ts";
import type { Writer } from "./ingest/writer.ts";
import type { Keeping } from "./keeping/keeper.ts";
import type { Ledger } from "./query/reader.ts";

export interface CollectorDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  /** Where questions are answered. */
  readonly ledger: Ledger;
  /** What changes the ledger beside ingest. */
  readonly keeper: Keeping;
  readonly writer: Pick<Writer, "submit">;
  readonly checks: readonly Check[];
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger;
}

export interface Collector {
  readonly server: FastifyInstance;
  /** From now on `/readyz` says no and new events are answered 503; requests under way are finished. */
  drain(): void;
  /**
   * Answers the requests under way and ends the server. What is still open after `graceMs` is cut off: a client that
   * never finishes its request would keep the process for ever, and one that got no answer sends again.
   */
  close(graceMs: number): Promise<void>;
}

export function buildCollector(deps: CollectorDeps): Collector {
  let ready = true;
  const server = fastify({
    loggerInstance: deps.logger,
    logController: new RequestLog(),
    bodyLimit: limits.bodyBytes,
    requestTimeout: 30_000,
    forceCloseConnections: "idle",
    // While it closes, requests on open connections get our own 503, with code and Retry-After.
    return503OnClosing: false,
    clientErrorHandler: answerConnectionError,
    frameworkErrors: answerError,
    genReqId: () => randomUUID(),
    // An id has up to 256 characters, each of which may be written as 12 in a URL.
    routerOptions: { maxParamLength: 3_100 },
    // The defaults would turn "5" into 5 and drop unknown parameters in silence.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });
  // The schemas of answers describe them; they must never cut one.
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  server.decorateRequest("tenant", "");
  server.setErrorHandler(answerError);
  server.setNotFoundHandler(answerNotFound);
  server.addHook("onRequest", async (request, reply) => {
    void reply.header("x-request-id", request.id).header("cache-control", "no-store");
  });
  server.addHook("onSend", async (_request, reply) => {
    // An answer that kept its connection open would hold up the end.
    if (!ready) void reply.header("connection", "close");
  });
  const shared = { ...deps, ready: () => ready };
  addOpenApi(server);
  server.after(() => addRoutes(server, shared));
  return {
    server,
    drain: () => {
      ready = false;
    },
    close: (graceMs) => closeServer(server, graceMs, deps.clock),
  };
}

type Shared = CollectorDeps & { readonly ready: () => boolean };

function addRoutes(server: FastifyInstance, shared: Shared): void {
  addProbeRoutes(server, shared);
  addIngestRoute(server, shared);
  addUsageRoute(server, shared);
  addEventsRoutes(server, shared);
  addCustomersRoutes(server, shared);
  addSetAsideRoutes(server, shared);
  addErasureRoutes(server, shared);
  addKeepingRoutes(server, shared);
  addExportRoute(server, shared);
  addOpenApiRoute(server);
}

/** The OpenAPI document, of a server that never listens: the parts behind its routes are not needed for it. */
export async function openApiDocument(): Promise<object> {
  const { server } = buildCollector({
    logger: pino({ level: "silent" }),
    checks: [],
    clock: systemClock,
  } as unknown as CollectorDeps);
  await server.ready();
  return server.swagger();
}

async function closeServer(server: FastifyInstance, graceMs: number, clock: Pick<Clock, "schedule">): Promise<void> {
  const cancel = clock.schedule(graceMs, () => server.server.closeAllConnections());
  try {
    await server.close();
  } finally {
    cancel();
  }
}
