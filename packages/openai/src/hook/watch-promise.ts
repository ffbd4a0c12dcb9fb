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
  call.promise = promise;
  if (watching.get(promise) === undefined && !methodNames.some((name) => Object.hasOwn(promise, name))) {
    const { prototype, originals } = watchedPrototypeOf(promise);
    watching.set(promise, new Watch(promise, originals, call, recorder));
    Object.setPrototypeOf(promise, prototype);
  } else {
    // openai 7 gives pages methods of their own, which stay where they are.
    const originals = methodsOf(promise);
    const watch = new Watch(promise, originals, call, recorder);
    defineOwnMethods(
      promise,
      watchedMethods(originals, () => watch),
    );
  }
  return promise;
}

/** What a program may call on a promise, as the SDK has it. */
interface Originals extends Pick<APIPromise<unknown>, "then" | "catch" | "finally" | "withResponse" | "asResponse"> {
  readonly thenUnwrap: APIPromise<unknown>["_thenUnwrap"];
}

type Transform = (data: unknown, props: never) => unknown;

const methodNames = ["then", "catch", "finally", "_thenUnwrap", "withResponse", "asResponse"] as const;

function methodsOf(owner: APIPromise<unknown>): Originals {
  const { then, catch: catchError, finally: atEnd, _thenUnwrap: thenUnwrap, withResponse, asResponse } = owner;
  // oxlint-disable-next-line unicorn/no-thenable -- methods of a promise, which has them already
  return { then, catch: catchError, finally: atEnd, thenUnwrap, withResponse, asResponse };
}

/** One promise of a call, and what the program asks of it. */
class Watch {
  readonly #promise: APIPromise<unknown>;
  readonly #originals: Originals;
  readonly #call: Call;
  readonly #recorder: CallRecorder;
  #observing = false;
  #insideSdk = false;

  constructor(promise: APIPromise<unknown>, originals: Originals, call: Call, recorder: CallRecorder) {
    this.#promise = promise;
    this.#originals = originals;
    this.#call = call;
    this.#recorder = recorder;
  }

  /** Listens for the outcome, before the program does that asks for it now. */
  observe(): void {
    this.#awaited();
    if (this.#observing) return;
    this.#observing = true;
    const seen = (data: unknown): unknown => this.#seen(data);
    const failed = (error: unknown): void => this.#recorder.failed(this.#call, error);
    void Reflect.apply(this.#originals.then, this.#promise, [seen, failed]);
  }

  withResponse(): unknown {
    this.observe();
    this.#insideSdk = true;
    const both = Reflect.apply(this.#originals.withResponse, this.#promise, []);
    this.#insideSdk = false;
    return both;
  }

  asResponse(): unknown {
    // The SDK's own withResponse() asks for it too, and not for its body.
    if (!this.#insideSdk) {
      const call = this.#call;
      const recorder = this.#recorder;
      call.rawResponse = true;
      this.#awaited();
      // Another promise than the program's: listening to that one would mark its rejection as handled.
      void this.#response().then(
        (raw) => watchResponse(raw, call, recorder),
        (error: unknown) => recorder.failed(call, error),
      );
    }
    return this.#response();
  }

  thenUnwrap(transform: Transform): APIPromise<unknown> {
    const seenFirst = (data: unknown, props: never): unknown => transform(this.#seen(data), props);
    const derived = Reflect.apply(this.#originals.thenUnwrap, this.#promise, [seenFirst]) as APIPromise<unknown>;
    return watchPromise(derived, this.#call, this.#recorder);
  }

  /** Once something else holds the outcome, as a stream does, it stays there. */
  #awaited(): void {
    if (this.#call.holder === "promise") this.#call.holder = "awaited";
  }

  #response(): Promise<Response> {
    return Reflect.apply(this.#originals.asResponse, this.#promise, []);
  }

  #seen(data: unknown): unknown {
    try {
      this.#see(data);
    } catch {
      // A program's own transform may make anything of an answer, a getter that throws too (D1).
      this.#recorder.abandoned(this.#call);
    }
    return data;
  }

  #see(data: unknown): void {
    const call = this.#call;
    const recorder = this.#recorder;
    if (isStream(data)) {
      if (call.streamSeen) return;
      call.streamSeen = true;
      // There already, since the stream is made of it: asking for it reads nothing and cannot fail.
      void this.#response().then(({ headers }) => recorder.headers(call, headers));
      watchStream(data, call, recorder);
    } else if (isResponse(data)) watchResponse(data, call, recorder);
    else recorder.answered(call, data);
  }
}

const watching = createStamp<Watch>();

interface WatchedPrototype {
  readonly prototype: object;
  readonly originals: Originals;
}

const watchedPrototypes = new WeakMap<object, WatchedPrototype>();

/**
 * A prototype between the promise and its class, made once per class: a `then` of a promise's own takes from the whole
 * process the short cut by which the engine resolves promises, and with it some percent of every stream; and each method
 * that is defined anew costs a part of every call.
 */
function watchedPrototypeOf(promise: APIPromise<unknown>): WatchedPrototype {
  const original = Object.getPrototypeOf(promise) as APIPromise<unknown>;
  let watched = watchedPrototypes.get(original);
  if (watched === undefined) {
    const originals = methodsOf(original);
    watched = { prototype: Object.create(original) as object, originals };
    defineOwnMethods(
      watched.prototype,
      watchedMethods(originals, (self) => watching.get(self)),
    );
    watchedPrototypes.set(original, watched);
  }
  return watched;
}

/** @param watchOf - whose promise it is; of one that is not watched, but has the prototype of one that is, nobody's */
function watchedMethods(originals: Originals, watchOf: (self: object) => Watch | undefined): Record<string, unknown> {
  const apply = (method: unknown, self: object, args: readonly unknown[]): unknown =>
    Reflect.apply(method as (...args: readonly unknown[]) => unknown, self, args);
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- methods for a promise, which has them already
    then(this: object, onData?: never, onError?: never) {
      watchOf(this)?.observe();
      return apply(originals.then, this, [onData, onError]);
    },
    catch(this: object, onError?: never) {
      watchOf(this)?.observe();
      return apply(originals.catch, this, [onError]);
    },
    finally(this: object, onEnd?: never) {
      watchOf(this)?.observe();
      return apply(originals.finally, this, [onEnd]);
    },
    _thenUnwrap(this: object, transform: Transform) {
      return watchOf(this)?.thenUnwrap(transform) ?? apply(originals.thenUnwrap, this, [transform]);
    },
    withResponse(this: object) {
      return watchOf(this)?.withResponse() ?? apply(originals.withResponse, this, []);
    },
    asResponse(this: object) {
      return watchOf(this)?.asResponse() ?? apply(originals.asResponse, this, []);
    },
  };
}
