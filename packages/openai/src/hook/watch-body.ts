/**
 * A stream of bytes that passes on another one to one and tells what passes: it reads when it is read, so that
 * back-pressure, cancelling and errors reach the server as they would without it.
 */

/** Told of the bytes of a body. None of these may throw. */
export interface BodyReader {
  bytes(chunk: Uint8Array): unknown;
  end(): unknown;
  /** The program cancelled it before its end. */
  left(): unknown;
  broke(error: unknown): unknown;
}

/** @returns a stream of the same kind; the given one is locked at the first read, and free until then */
export function watchBody(body: ReadableStream<Uint8Array>, reader: BodyReader): ReadableStream<Uint8Array> {
  let source: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream({
    // As the bodies of fetch are, so that a program may read it into memory of its own.
    type: "bytes",
    async pull(controller) {
      source ??= body.getReader();
      const step = await source.read().catch((error: unknown) => {
        reader.broke(error);
        throw error;
      });
      if (step.done) {
        reader.end();
        controller.close();
        // Whoever waits with memory of its own is told only so that nothing came.
        controller.byobRequest?.respond(0);
        return;
      }
      // Before it is passed on: its memory goes with it.
      reader.bytes(step.value);
      controller.enqueue(step.value);
    },
    async cancel(reason) {
      reader.left();
      await (source ?? body).cancel(reason);
    },
  });
}
