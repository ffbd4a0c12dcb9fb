/** How errors leave the server: one body shape, the right status, and no inner detail of a fault of ours. */
import { CmdrdataError, type ErrorCode, type ErrorReply, limits } from "@cmdrdata/protocol";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";

const statusOf: { readonly [C in ErrorCode]?: number } = {
  CMDR_BATCH_TOO_MANY_EVENTS: 413,
  CMDR_BODY_NOT_JSON: 400,
  CMDR_BODY_SHAPE: 400,
  CMDR_BODY_TOO_LARGE: 413,
  CMDR_ENCODING_UNSUPPORTED: 415,
  CMDR_KEY_INVALID: 401,
  CMDR_KEY_MISSING: 401,
  CMDR_NOT_FOUND: 404,
  CMDR_NOT_READY: 503,
  CMDR_OVERLOADED: 503,
  CMDR_QUERY_INVALID: 400,
  CMDR_SCOPE_MISSING: 403,
};

/** Seconds after which an overloaded or starting collector may be asked again. */
const retryAfterSeconds = 1;

/** Fastify's error handler. */
export function answerError(error: FastifyError | CmdrdataError, request: FastifyRequest, reply: FastifyReply): void {
  const known = CmdrdataError.is(error) ? error : translate(error);
  const status = statusOf[known.code] ?? 500;
  if (status === 500) request.log.error({ err: error }, "request failed");
  if (status === 503) void reply.header("retry-after", retryAfterSeconds);
  if (status === 401) void reply.header("www-authenticate", "Bearer");
  void reply.code(status).send(errorReply(known));
}

/** Fastify's handler for what has no route. */
export function answerNotFound(request: FastifyRequest, reply: FastifyReply): void {
  const message = `expected a known route, got ${request.method} ${request.url.slice(0, 200).replace(/\?.*/, "")}`;
  void reply.code(404).send(errorReply(new CmdrdataError("CMDR_NOT_FOUND", message)));
}

function errorReply({ code, message }: CmdrdataError): ErrorReply {
  return { error: { code, message } };
}

function translate(error: FastifyError): CmdrdataError {
  if (error.validation !== undefined) return new CmdrdataError("CMDR_QUERY_INVALID", error.message, { cause: error });
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return new CmdrdataError("CMDR_BODY_TOO_LARGE", `expected at most ${limits.bodyBytes} bytes`, { cause: error });
  }
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new CmdrdataError("CMDR_ENCODING_UNSUPPORTED", "expected content-type application/json", { cause: error });
  }
  return new CmdrdataError("CMDR_INTERNAL", "the collector failed; nothing of this request was stored", {
    cause: error,
  });
}
