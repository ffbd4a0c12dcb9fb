/** `DELETE /api/v1/customers/{id}` erases a customer and gives a receipt; `GET /api/v1/erasures/{receipt}` shows it again. */
import { randomUUID } from "node:crypto";

import { CmdrdataError } from "@cmdrdata/protocol";
import type { Erasure, UsageStore } from "@cmdrdata/storage";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";

import type { Clock } from "../clock.ts";
import type { Keeping } from "../keeping/keeper.ts";
import { erasureReceipt } from "./answer-schemas.ts";
import { authenticateTo } from "./authenticate.ts";
import { describeRoute } from "./route-schema.ts";
import { Type } from "../json-schema.ts";

export interface ErasureRoutesDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  readonly keeper: Pick<Keeping, "beginErasure" | "eraseSome" | "erasure">;
  readonly clock: Pick<Clock, "now" | "monotonicNow">;
}

/** Longer than this no client waits gladly; the keeper goes on by itself. */
const patienceMs = 10_000;

export function addErasureRoutes(server: FastifyInstance, deps: ErasureRoutesDeps): void {
  addErase(server, deps);
  addReceipt(server, deps);
}

function addErase(server: FastifyInstance, { keys, keeper, clock }: ErasureRoutesDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "DELETE",
    url: "/api/v1/customers/:id",
    schema: describeRoute({
      id: "eraseCustomer",
      summary: "Erase a customer: totals stay, under a tombstone; all else of theirs is gone",
      description:
        "Answered when it is done, or with 202 after ten seconds: then it goes on, and the receipt says when it is complete. Calls for the customer that come later are counted under its id again.",
      scope: "admin",
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) }),
      answer: erasureReceipt,
    }),
    onRequest: authenticateTo(keys, "admin"),
    handler: async (request, reply) => {
      const { tenant } = request;
      const receipt = randomUUID();
      const customerId = request.params.id;
      await keeper.beginErasure({ tenant, customerId, receipt, nowMs: clock.now() });
      const deadline = clock.monotonicNow() + patienceMs;
      let erasure = await keeper.erasure(tenant, receipt);
      while (erasure?.completedAtMs === null && clock.monotonicNow() < deadline) {
        await keeper.eraseSome(clock.now());
        erasure = await keeper.erasure(tenant, receipt);
      }
      return reply.code(erasure?.completedAtMs === null ? 202 : 200).send(reportErasure(erasure));
    },
  });
}

function addReceipt(server: FastifyInstance, { keys, keeper }: ErasureRoutesDeps): void {
  server.withTypeProvider<TypeBoxTypeProvider>().route({
    method: "GET",
    url: "/api/v1/erasures/:receipt",
    schema: describeRoute({
      id: "showErasure",
      summary: "The receipt of an erasure",
      scope: "admin",
      params: Type.Object({ receipt: Type.String() }),
      answer: erasureReceipt,
    }),
    onRequest: authenticateTo(keys, "admin"),
    handler: async (request) => reportErasure(await keeper.erasure(request.tenant, request.params.receipt)),
  });
}

function reportErasure(erasure: Erasure | undefined): object {
  if (erasure === undefined) throw new CmdrdataError("CMDR_NOT_FOUND", "expected the receipt of an erasure");
  return {
    receipt: erasure.receipt,
    customer_id: erasure.tombstone,
    requested_at: new Date(erasure.requestedAtMs).toISOString(),
    completed_at: erasure.completedAtMs === null ? null : new Date(erasure.completedAtMs).toISOString(),
    events: erasure.events,
    conflicts: erasure.conflicts,
    quarantined: erasure.quarantined,
    bodies: erasure.bodies,
  };
}
