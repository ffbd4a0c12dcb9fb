/** How much a writer has to do: what it is watched by. */

export interface WriterLoad {
  readonly bytesInFlight: number;
  readonly maxBytesInFlight: number;
  readonly requestsInFlight: number;
  /** 0 when nothing waits. */
  readonly oldestWaitMs: number;
  /** How long ago the disk was found full, if nothing has been stored since; else `undefined`. */
  readonly fullSinceMs: number | undefined;
}

export interface WatchedWriter {
  /** Whether the writer thread is alive. */
  alive(): boolean;
  /** What is submitted and not answered. */
  load(): WriterLoad;
}
