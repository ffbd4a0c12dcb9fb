/**
 * A body on its way to the ledger: kept as it was received, compressed.
 *
 * What came with gzip is kept as it is. What came plain is compressed with zstd at its fastest, a fifth of gzip's cost, and
 * only when it is stored: a body that holds nothing new is not.
 */
import { constants, gunzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";

import { bodyTooLarge, limits } from "@cmdrdata/protocol";
import type { ReceivedBody } from "@cmdrdata/storage";

const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function receivedBody(body: Uint8Array, encoding: "identity" | "gzip"): ReceivedBody {
  if (encoding === "gzip") return { encoding, bytes: body };
  let compressed: Uint8Array | undefined;
  return {
    encoding: "zstd",
    get bytes() {
      return (compressed ??= zstdCompressSync(body, fastest));
    },
  };
}

/** @throws CmdrdataError `CMDR_BODY_TOO_LARGE` beyond the limit of a body; zlib's own error for bytes that do not decompress */
export function decompress({ encoding, bytes }: ReceivedBody): Uint8Array {
  const bound = { maxOutputLength: limits.bodyBytes };
  try {
    return encoding === "gzip" ? gunzipSync(bytes, bound) : zstdDecompressSync(bytes, bound);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw bodyTooLarge(limits.bodyBytes + 1);
    throw cause;
  }
}
