/** How errors leave the server: one body shape, the right status, and no inner detail of a fault of ours. */
import { CmdrdataError, type ErrorCode, type ErrorReply, limits } from "@cmdrdata/protocol";
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from "fastify";
import type { Socket } from "node:net";

const statusOf: { readonly [C in ErrorCode]?: number } = {
  CMDR_BATCH_TOO_MANY_EVENTS: 413,
  CMDR_BODY_NOT_JSON: 400,
  CMDR_BODY_SHAPE: 400,
  CMDR_BODY_TOO_LARGE: 413,
  CMDR_DATABASE_UNREACHABLE: 503,
  CMDR_DIMENSION_LIMIT: 400,
  CMDR_DIMENSION_NOT_READY: 503,
  CMDR_DISK_FULL: 503,
  CMDR_ENCODING_UNSUPPORTED: 415,
  CMDR_KEY_INVALID: 401,
  CMDR_KEY_MISSING: 401,
  CMDR_NOT_FOUND: 404,
  CMDR_NOT_READY: 503,
  CMDR_OVERLOADED: 503,
  CMDR_QUERY_INVALID: 400,
  CMDR_QUERY_TOO_LONG: 503,
  CMDR_RATE_LIMITED: 429,
  CMDR_REQUEST_UNREADABLE: 400,
  CMDR_SCOPE_MISSING: 403,
  CMDR_TENANT_FORBIDDEN: 403,
};

/** Seconds after which an overloaded or starting collector may be asked again. */
const retryAfterSeconds = 1;

/** Fastify's error handler. */
export function answerError(error: FastifyError | CmdrdataError, request: FastifyRequest, reply: FastifyReply): void {
  const known = CmdrdataError.is(error) ? withoutDetail(error, request) : translate(error);
  const status = statusOf[known.code] ?? 500;
  if (status === 500) request.log.error({ err: error }, "request failed");
  if (status === 503) void reply.header("retry-after", retryAfterSeconds);
  if (status === 401) void reply.header("www-authenticate", "Bearer");
  void reply.code(status).send(errorReply(known));
}

const said: { readonly [C in ErrorCode]?: string } = {
  CMDR_DATABASE_UNREACHABLE: "the collector cannot reach its database; send the request again",
  CMDR_DISK_FULL: "the collector has no room for more; send the request again",
};

/** Where the ledger is and what it said is the operator's to know. */
function withoutDetail(error: CmdrdataError, request: FastifyRequest): CmdrdataError {
  const message = said[error.code];
  if (message === undefined) return error;
  request.log.warn({ cause: error.message }, "the ledger cannot be used");
  return new CmdrdataError(error.code, message, { retryable: true, cause: error });
}

/** Fastify's handler for what has no route. */
export function answerNotFound(request: FastifyRequest, reply: FastifyReply): void {
  const message = `expected a known route, got ${request.method} ${request.url.slice(0, 200).replace(/\?.*/, "")}`;
  void reply.code(404).send(errorReply(new CmdrdataError("CMDR_NOT_FOUND", message)));
}

/** The status line for what Node's parser refuses before there is a request; anything else is 400. */
const parserStatus: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

/** Fastify's handler for a connection whose bytes are no HTTP, come too slowly, or break off. */
export function answerConnectionError(error: ConnectionError, socket: Socket): void {
  if (error.code !== "ECONNRESET" && socket.writable) {
    const body = JSON.stringify(errorReply(unreadable(error)));
    socket.write(
      `HTTP/1.1 ${parserStatus[error.code] ?? "400 Bad Request"}\r\nContent-Type: application/json; charset=utf-8\r\n` +
        `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy();
}

function unreadable(cause: Error): CmdrdataError {
  const message = "expected a whole, well-formed HTTP request, sent within 30 seconds, with at most 16 KiB of headers";
  return new CmdrdataError("CMDR_REQUEST_UNREADABLE", message, { cause });
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
  // Fastify's other complaints about a request: it broke off, its length is wrong, its URL cannot be decoded.
  if (error.statusCode !== undefined && error.statusCode < 500) return unreadable(error);
  return new CmdrdataError("CMDR_INTERNAL", "the collector failed; send the request again: each event counts once", {
    cause: error,
  });
}
