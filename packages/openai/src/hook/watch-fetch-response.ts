/**
 * Watches the answer to a `fetch`: the same `Response`, whose body is the program's to read in any way or not at all. Read
 * whole (`json()`, `text()`, …) or as it comes (`body`, also of a `clone()`), we see what passes; nothing is read ahead.
 */
import { APIError } from "openai";

import { objectOf, type RawObject } from "../answer.ts";
import type { Call, CallRecorder } from "../call.ts";
import { watchHolder } from "./lost-calls.ts";
import { defineOwnMethods } from "./own-methods.ts";
import { eventReader } from "./read-events.ts";
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
  const { clone, body } = response;
  const reader = firstReader(response, watched);
  defineOwnMethods(response, {
    ...readMethods(response, reader, watched),
    clone(): Response {
      const copy = Reflect.apply(clone, response, []);
      watch(copy, watched);
      return copy;
    },
  });
  if (body === null) return;
  let seen: ReadableStream<Uint8Array> | undefined;
  const watchedBody = (): ReadableStream<Uint8Array> => {
    if (seen !== undefined) return seen;
    seen = watchBody(body, reader);
    watchHolder(seen, { ...watched, holder: "stream" });
    return seen;
  };
  Object.defineProperty(response, "body", { get: watchedBody, enumerable: false, configurable: true });
}

/** Reads for the first of a response and its clones that is read. */
function firstReader(response: Response, watched: Watched): BodyReader {
  const { call, recorder } = watched;
  const reader = call.streaming ? streamReader(call, recorder) : wholeReader(call, recorder);
  const isFirst = (): boolean => (watched.reading ??= response) === response;
  return {
    bytes: (chunk) => isFirst() && reader.bytes(chunk),
    end: () => isFirst() && reader.end(),
    left: () => isFirst() && reader.left(),
    broke: (error) => isFirst() && reader.broke(error),
  };
}

/** How a body may be read whole, and the bytes of what was read; a blob is not read again. */
const bytesOf: Readonly<Record<string, (read: never) => Uint8Array>> = {
  json: (read: unknown) => encode(JSON.stringify(read)),
  text: (read: string) => encode(read),
  arrayBuffer: (read: ArrayBuffer) => new Uint8Array(read),
  bytes: (read: Uint8Array) => read,
  blob: () => new Uint8Array(),
};

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function readMethods(response: Response, reader: BodyReader, { call }: Watched): Record<string, unknown> {
  const methods: Record<string, unknown> = {};
  const failed = (error: unknown): never => {
    reader.broke(error);
    throw error;
  };
  for (const [name, toBytes] of Object.entries(bytesOf)) {
    const method = (response as unknown as Record<string, unknown>)[name];
    if (typeof method !== "function") continue;
    methods[name] = (): Promise<unknown> => {
      call.holder = "awaited";
      return (Reflect.apply(method, response, []) as Promise<never>).then((read) => {
        reader.bytes(toBytes(read));
        reader.end();
        return read;
      }, failed);
    };
  }
  return methods;
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
    end: () => recorder.answered(call, length > longestWhole ? undefined : parse(parts.join(""))),
    left: () => recorder.abandoned(call),
    broke: (error) => recorder.failed(call, error),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function streamReader(call: Call, recorder: CallRecorder): BodyReader {
  const decoder = new TextDecoder();
  const itemsOf = eventReader();
  const read = (text: string | undefined): void => {
    for (const item of itemsOf(text)) {
      const failure = objectOf((item as RawObject)["error"]);
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
