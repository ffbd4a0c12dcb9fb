/**
 * Watches a raw `Response`: its body is the program's to read, or not. Where the program reads it whole (`json()`,
 * `text()`, `arrayBuffer()`, `bytes()`, `buffer()`, `blob()`), the same object reads it and we see the result; of a blob
 * only that it came. Read in any other way (`body`, `clone()`), or not at all, the call is recorded without usage when
 * the response is gone; where the request alone tells what is billed, as soon as the program asks for the body.
 */
import type { Call, CallRecorder } from "../call.ts";
import { isEventStream } from "../event-stream.ts";
import { parseJson } from "../parse-json.ts";
import { watchHolder } from "./lost-calls.ts";
import { defineOwnMethods } from "./own-methods.ts";
import { readEvents } from "./read-events.ts";
import { readWhole } from "./read-whole.ts";
import { defineBody } from "./response-body.ts";

const watchedResponses = new WeakSet<Response>();

/** Whether a value is a response, also one of another `fetch` than the runtime's. */
export function isResponse(value: unknown): value is Response {
  const { json, text, headers } = (value ?? {}) as Partial<Response>;
  return typeof json === "function" && typeof text === "function" && typeof headers?.get === "function";
}

export function watchResponse(response: Response, call: Call, recorder: CallRecorder): void {
  if (watchedResponses.has(response)) return;
  watchedResponses.add(response);
  recorder.headers(call, response.headers);
  watchHolder(response, { call, holder: "response", recorder });
  defineOwnMethods(response, readMethods(response, call, recorder));
  if (call.endpoint?.doneAtHeaders === true && !call.settled) watchBody(response, call, recorder);
}

/** The program reads it in its own way: nothing more will be seen of it. */
function watchBody(response: Response, call: Call, recorder: CallRecorder): void {
  defineBody(response, (body) => {
    // Some responses read it in their own `text()`.
    if (call.holder === "response") recorder.answered(call, undefined);
    return body;
  });
}

/** How the body of a response may be read whole, and what tells the answer in what was read. */
function readMethods(response: Response, call: Call, recorder: CallRecorder): Record<string, unknown> {
  const { headers } = response;
  const answered = (data: unknown): void => recorder.answered(call, data);
  const bytes = (body: ArrayBuffer | Uint8Array): void => answered(parseBytes(body, headers));
  const text = (body: string): void => {
    if (isEventStream(headers)) tellItems(body, call, recorder);
    else answered(parseJson(body));
  };
  const readers = {
    json: answered,
    text,
    arrayBuffer: bytes,
    bytes,
    blob: () => answered(undefined),
    // Of node-fetch, the `fetch` of openai 4.
    buffer: bytes,
  };
  return readWhole(response, { call, readers, failed: (error) => recorder.failed(call, error) });
}

/** A stream that was read as a text. */
function tellItems(text: string, call: Call, recorder: CallRecorder): void {
  for (const item of readEvents(text)) recorder.item(call, { value: item });
  recorder.answered(call, undefined);
}

/** Sound and pictures come as bytes too, and are large. */
function parseBytes(bytes: ArrayBuffer | Uint8Array, headers: Headers): unknown {
  return headers.get("content-type")?.includes("json") === true
    ? parseJson(new TextDecoder().decode(bytes))
    : undefined;
}
