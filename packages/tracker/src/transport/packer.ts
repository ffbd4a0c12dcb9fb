/**
 * Packs bodies with gzip, one after the other, by one stream of Node's that starts anew for each: a stream per body made the
 * engine collect its old space every second under load, which cost several times what compressing does.
 *
 * Promise: each body is packed whole, or its promise rejects; a failure is the one body's. Compressing runs in a thread of
 * the runtime's and keeps no process alive by itself.
 */
import type { Gzip, ZlibReset } from "node:zlib";

import type { NodeSockets } from "../node-builtin.ts";
import { transportClosed } from "./transport.ts";

export interface Packer {
  gzip(body: Uint8Array): Promise<Uint8Array>;
  /** Rejects with `ERR_BUFFER_TOO_LARGE` what is more than `mostBytes`. */
  gunzip(body: Uint8Array, mostBytes: number): Promise<Buffer>;
  /** Rejects what is being packed, and gives back the stream's memory. */
  close(): void;
}

/** Node's types have `reset` on deflate streams only; its gzip streams are made of the same class. */
type Stream = Gzip & ZlibReset;

export function createPacker(zlib: NodeSockets["zlib"]): Packer {
  let stream: Stream | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const drop = (): void => {
    stream?.destroy();
    stream = undefined;
  };
  const pack = (body: Uint8Array): Promise<Uint8Array> => {
    stream ??= zlib.createGzip({ level: 1 }) as Stream;
    return packWith(stream, body, zlib.constants.Z_FINISH).catch((failure: unknown) => {
      drop();
      throw failure;
    });
  };
  return {
    gzip(body) {
      const packed = last.then(() => pack(body));
      last = packed.catch(() => {});
      return packed;
    },
    gunzip: (body, mostBytes) =>
      new Promise((resolve, reject) => {
        zlib.gunzip(body, { maxOutputLength: mostBytes }, (error, result) =>
          error === null ? resolve(result) : reject(error),
        );
      }),
    close: drop,
  };
}

function packWith(stream: Stream, body: Uint8Array, finish: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    const take = (piece: Uint8Array): void => void pieces.push(piece);
    const settle = (settled: () => void): void => {
      stream.off("data", take).off("error", failed).off("close", closed);
      settled();
    };
    const failed = (error: Error): void => settle(() => reject(error));
    const closed = (): void => failed(transportClosed());
    stream.on("data", take).on("error", failed).on("close", closed);
    stream.write(body);
    // Ends the body, and not the stream.
    stream.flush(finish, () => {
      if (stream.destroyed) return;
      stream.reset();
      settle(() => resolve(joined(pieces)));
    });
  });
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}
