/** The port through which a batch leaves the process, and what every way out keeps to. */

export interface TransportRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON in UTF-8; the transport compresses it where that pays. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** The whole exchange, from the first byte out to the last byte in. */
  readonly timeoutMs: number;
}

export interface TransportResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** Bytes of the body that went out, after compression. */
  readonly sentBytes: number;
}

export interface Transport {
  /** Rejects when there is no complete answer: not reached, broken off, too late, too large. Redirects are answers. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Closes all connections; requests under way reject. */
  close(): void;
}

/** Below this many bytes compression costs more than it saves. */
export const compressFrom = 1_024;

/** The most that is read of an answer, decompressed. */
export const maxResponseBytes: number = 5 * 1024 * 1024;

export function answerTooLarge(): Error {
  return new Error(`expected an answer of at most ${maxResponseBytes} bytes`);
}

export function answerTooLate(timeoutMs: number): Error {
  return new Error(`no complete answer within ${timeoutMs} ms`);
}

export function transportClosed(): Error {
  return new Error("the transport is closed");
}
