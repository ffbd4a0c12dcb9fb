/**
 * Watches the promise of a call: the same object goes on to the program, with the same methods doing the same.
 *
 * Nothing happens until the program itself asks for the outcome: a `then` of our own would mark a rejection as handled,
 * or read a body that the program wants to read. Once it asks, we listen beside it and before it, and it gets what the
 * SDK gives: the same promises, errors and turns of the event loop; a rejection it does not handle stays unhandled.
 */
import type { APIPromise } from "openai";

import type { Call, CallRecorder } from "../call.ts";
import { createStamp } from "../stamp.ts";
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
    try {
      see(data, watched);
    } catch {
      // A program's own transform may make anything of an answer, a getter that throws too (D1).
      recorder.abandoned(call);
    }
    return data;
  };
  const failed = (error: unknown): void => recorder.failed(call, error);
  const observers = { seen, failed };
  const observe = observeOnce(promise, call, observers);
  watchMethods(promise, {
    observe,
    _thenUnwrap: unwrapMethod(promise, watched, observers),
    ...responseMethods(promise, watched, { observe, failed }),
  });
  call.promise = promise;
  return promise;
}

interface Observers {
  readonly seen: <Data>(data: Data) => Data;
  readonly failed: (error: unknown) => void;
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

/** Listens for the outcome, before the program does that asks for it now. */
function observeOnce(promise: APIPromise<unknown>, call: Call, { seen, failed }: Observers): () => void {
  const { then } = promise;
  let observing = false;
  return () => {
    // Once something else holds the outcome, as a stream does, it stays there.
    if (call.holder === "promise") call.holder = "awaited";
    if (observing) return;
    observing = true;
    void Reflect.apply(then, promise, [seen, failed]);
  };
}

/** What the program may ask of a promise. */
interface Methods {
  /** It asks for the outcome. */
  readonly observe: () => void;
  readonly withResponse: () => unknown;
  readonly asResponse: () => unknown;
  readonly _thenUnwrap: (transform: never) => unknown;
}

const watching = createStamp<Methods>();
const watchedPrototypes = new WeakMap<object, object>();

const outcomeNames = ["then", "catch", "finally"] as const;
const otherNames = ["_thenUnwrap", "withResponse", "asResponse"] as const;
const methodNames = [...outcomeNames, ...otherNames];

/**
 * By a prototype between the promise and its class, made once per class: a `then` of a promise's own takes from the whole
 * process the short cut by which the engine resolves promises, and with it some percent of every stream; and each method
 * that is defined anew costs a part of every call.
 */
function watchMethods(promise: APIPromise<unknown>, methods: Methods): void {
  if (watching.get(promise) !== undefined || methodNames.some((name) => Object.hasOwn(promise, name))) {
    // openai 7 gives pages methods of their own, which stay where they are.
    const { observe, ...others } = methods;
    defineOwnMethods(promise, { ...others, ...outcomeMethods(promise, () => observe()) });
    return;
  }
  watching.set(promise, methods);
  Object.setPrototypeOf(promise, watchedPrototype(Object.getPrototypeOf(promise) as APIPromise<unknown>));
}

function watchedPrototype(original: APIPromise<unknown>): object {
  let watched = watchedPrototypes.get(original);
  if (watched === undefined) {
    watched = Object.create(original) as object;
    const methods = outcomeMethods(original, (promise) => watching.get(promise)?.observe());
    defineOwnMethods(watched, { ...methods, ...otherMethods(original) });
    watchedPrototypes.set(original, watched);
  }
  return watched;
}

/** Those of the promise they are called on; of one that is not watched, which has the prototype of one that is, its class's. */
function otherMethods(original: APIPromise<unknown>): Record<string, unknown> {
  const methods: Record<string, unknown> = {};
  for (const name of otherNames) {
    const method = original[name] as (...args: readonly unknown[]) => unknown;
    methods[name] = function (this: object, ...args: never[]): unknown {
      const watched = watching.get(this)?.[name] as typeof method | undefined;
      return watched === undefined ? Reflect.apply(method, this, args) : watched(...args);
    };
  }
  return methods;
}

/** @param observe - told of the promise whose outcome is asked for */
function outcomeMethods(
  { then, catch: catchError, finally: atEnd }: APIPromise<unknown>,
  observe: (of: object) => void,
) {
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- methods for a promise, which has them already
    then(this: object, onData?: never, onError?: never) {
      observe(this);
      return Reflect.apply(then, this, [onData, onError]);
    },
    catch(this: object, onError?: never) {
      observe(this);
      return Reflect.apply(catchError, this, [onError]);
    },
    finally(this: object, onEnd?: never) {
      observe(this);
      return Reflect.apply(atEnd, this, [onEnd]);
    },
  };
}

interface ResponseObservers {
  readonly observe: () => void;
  readonly failed: (error: unknown) => void;
}

function responseMethods(
  promise: APIPromise<unknown>,
  { call, recorder, response }: Watched,
  { observe, failed }: ResponseObservers,
) {
  const { withResponse } = promise;
  let insideSdk = false;
  return {
    withResponse() {
      observe();
      insideSdk = true;
      const both = Reflect.apply(withResponse, promise, []);
      insideSdk = false;
      return both;
    },
    asResponse() {
      // The SDK's own withResponse() asks for it too, and not for its body.
      if (!insideSdk) {
        call.rawResponse = true;
        if (call.holder === "promise") call.holder = "awaited";
        // Another promise than the program's: listening to that one would mark its rejection as handled.
        void response().then((raw) => watchResponse(raw, call, recorder), failed);
      }
      return response();
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
