/** Reads the JSON body of an administrative request; that of `POST /api/events` stays bytes for the writer. */
import { CmdrdataError } from "@cmdrdata/protocol";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";

/** @throws CmdrdataError `CMDR_BODY_NOT_JSON`, or `CMDR_QUERY_INVALID` naming what the schema does not allow */
export function readAdminBody(body: unknown, schema: TSchema): unknown {
  const value = parse(body);
  if (Value.Check(schema, value)) return value;
  const problems = [...Value.Errors(schema, value)].map(
    ({ instancePath, message }) => `${instancePath || "body"} ${message}`,
  );
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
