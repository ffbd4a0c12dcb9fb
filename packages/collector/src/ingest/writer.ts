/**
 * The main thread's hand on the writer thread.
 *
 * Promise: at most `maxBytesInFlight` bytes of bodies are held; beyond that a request is refused as overloaded (S7), never
 * taken and lost. The body is transferred, not copied: the caller must not use it afterwards.
 */
import type { StoreLocation } from "../open-store.ts";
import { openWorker, type WorkerChannel, workerUrl } from "../worker-channel.ts";
import type { IngestAnswer } from "./commit.ts";
import type { RawRequest } from "./prepare.ts";

export type WriterAnswer = IngestAnswer | { readonly kind: "overloaded"; readonly bytesInFlight: number };

export interface Writer {
  submit(request: RawRequest): Promise<WriterAnswer>;
  /** Whether the writer thread is alive. */
  alive(): boolean;
  /** Waits until all that was submitted is answered, then ends the thread. */
  close(): Promise<void>;
}

export interface WriterOptions {
  readonly location: StoreLocation;
  readonly maxBytesInFlight: number;
  /** Told once, when the thread dies by itself. */
  readonly onDeath: (cause: Error) => void;
}

export async function openWriter(options: WriterOptions): Promise<Writer> {
  let alive = true;
  const channel = await openWorker<RawRequest, IngestAnswer>({
    url: workerUrl("writer-worker", import.meta.url),
    workerData: { location: options.location },
    onDeath: (cause) => {
      alive = false;
      options.onDeath(cause);
    },
  });
  return createWriter(channel, { maxBytesInFlight: options.maxBytesInFlight, alive: () => alive });
}

/** The bound around any channel to a committer. */
export function createWriter(
  channel: WorkerChannel<RawRequest, IngestAnswer>,
  bounds: { readonly maxBytesInFlight: number; readonly alive: () => boolean },
): Writer {
  let bytesInFlight = 0;
  return {
    submit: async (request) => {
      const bytes = request.body.byteLength;
      if (bytesInFlight > 0 && bytesInFlight + bytes > bounds.maxBytesInFlight)
        return { kind: "overloaded", bytesInFlight };
      bytesInFlight += bytes;
      try {
        return await channel.call(request, transferable(request.body));
      } catch (error) {
        return { kind: "failed", message: String(error) };
      } finally {
        bytesInFlight -= bytes;
      }
    },
    alive: bounds.alive,
    close: () => channel.close(),
  };
}

/** Only a buffer of its own can be transferred; a slice of Node's shared pool is copied. */
function transferable(body: Uint8Array): readonly ArrayBuffer[] {
  const { buffer } = body;
  return buffer instanceof ArrayBuffer && buffer.byteLength === body.byteLength ? [buffer] : [];
}
