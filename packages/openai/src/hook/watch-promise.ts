/**
 * Watches the promise of a call: the same object goes on to the program, with the same methods doing the same.
 *
 * Nothing happens until the program itself asks for the outcome: a `then` of our own would mark a rejection as handled,
 * or read a body that the program wants to read. What the program asks for is passed on as it is, errors too.
 */
import type { APIPromise } from "openai";

import type { Call, CallRecorder } from "../call.ts";
import { defineOwnMethods } from "./own-methods.ts";
import { isResponse, watchResponse } from "./watch-response.ts";
import { isStream, watchStream } from "./watch-stream.ts";

/** @returns the promise it was given */
export function watchPromise<Result extends APIPromise<unknown>>(
  promise: Result,
  call: Call,
  recorder: CallRecorder,
): Result {
  const { asResponse } = promise;
  const response = (): Promise<Response> => Reflect.apply(asResponse, promise, []);
  const watched = { call, recorder, response };
  const seen = <Data>(data: Data): Data => {
    see(data, watched);
    return data;
  };
  const failed = (error: unknown): never => {
    recorder.failed(call, error);
    throw error;
  };
  const observers = { seen, failed };
  defineOwnMethods(promise, { _thenUnwrap: unwrapMethod(promise, watched, observers) });
  defineOwnMethods(promise, responseMethods(promise, watched, observers));
  defineOwnMethods(promise, outcomeMethods(promise, call, observers));
  call.promise = promise;
  return promise;
}

interface Observers {
  readonly seen: <Data>(data: Data) => Data;
  readonly failed: (error: unknown) => never;
}

interface Watched {
  readonly call: Call;
  readonly recorder: CallRecorder;
  readonly response: () => Promise<Response>;
}

function see(data: unknown, { call, recorder, response }: Watched): void {
  if (isStream(data)) {
    if (call.streamSeen) return;
    call.streamSeen = true;
    // There already, since the stream is made of it: asking for it reads nothing and cannot fail.
    void response().then(({ headers }) => recorder.headers(call, headers));
    watchStream(data, call, recorder);
  } else if (isResponse(data)) watchResponse(data, call, recorder);
  else recorder.answered(call, data);
}

function outcomeMethods(promise: APIPromise<unknown>, call: Call, { seen, failed }: Observers) {
  const { then } = promise;
  let observed: Promise<unknown> | undefined;
  const outcome = (): Promise<unknown> => {
    call.holder = "awaited";
    return (observed ??= Reflect.apply(then, promise, [seen, failed]));
  };
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- methods for a promise, which has them already
    then: (onData?: never, onError?: never) => outcome().then(onData, onError),
    catch: (onError?: never) => outcome().catch(onError),
    finally: (onEnd?: never) => outcome().finally(onEnd),
  };
}

function responseMethods(promise: APIPromise<unknown>, { call, recorder, response }: Watched, observers: Observers) {
  const { withResponse } = promise;
  let insideSdk = false;
  return {
    withResponse() {
      call.holder = "awaited";
      insideSdk = true;
      const both = Reflect.apply(withResponse, promise, []);
      insideSdk = false;
      return both.then((result) => {
        observers.seen(result.data);
        return result;
      }, observers.failed);
    },
    asResponse() {
      // The SDK's own withResponse() asks for it too, and not for its body.
      if (insideSdk) return response();
      call.rawResponse = true;
      call.holder = "awaited";
      return response().then((raw) => {
        watchResponse(raw, call, recorder);
        return raw;
      }, observers.failed);
    },
  };
}

function unwrapMethod(promise: APIPromise<unknown>, { call, recorder }: Watched, { seen }: Observers) {
  const { _thenUnwrap } = promise;
  return (transform: (data: unknown, props: never) => unknown): APIPromise<unknown> => {
    const seenFirst = (data: unknown, props: never): unknown => transform(seen(data), props);
    const derived = Reflect.apply(_thenUnwrap, promise, [seenFirst]) as APIPromise<unknown>;
    return watchPromise(derived, call, recorder);
  };
}
