/**
 * One line per request, when it is done: what was asked, by which tenant, and how it ended. Never a header, a query or a
 * body. Fastify makes us extend its class.
 */
import { type FastifyReply, type FastifyRequest, LogController } from "fastify";

export class RequestLog extends LogController {
  override incomingRequest(): void {}
  override routeNotFound(): void {}
  /** `answerError` logs what is a fault of ours; what is the client's is in the status. */
  override defaultErrorLog(): void {}

  override requestCompleted(_error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? "none",
      status: reply.statusCode,
      tenant: request.tenant === "" ? undefined : request.tenant,
      durationMs: Math.round(reply.elapsedTime),
    };
    // What went well is said at debug level: a line per batch would drown the rest.
    request.log[reply.statusCode >= 400 ? "warn" : "debug"](line, "request");
  }
}
