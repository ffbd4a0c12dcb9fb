/**
 * The main thread's hand on the writer thread.
 *
 * Promise: at most `maxBytesInFlight` bytes of bodies are held; beyond that a request is refused as overloaded (S7), never
 * taken and lost. The body is transferred, not copied: the caller must not use it afterwards.
 */
import { systemClock } from "../clock.ts";
import type { StoreLocation } from "../open-store.ts";
import type { WatchedWriter, WriterLoad } from "../writer-load.ts";
import { openWorker, type WorkerChannel, workerUrl } from "../worker-channel.ts";
import type { IngestAnswer } from "./commit.ts";
import type { RawRequest } from "./prepare.ts";

export type WriterAnswer = IngestAnswer | { readonly kind: "overloaded"; readonly bytesInFlight: number };

export interface Writer extends WatchedWriter {
  submit(request: RawRequest): Promise<WriterAnswer>;
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
  const { maxBytesInFlight } = options;
  return createWriter(channel, { maxBytesInFlight, alive: () => alive, monotonicNow: systemClock.monotonicNow });
}

interface Bounds {
  readonly maxBytesInFlight: number;
  readonly alive: () => boolean;
  readonly monotonicNow: () => number;
}

/** The bound around any channel to a committer. */
export function createWriter(channel: WorkerChannel<RawRequest, IngestAnswer>, bounds: Bounds): Writer {
  const { load, begin, note } = countLoad(bounds);
  return {
    submit: async (request) => {
      const bytes = request.body.byteLength;
      const { bytesInFlight } = load();
      if (bytesInFlight > 0 && bytesInFlight + bytes > bounds.maxBytesInFlight)
        return { kind: "overloaded", bytesInFlight };
      const end = begin(bytes);
      try {
        return note(await channel.call(request, transferable(request.body)));
      } catch (error) {
        return { kind: "failed", message: String(error) };
      } finally {
        end();
      }
    },
    alive: bounds.alive,
    load,
    close: () => channel.close(),
  };
}

interface LoadCount {
  readonly load: () => WriterLoad;
  /** A request is handed over. @returns what ends its wait */
  begin(bytes: number): () => void;
  /** Remembers of an answer that the disk was full, or that it is not any more. */
  note(answer: IngestAnswer): IngestAnswer;
}

function countLoad({ maxBytesInFlight, monotonicNow }: Bounds): LoadCount {
  let bytesInFlight = 0;
  let fullAtMs: number | undefined;
  /** When each came, the oldest first. */
  const waiting = new Set<{ readonly sinceMs: number }>();
  return {
    load: () => {
      const [oldest] = waiting;
      return {
        bytesInFlight,
        maxBytesInFlight,
        requestsInFlight: waiting.size,
        oldestWaitMs: oldest === undefined ? 0 : monotonicNow() - oldest.sinceMs,
        fullSinceMs: fullAtMs === undefined ? undefined : monotonicNow() - fullAtMs,
      };
    },
    begin: (bytes) => {
      bytesInFlight += bytes;
      const wait = { sinceMs: monotonicNow() };
      waiting.add(wait);
      return () => {
        bytesInFlight -= bytes;
        waiting.delete(wait);
      };
    },
    note: (answer) => {
      if (answer.kind === "stored") fullAtMs = undefined;
      if (answer.kind === "unavailable" && answer.code === "CMDR_DISK_FULL") fullAtMs = monotonicNow();
      return answer;
    },
  };
}

/** Only a buffer of its own can be transferred; a slice of Node's shared pool is copied. */
function transferable(body: Uint8Array): readonly ArrayBuffer[] {
  const { buffer } = body;
  return buffer instanceof ArrayBuffer && buffer.byteLength === body.byteLength ? [buffer] : [];
}
