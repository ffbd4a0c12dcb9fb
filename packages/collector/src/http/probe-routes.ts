/** `/livez`: the process answers. `/readyz`: it can take and report events now. Both without a key, both without detail worth hiding. */
import type { FastifyInstance } from "fastify";
import { Type } from "typebox";

import { describeRoute } from "./route-schema.ts";

export interface Check {
  readonly name: string;
  /** Resolves when the part works; rejects with the reason. */
  readonly run: () => Promise<void>;
}

export interface ProbeDeps {
  readonly ready: () => boolean;
  readonly checks: readonly Check[];
}

export function addProbeRoutes(server: FastifyInstance, deps: ProbeDeps): void {
  const live = describeRoute({
    id: "live",
    summary: "The process answers",
    answer: Type.Object({ status: Type.String() }),
  });
  server.get("/livez", { schema: live }, async () => ({ status: "ok" }));
  server.get("/readyz", { schema: describeReadiness() }, async (request, reply) => {
    const checks: Record<string, "ok" | "failed"> = {};
    for (const check of deps.checks) {
      try {
        await check.run();
        checks[check.name] = "ok";
      } catch (error) {
        checks[check.name] = "failed";
        request.log.warn({ err: error, check: check.name }, "not ready");
      }
    }
    const ready = deps.ready() && !Object.values(checks).includes("failed");
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "not ready", checks });
  });
}

function describeReadiness(): object {
  return describeRoute({
    id: "ready",
    summary: "It can take and report events now; 503 while it cannot",
    answer: Type.Object({ status: Type.String(), checks: Type.Record(Type.String(), Type.String()) }),
  });
}
