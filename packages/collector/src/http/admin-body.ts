/** Reads the JSON body of an administrative request; that of `POST /api/events` stays bytes for the writer. */
import { CmdrdataError } from "@cmdrdata/protocol";
import type { FastifyRequest } from "fastify";
import type { TSchema } from "typebox";

/** @throws CmdrdataError `CMDR_BODY_NOT_JSON`, or `CMDR_QUERY_INVALID` naming what the schema does not allow */
export function readAdminBody(
  request: Pick<FastifyRequest, "body" | "compileValidationSchema">,
  schema: TSchema,
): unknown {
  const value = parse(request.body);
  // Fastify remembers it by the schema.
  const isValid = request.compileValidationSchema(schema);
  if (isValid(value)) return value;
  const problems = (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath || "body"} ${message}`);
  throw new CmdrdataError("CMDR_QUERY_INVALID", problems.join("; "));
}

/** No body at all is an empty one. */
function parse(body: unknown): unknown {
  if (body === undefined || body === null) return {};
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : "";
  try {
    return text === "" ? {} : (JSON.parse(text) as unknown);
  } catch (cause) {
    throw new CmdrdataError("CMDR_BODY_NOT_JSON", "expected a JSON body", { cause });
  }
}
