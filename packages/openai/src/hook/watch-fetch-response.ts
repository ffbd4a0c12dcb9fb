/**
 * Watches the answer to a `fetch`: the same `Response`, whose body is the program's to read in any way or not at all. Read
 * whole (`json()`, `text()`, …) or as it comes (`body`, also of a `clone()`), we see what passes; nothing is read ahead.
 */
import { APIError } from "openai";

import { objectOf } from "../answer.ts";
import type { Call, CallRecorder } from "../call.ts";
import { parseJson } from "../parse-json.ts";
import { watchHolder } from "./lost-calls.ts";
import { defineOwnMethods } from "./own-methods.ts";
import { eventReader } from "./read-events.ts";
import { readWhole } from "./read-whole.ts";
import { defineBody, type ResponseBody } from "./response-body.ts";
import { type BodyReader, watchBody } from "./watch-body.ts";

export function watchFetchResponse(response: Response, call: Call, recorder: CallRecorder): void {
  // The error's text is in the body, which is the program's.
  if (!response.ok) return recorder.failed(call, errorOf(response));
  call.streaming = response.headers.get("content-type")?.includes("event-stream") === true;
  call.streamSeen = call.streaming;
  recorder.headers(call, response.headers);
  watchHolder(response, { call, holder: "response", recorder });
  watch(response, { call, recorder, reading: undefined });
}

interface Watched {
  readonly call: Call;
  readonly recorder: CallRecorder;
  /** The response whose body is read first, itself or a clone: what its copies are read for is the same again. */
  reading: Response | undefined;
}

function errorOf({ status, headers }: Response): APIError {
  return APIError.generate(status, undefined, undefined, headers);
}

function watch(response: Response, watched: Watched): void {
  const { clone } = response;
  const reader = firstReader(response, watched);
  defineOwnMethods(response, {
    ...readMethods(response, reader, watched),
    clone(): Response {
      const copy = Reflect.apply(clone, response, []);
      watch(copy, watched);
      return copy;
    },
  });
  let source: ResponseBody = null;
  let seen: ResponseBody = null;
  defineBody(response, (body) => {
    // One that is being read in another way is told by that.
    if (body === null || (body !== source && body.locked)) return body;
    if (body === source) return seen;
    source = body;
    seen = watchBody(body, reader);
    watchHolder(seen, { ...watched, holder: "stream" });
    return seen;
  });
}

interface ResponseReader extends BodyReader {
  /** The program has the whole body, parsed. */
  parsed(data: unknown): unknown;
}

/** Reads for the first of a response and its clones that is read. */
function firstReader(response: Response, watched: Watched): ResponseReader {
  const { call, recorder } = watched;
  const reader = call.streaming ? streamReader(call, recorder) : wholeReader(call, recorder);
  const isFirst = (): boolean => (watched.reading ??= response) === response;
  return {
    parsed: (data) => isFirst() && recorder.answered(call, data),
    // What is no bytes, the program's own `fetch` may have put there.
    bytes: (chunk) => ArrayBuffer.isView(chunk) && isFirst() && reader.bytes(chunk),
    end: () => isFirst() && reader.end(),
    left: () => isFirst() && reader.left(),
    broke: (error) => isFirst() && reader.broke(error),
  };
}

/** How a body may be read whole, and what tells the answer in what was read; a blob is not read again. */
function readMethods(response: Response, reader: ResponseReader, { call }: Watched): Record<string, unknown> {
  const bytes = (read: Uint8Array): void => {
    reader.bytes(read);
    reader.end();
  };
  const readers = {
    // Not written as text again: what can be read may be nested too deeply to be written.
    json: (read: unknown) => reader.parsed(read),
    text: (read: string) => bytes(new TextEncoder().encode(read)),
    arrayBuffer: (read: ArrayBuffer) => bytes(new Uint8Array(read)),
    bytes,
    blob: () => reader.end(),
  };
  return readWhole(response, { call, readers, failed: reader.broke });
}

/** The largest answer that is put together to be read; one of a longer answer is sound or pictures. */
const longestWhole = 16 * 1024 * 1024;

function wholeReader(call: Call, recorder: CallRecorder): BodyReader {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let length = 0;
  return {
    bytes(chunk) {
      if (call.settled || length > longestWhole) return;
      length += chunk.byteLength;
      parts.push(decoder.decode(chunk, { stream: true }));
    },
    end: () => recorder.answered(call, length > longestWhole ? undefined : parseJson(parts.join(""))),
    left: () => recorder.abandoned(call),
    broke: (error) => recorder.failed(call, error),
  };
}

function streamReader(call: Call, recorder: CallRecorder): BodyReader {
  const decoder = new TextDecoder();
  const itemsOf = eventReader();
  const read = (text: string | undefined): void => {
    for (const item of itemsOf(text)) {
      const failure = objectOf(objectOf(item)?.["error"]);
      if (failure === undefined) recorder.item(call, { value: item });
      else recorder.broke(call, new APIError(undefined, failure, undefined, undefined));
    }
  };
  return {
    bytes: (chunk) => read(decoder.decode(chunk, { stream: true })),
    end() {
      read(undefined);
      recorder.ended(call, "complete");
    },
    left: () => recorder.ended(call, "left"),
    broke: (error) => recorder.broke(call, error),
  };
}
