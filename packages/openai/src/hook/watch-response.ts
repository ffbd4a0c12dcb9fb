/**
 * Watches a raw `Response`: its body is the program's to read, or not. Where the program reads it as JSON or as text,
 * the same object reads it and we see the result; read in any other way (`body`, `arrayBuffer()`, `clone()`), or not at
 * all, the call is recorded without usage when the response is gone.
 */
import type { Call, CallRecorder } from "../call.ts";
import { watchHolder } from "./lost-calls.ts";
import { defineOwnMethods } from "./own-methods.ts";

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
  const { json, text } = response;
  const failed = (error: unknown): never => {
    recorder.failed(call, error);
    throw error;
  };
  const read = <Body>(method: () => Promise<Body>, parse: (body: Body) => unknown): Promise<Body> => {
    call.holder = "awaited";
    return Reflect.apply(method, response, []).then((body) => {
      recorder.answered(call, parse(body));
      return body;
    }, failed);
  };
  defineOwnMethods(response, {
    json: () => read(json, (body: unknown) => body),
    text: () => read(text, parseJson),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
