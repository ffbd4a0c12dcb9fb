/**
 * Watches a stream: the same object, whose iterators (the same objects too) tell what passes.
 *
 * `next`, `return` and `throw` are passed on one to one: nothing is read ahead, kept or teed, so that back-pressure, early
 * `break` and abort reach the server as before. The program gets the SDK's own promises of the items, and so each item in
 * the same turn; we listen beside it. Only where the next item may have to be hidden it gets a promise of ours, and a
 * hidden item is skipped by asking for the one after it.
 */
import type { Call, CallRecorder, StreamEnd } from "../call.ts";
import { watchHolder } from "./lost-calls.ts";
import { defineOwnMethods } from "./own-methods.ts";

/** What is used of the SDK's `Stream`. */
export interface SdkStream {
  iterator: () => AsyncIterator<unknown>;
  readonly controller?: AbortController;
}

export function isStream(value: unknown): value is SdkStream {
  return (
    typeof value === "object" &&
    value !== null &&
    Symbol.asyncIterator in value &&
    typeof (value as Partial<SdkStream>).iterator === "function"
  );
}

export function watchStream(stream: SdkStream, call: Call, recorder: CallRecorder): void {
  watchHolder(stream, { call, holder: "stream", recorder });
  const { iterator } = stream;
  const reading: Reading = { call, recorder, stream, iterator: undefined, pending: 0 };
  // A proxy: who prints the stream sees the SDK's function.
  stream.iterator = new Proxy(iterator, {
    apply: (original, self, args) => watchIterator(Reflect.apply(original, self, args as []), reading),
  });
}

interface Reading {
  readonly call: Call;
  readonly recorder: CallRecorder;
  /** Held by its iterators too, so that it is lost when all of them are: watching each of them would cost more. */
  readonly stream: SdkStream;
  /** The one that reads: the first that was asked for an item. The SDK lets no second one read. */
  iterator: AsyncIterator<unknown> | undefined;
  /** Items asked for that have not come yet. */
  pending: number;
}

function watchIterator(iterator: AsyncIterator<unknown>, reading: Reading): AsyncIterator<unknown> {
  const { next } = iterator;
  const { call, recorder } = reading;
  /** @returns whether the program may see the step */
  const onStep = (step: IteratorResult<unknown>): boolean => {
    reading.pending -= 1;
    if (step.done !== true) return recorder.item(call, step);
    recorder.ended(call, endOf(reading, "complete"));
    return true;
  };
  const onError = (error: unknown): void => {
    reading.pending -= 1;
    recorder.broke(call, error);
  };
  const advance = (...args: [] | [unknown]): Promise<IteratorResult<unknown>> => {
    const step: Promise<IteratorResult<unknown>> = Reflect.apply(next, iterator, args);
    reading.iterator ??= iterator;
    if (reading.iterator !== iterator) return step;
    // Of several that are under way an earlier one may tell that a later one is to be hidden.
    const sure = reading.pending === 0 && !recorder.mayHide(call);
    reading.pending += 1;
    if (!sure) return step.then((came) => (onStep(came) ? came : advance()), rethrow(onError));
    void step.then(onStep, onError);
    return step;
  };
  defineOwnMethods(iterator, { next: advance, ...leaveMethods(iterator, reading) });
  return iterator;
}

function rethrow(onError: (error: unknown) => void): (error: unknown) => never {
  return (error) => {
    onError(error);
    throw error;
  };
}

/** `return` and `throw`, where the iterator has them: the program leaves before the end. */
function leaveMethods(iterator: AsyncIterator<unknown>, reading: Reading): Record<string, unknown> {
  const methods: Record<string, unknown> = {};
  for (const name of ["return", "throw"] as const) {
    const leave = iterator[name];
    if (leave === undefined) continue;
    methods[name] = (...args: [] | [unknown]) => {
      if (reading.iterator === iterator) reading.recorder.ended(reading.call, endOf(reading, "left"));
      return Reflect.apply(leave, iterator, args);
    };
  }
  return methods;
}

/** The SDK ends an aborted stream like a complete one. */
function endOf({ stream }: Reading, otherwise: StreamEnd): StreamEnd {
  return stream.controller?.signal.aborted === true ? "aborted" : otherwise;
}
