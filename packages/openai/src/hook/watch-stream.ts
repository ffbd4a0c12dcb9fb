/**
 * Watches a stream: the same object, whose iterators (the same objects too) tell what passes.
 *
 * `next`, `return` and `throw` are passed on one to one: nothing is read ahead, kept or teed, so that back-pressure, early
 * `break` and abort reach the server as before. An item that the recorder wants hidden is skipped by asking for the next.
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
  const reading: Reading = { call, recorder, controller: stream.controller, iterator: undefined };
  // A proxy: who prints the stream sees the SDK's function.
  stream.iterator = new Proxy(iterator, {
    apply: (original, self, args) => watchIterator(Reflect.apply(original, self, args as []), reading),
  });
}

interface Reading {
  readonly call: Call;
  readonly recorder: CallRecorder;
  readonly controller: AbortController | undefined;
  /** The one that reads: the first that was asked for an item. The SDK lets no second one read. */
  iterator: AsyncIterator<unknown> | undefined;
}

function watchIterator(iterator: AsyncIterator<unknown>, reading: Reading): AsyncIterator<unknown> {
  const { next } = iterator;
  const onStep = (step: IteratorResult<unknown>): IteratorResult<unknown> | Promise<IteratorResult<unknown>> =>
    step.done === true || isVisible(step.value, reading) ? atEnd(step, reading) : advance();
  const onError = (error: unknown): never => {
    reading.recorder.broke(reading.call, error);
    throw error;
  };
  const advance = (...args: [] | [unknown]): Promise<IteratorResult<unknown>> => {
    const step: Promise<IteratorResult<unknown>> = Reflect.apply(next, iterator, args);
    if (reading.iterator === undefined) {
      reading.iterator = iterator;
      watchHolder(iterator, { call: reading.call, holder: "iterator", recorder: reading.recorder });
    }
    return reading.iterator === iterator ? step.then(onStep, onError) : step;
  };
  defineOwnMethods(iterator, { next: advance, ...leaveMethods(iterator, reading) });
  return iterator;
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

function isVisible(item: unknown, { recorder, call }: Reading): boolean {
  return recorder.item(call, item);
}

function atEnd(step: IteratorResult<unknown>, reading: Reading): IteratorResult<unknown> {
  if (step.done === true) reading.recorder.ended(reading.call, endOf(reading, "complete"));
  return step;
}

/** The SDK ends an aborted stream like a complete one. */
function endOf({ controller }: Reading, otherwise: StreamEnd): StreamEnd {
  return controller?.signal.aborted === true ? "aborted" : otherwise;
}
