/**
 * A stream that passes on the bytes of another one to one and tells what passes: it reads when it is read, so that
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

type Bytes = Uint8Array<ArrayBuffer>;
type Controller = ReadableByteStreamController | ReadableStreamDefaultController<Bytes>;

/** @returns a stream of the same kind; the given one is locked at the first read, and free until then */
export function watchBody(body: ReadableStream<Bytes>, reader: BodyReader): ReadableStream<Bytes> {
  let source: ReadableStreamDefaultReader<Bytes> | undefined;
  const pull = async (controller: Controller): Promise<void> => {
    source ??= body.getReader();
    const step = await source.read().catch((error: unknown) => {
      reader.broke(error);
      throw error;
    });
    if (step.done) {
      reader.end();
      controller.close();
      // Whoever waits with memory of its own is told only so that nothing came.
      if ("byobRequest" in controller) controller.byobRequest?.respond(0);
      return;
    }
    // Before it is passed on: of a stream of bytes its memory goes with it.
    reader.bytes(step.value);
    controller.enqueue(step.value);
  };
  const cancel = async (reason: unknown): Promise<void> => {
    reader.left();
    await (source ?? body).cancel(reason);
  };
  // A stream of bytes takes the memory of its chunks, and no empty ones: not of a program that made the response itself
  // and uses them again. Of the other kind, one would be read ahead.
  return givesMemory(body)
    ? (new ReadableStream({ type: "bytes", pull, cancel }) as ReadableStream<Bytes>)
    : new ReadableStream<Bytes>({ pull, cancel }, { highWaterMark: 0 });
}

/** Whether it can be read into memory of the program's own, as the bodies of `fetch` can. */
function givesMemory(body: ReadableStream<Bytes>): boolean {
  try {
    body.getReader({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
