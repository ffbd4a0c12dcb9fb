/** `POST /api/events`: hands the body, as it came, to the writer and answers after the commit. */
import { CmdrdataError, limits } from "@cmdrdata/protocol";
import type { UsageStore } from "@cmdrdata/storage";
import type { FastifyInstance, FastifyRequest } from "fastify";

import type { Clock } from "../clock.ts";
import type { RawRequest } from "../ingest/prepare.ts";
import type { WriterAnswer, Writer } from "../ingest/writer.ts";
import { ingestBody, ingestReply } from "./answer-schemas.ts";
import type { Measures } from "../operations/measures.ts";
import { authenticate } from "./authenticate.ts";
import { describeRoute } from "./route-schema.ts";

export interface IngestRouteDeps {
  readonly keys: Pick<UsageStore, "findKey">;
  readonly writer: Pick<Writer, "submit">;
  readonly clock: Pick<Clock, "now" | "monotonicNow">;
  readonly measures: Pick<Measures, "stored">;
  /** Whether the server is up and not shutting down. */
  readonly ready: () => boolean;
}

export function addIngestRoute(server: FastifyInstance, deps: IngestRouteDeps): void {
  // The writer thread decodes and parses; here the body stays as it came. No other content type is read.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    "application/json",
    { parseAs: "buffer", bodyLimit: limits.bodyBytes },
    (_request, body, done) => {
      done(null, body);
    },
  );
  server.route({
    method: "POST",
    url: "/api/events",
    schema: describeRoute({
      id: "sendEvents",
      summary: "Take events, each once; answered after they are stored",
      description:
        "One event, an array, or an object with `events`; JSON, plain or gzip. docs/wire-protocol.md has the fields.",
      scope: "ingest",
      json: ingestBody,
      answer: ingestReply,
    }),
    onRequest: async (request) => {
      if (!deps.ready()) throw new CmdrdataError("CMDR_NOT_READY", "the collector is starting or shutting down");
      request.tenant = (await authenticate(deps.keys, request.headers.authorization, "ingest")).tenant;
    },
    handler: async (request, reply) => {
      const raw = rawRequest(request, deps.clock.now());
      const bytes = raw.body.byteLength;
      const sinceMs = deps.clock.monotonicNow();
      const answer = await deps.writer.submit(raw);
      if (answer.kind === "stored") {
        const { reply: stored, unpriced } = answer;
        const seconds = (deps.clock.monotonicNow() - sinceMs) / 1_000;
        deps.measures.stored({ tenant: request.tenant, reply: stored, unpriced, bytes, seconds });
      }
      return reply.send(replyOf(answer, request));
    },
  });
}

function rawRequest(request: FastifyRequest, receivedAtMs: number): RawRequest {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    throw new CmdrdataError(
      "CMDR_ENCODING_UNSUPPORTED",
      `expected gzip or no content-encoding, got ${JSON.stringify(encoding.slice(0, 40))}`,
    );
  }
  if (!(request.body instanceof Uint8Array))
    throw new CmdrdataError("CMDR_BODY_NOT_JSON", "expected a JSON body, got none");
  return { tenant: request.tenant, body: request.body, encoding, receivedAtMs };
}

function replyOf(answer: WriterAnswer, request: FastifyRequest): unknown {
  switch (answer.kind) {
    case "stored":
      request.eventsTaken = answer.reply.accepted + answer.reply.duplicates;
      return answer.reply;
    case "unreadable":
      throw new CmdrdataError(answer.code, answer.message);
    case "overloaded":
      throw new CmdrdataError("CMDR_OVERLOADED", `expected fewer bytes in flight, got ${answer.bytesInFlight}`, {
        retryable: true,
      });
    case "unavailable":
      throw new CmdrdataError(answer.code, answer.message, { retryable: true });
    case "failed":
      request.log.error({ cause: answer.message }, "commit failed");
      throw new CmdrdataError("CMDR_INTERNAL", "the collector failed; send the request again: each event counts once");
  }
}

declare module "fastify" {
  interface FastifyRequest {
    /** The tenant behind the request's key; set by the routes that authenticate. */
    tenant: string;
  }
}
