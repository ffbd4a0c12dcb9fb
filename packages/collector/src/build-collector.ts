/**
 * The collector's HTTP server, over parts that are handed in: nothing is opened and nothing listens here.
 *
 * S1 a 200 to `POST /api/events` is sent after the commit. S4 a request sees its key's tenant only. S7 what cannot be
 * taken now is answered 503 with `Retry-After`.
 */
import { Server as TlsServer } from "node:https";

import helmet from "@fastify/helmet";
import type { KeyStore, PriceStore, RerateStore } from "@cmdrdata/storage";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";

import { type Clock, systemClock } from "./clock.ts";
import { type Certificate, createServer, type ServerDeps } from "./http/create-server.ts";
import { addCustomersRoutes } from "./http/customers-routes.ts";
import { addErasureRoutes } from "./http/erasure-routes.ts";
import { addEventsRoutes } from "./http/events-routes.ts";
import { addExportRoute } from "./http/export-route.ts";
import { addIngestRoute } from "./http/ingest-route.ts";
import { addKeepingRoutes } from "./http/keeping-routes.ts";
import { addOpenApi, addOpenApiRoute } from "./http/openapi.ts";
import { createKeyDesk } from "./http/key-desk.ts";
import { addKeysRoutes } from "./http/keys-routes.ts";
import { addPricesRoutes } from "./http/prices-routes.ts";
import { addReratesRoutes } from "./http/rerates-routes.ts";
import { addProbeRoutes } from "./http/probe-routes.ts";
import { addRateLimits } from "./http/rate-limits.ts";
import { addSetAsideRoutes } from "./http/set-aside-routes.ts";
import { addUsageRoute } from "./http/usage-route.ts";
import type { Writer } from "./ingest/writer.ts";
import type { Keeping } from "./keeping/keeper.ts";
import type { RateCounter } from "./limits/rate-counter.ts";
import { type Check, overall, runChecks } from "./operations/check.ts";
import { createMeasures, type Measures } from "./operations/measures.ts";
import type { Numbers } from "./operations/otlp-data.ts";
import { readUnpriced } from "./operations/unpriced-reading.ts";
import type { RerateRunner } from "./prices/rerate-runner.ts";
import type { Ledger } from "./query/reader.ts";

export interface CollectorDeps extends ServerDeps {
  /** How requests look up their key. */
  readonly keys: Pick<KeyStore, "findKey">;
  /** Keys, tenants, prices and jobs. */
  readonly admin: KeyStore & PriceStore & RerateStore;
  readonly runner: Pick<RerateRunner, "start" | "fillIn">;
  /** Where questions are answered. */
  readonly ledger: Ledger;
  /** What changes the ledger beside ingest. */
  readonly keeper: Keeping;
  readonly writer: Pick<Writer, "submit" | "load">;
  readonly checks: readonly Check[];
  readonly clock: Clock;
  /** Of the program that serves. */
  readonly version: string;
  /** Where rates are counted: in memory, or where all replicas see it. */
  readonly counter: RateCounter;
  /** Failed authentications that an address may have in a minute. */
  readonly authFailuresPerMinute: number;
  /** The most tenants that `/metrics` names; none by default. */
  readonly metricsTenants?: number;
}

export interface Collector {
  readonly server: FastifyInstance;
  /** Every route there is, as `GET /api/v1/usage`; complete once the server is ready. */
  readonly routes: ReadonlySet<string>;
  /** What `/metrics` says, as objects. */
  numbers(): Promise<Numbers>;
  /** Connections that are made from now on get this certificate; open ones keep theirs. Without `tls` it does nothing. */
  renewCertificate(certificate: Certificate): void;
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
  const server = createServer(deps);
  const routes = new Set<string>();
  server.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) routes.add(`${each} ${url}`);
  });
  server.addHook("onSend", async (_request, reply) => {
    // An answer that kept its connection open would hold up the end.
    if (!ready) void reply.header("connection", "close");
  });
  const desk = createKeyDesk(deps);
  void server.register(helmet);
  addRateLimits(server, { ...deps, desk });
  server.addHook("onClose", () => desk.flush());
  const measures = measureRequests(server, deps);
  const shared = { ...deps, measures, keys: desk, prices: deps.admin, rerates: deps.admin, ready: () => ready };
  addOpenApi(server);
  server.after(() => addRoutes(server, shared));
  return {
    server,
    routes,
    numbers: () => readNumbers(measures, deps, ready),
    renewCertificate: (certificate) => {
      if (server.server instanceof TlsServer) server.server.setSecureContext(certificate);
    },
    drain: () => {
      ready = false;
    },
    close: (graceMs) => closeServer(server, graceMs, deps.clock),
  };
}

type Shared = CollectorDeps & {
  readonly prices: PriceStore;
  readonly rerates: RerateStore;
  readonly ready: () => boolean;
  readonly measures: Measures;
};

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
  addKeysRoutes(server, shared);
  addPricesRoutes(server, shared);
  addReratesRoutes(server, shared);
  addOpenApiRoute(server);
}

/** The OpenAPI document, of a server that never listens: the parts behind its routes are not needed for it. */
export async function openApiDocument(): Promise<object> {
  const { server } = buildCollector({
    logger: pino({ level: "silent" }),
    checks: [],
    trustProxy: false,
    clock: systemClock,
    version: "",
  } as unknown as CollectorDeps);
  await server.ready();
  return server.swagger();
}

async function readNumbers(measures: Measures, { checks, clock }: CollectorDeps, ready: boolean): Promise<Numbers> {
  const components = await runChecks(checks, clock.monotonicNow);
  return measures.numbers(components, ready && overall(components) !== "failing");
}

function measureRequests(server: FastifyInstance, deps: CollectorDeps): Measures {
  const { writer, version, metricsTenants: mostTenants = 0 } = deps;
  const measures = createMeasures({ writer, version, mostTenants, unpriced: readUnpriced({ ...deps, mostTenants }) });
  server.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    measures.answered({ method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1_000 });
  });
  return measures;
}

async function closeServer(server: FastifyInstance, graceMs: number, clock: Pick<Clock, "schedule">): Promise<void> {
  const cancel = clock.schedule(graceMs, () => server.server.closeAllConnections());
  try {
    await server.close();
  } finally {
    cancel();
  }
}
