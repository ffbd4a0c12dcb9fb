/**
 * What the machine around the collector asks, without a key: nothing here names a customer or a secret, nor a tenant, but
 * where the operator has asked for it.
 *
 * `/livez` the process answers. `/readyz` it can take and report events now. `/healthz` how each part is, with numbers.
 * `/metrics` the numbers for Prometheus.
 */
import type { FastifyInstance } from "fastify";

import { describeRoute } from "./route-schema.ts";

import type { Clock } from "../clock.ts";
import { type Check, type Components, overall, runChecks } from "../operations/check.ts";
import type { Measures } from "../operations/measures.ts";
import { Type } from "../json-schema.ts";

export interface ProbeDeps {
  readonly ready: () => boolean;
  readonly checks: readonly Check[];
  readonly measures: Measures;
  readonly clock: Pick<Clock, "monotonicNow">;
  readonly version: string;
}

export function addProbeRoutes(server: FastifyInstance, deps: ProbeDeps): void {
  const look = (): Promise<Components> => runChecks(deps.checks, deps.clock.monotonicNow);
  const startedMs = deps.clock.monotonicNow();
  const live = describeRoute({
    id: "live",
    summary: "The process answers",
    answer: Type.Object({ status: Type.String() }),
  });
  server.get("/livez", { schema: live }, async () => ({ status: "ok" }));
  server.get("/readyz", { schema: describeReadiness() }, async (request, reply) => {
    const components = await look();
    for (const [check, { status, problem }] of Object.entries(components)) {
      if (status === "failing") request.log.warn({ check, problem }, "not ready");
    }
    const checks = Object.fromEntries(
      Object.entries(components).map(([name, { status }]) => [name, status === "failing" ? "failed" : "ok"]),
    );
    const ready = deps.ready() && overall(components) !== "failing";
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "not ready", checks });
  });
  server.get("/healthz", { schema: describeHealth() }, async (_request, reply) => {
    const components = await look();
    const status = overall(components);
    return reply.code(status === "failing" ? 503 : 200).send({
      status,
      ready: deps.ready() && status !== "failing",
      version: deps.version,
      uptime_seconds: Math.floor((deps.clock.monotonicNow() - startedMs) / 1_000),
      components,
    });
  });
  const numbers = describeRoute({ id: "metrics", summary: "Numbers for Prometheus", answer: Type.String() });
  server.get("/metrics", { schema: numbers }, async (_request, reply) => {
    const components = await look();
    const ready = deps.ready() && overall(components) !== "failing";
    const { text, contentType } = await deps.measures.read(components, ready);
    return reply.type(contentType).send(text);
  });
}

/** A reading is whatever its component says. */
function describeHealth(): object {
  const component = Type.Object({
    status: Type.String(),
    problem: Type.Optional(Type.String()),
    latency_ms: Type.Number(),
    readings: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Null()])),
  });
  const health = Type.Object({
    status: Type.String(),
    ready: Type.Boolean(),
    version: Type.String(),
    uptime_seconds: Type.Number(),
    components: Type.Record(Type.String(), component),
  });
  return describeRoute({
    id: "health",
    summary: "How each part is, with numbers; 503 when one fails",
    // Said in the same form while something fails.
    answers: { 200: health, 503: health },
  });
}

function describeReadiness(): object {
  const readiness = Type.Object({ status: Type.String(), checks: Type.Record(Type.String(), Type.String()) });
  return describeRoute({
    id: "ready",
    summary: "It can take and report events now; 503 while it cannot",
    answers: { 200: readiness, 503: readiness },
  });
}
