/**
 * Which requests are recorded, under which name, and how their answer is read. To add an endpoint, add a row.
 *
 * Only a POST makes something new. GETs, and POSTs to something that exists already (cancel, update), repeat the usage
 * of the call that made it and are not counted again. A path without a row is recorded when its answer has `usage`.
 */
import type { AnswerReader, Endpoint } from "../answer.ts";
import { chatReader } from "./chat.ts";
import { genericReader } from "./generic.ts";
import { responsesReader } from "./responses.ts";

const named: Readonly<Record<string, Endpoint>> = {
  "/chat/completions": row("chat.completions", chatReader, true),
  "/responses": row("responses", responsesReader),
  "/responses/compact": row("responses.compact", responsesReader),
  "/embeddings": row("embeddings", genericReader),
};

/** Below these, everything is about something that a named endpoint made. */
const madeByNamed = /^\/(chat\/completions|responses|embeddings)\//;
/** POSTs that change something made before, by their last segment: an action, or its id (ids have digits). */
const repeatsUsage = /\/(cancel|pause|resume|[^/]*\d[^/]*)$/;
const idSegment = /\/[^/]*\d[^/]*(?=\/)/g;

/**
 * @param path - of the request as the SDK has it, e.g. `/chat/completions`; a whole URL is fine
 * @returns `undefined` for a request that is not recorded
 */
export function endpointOf(method: string, path: string): Endpoint | undefined {
  if (method.toLowerCase() !== "post") return undefined;
  if (Object.hasOwn(named, path)) return named[path];
  const plain = plainPath(path);
  if (Object.hasOwn(named, plain)) return named[plain];
  if (madeByNamed.test(plain) || repeatsUsage.test(plain)) return undefined;
  // Ids would make a new operation of every thread.
  const operation = plain.replaceAll(idSegment, "/{id}");
  return { operation, reader: genericReader, always: false, usageOnRequest: false };
}

function row(operation: string, reader: AnswerReader, usageOnRequest = false): Endpoint {
  return { operation, reader, always: true, usageOnRequest };
}

/** Without origin, API version, query and closing slash. */
function plainPath(path: string): string {
  const rooted = /^[a-z]+:\/\//i.test(path) ? new URL(path).pathname.replace(/^\/(openai\/)?v\d+(?=\/)/, "") : path;
  const [plain = ""] = rooted.split(/[?#]/, 1);
  return `/${plain.replace(/^\/+|\/+$/g, "")}`;
}
