/**
 * The server that routes are added to: how it listens, what it says of a request with an error, what every answer has.
 *
 * Promise: nothing is turned into something else in silence, neither a parameter nor an answer; a client that is slow, or
 * sends no HTTP, is cut off.
 */
import { randomUUID } from "node:crypto";

import { limits } from "@cmdrdata/protocol";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";

import { answerConnectionError, answerError, answerNotFound } from "./answer-errors.ts";
import { RequestLog } from "./request-log.ts";

export interface ServerDeps {
  readonly logger: FastifyBaseLogger;
  /** Whose `X-Forwarded-For` is believed: nobody's (`false`), or that of these addresses. */
  readonly trustProxy: false | readonly string[];
  /** A certificate and its key, PEM: the server speaks TLS itself. */
  readonly tls?: Certificate | undefined;
  /** How long a client may take to send. */
  readonly patience?: Patience;
}

/** Milliseconds for the headers and for the whole request, and how often that is looked at. */
interface Patience {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly checkEveryMs: number;
}

const usualPatience: Patience = { headersMs: 15_000, requestMs: 30_000, checkEveryMs: 1_000 };

/** PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export function createServer(deps: ServerDeps): FastifyInstance {
  const server = createBareServer(deps);
  // The schemas of answers describe them; they must never cut one.
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  server.decorateRequest("tenant", "");
  server.decorateRequest("apiKey", null);
  server.setErrorHandler(answerError);
  server.setNotFoundHandler(answerNotFound);
  server.addHook("onRequest", async (request, reply) => {
    void reply.header("x-request-id", request.id).header("cache-control", "no-store");
  });
  return server;
}

function createBareServer({ logger, tls, trustProxy, patience = usualPatience }: ServerDeps): FastifyInstance {
  const listening = {
    headersTimeout: patience.headersMs,
    connectionsCheckingInterval: patience.checkEveryMs,
  };
  const options = {
    loggerInstance: logger,
    requestTimeout: patience.requestMs,
    trustProxy: trustProxy === false ? false : [...trustProxy],
    logController: new RequestLog(),
    bodyLimit: limits.bodyBytes,
    forceCloseConnections: "idle",
    // While it closes, requests on open connections get our own 503, with code and Retry-After.
    return503OnClosing: false,
    clientErrorHandler: answerConnectionError,
    frameworkErrors: answerError,
    genReqId: () => randomUUID(),
    // An id has up to 256 characters, each of which may be written as 12 in a URL.
    routerOptions: { maxParamLength: 3_100 },
    // The defaults would turn "5" into 5 and drop unknown parameters in silence.
    ajv: { customOptions: { allErrors: true, coerceTypes: false, removeAdditional: false } },
  } as const;
  // The servers differ in what they listen with only.
  if (tls === undefined) return fastify({ ...options, http: listening });
  return fastify({ ...options, https: { ...listening, ...tls } });
}
