/** The checks of a collector: its engine, its writer, its disk. */
import { statfs } from "node:fs/promises";

import type { UsageStore } from "@cmdrdata/storage";

import type { WatchedWriter } from "../writer-load.ts";
import type { Check } from "./check.ts";

const mebibyte = 1_048_576;
/** Below this somebody should make room. */
const littleBytes = 1_024 * mebibyte;
/** Below this a commit may fail at any moment: events are better held by those who send them. */
const tooLittleBytes = 64 * mebibyte;
/** So long a request may wait for its commit before the collector takes no new ones. */
const longestWaitMs = 10_000;
/** So long after the disk was found full nothing is sent here; then something has to be, to see whether it still is. */
const fullForMs = 10_000;

/** The engine answers, and its schema is the one this version needs. */
export function storeCheck(store: Pick<UsageStore, "check">, engine: "sqlite" | "postgres"): Check {
  return {
    name: "store",
    run: async () => {
      await store.check();
      return { readings: { engine } };
    },
  };
}

/** The writer lives, and nothing waits too long for its commit. */
export function writerCheck(writer: WatchedWriter): Check {
  return {
    name: "writer",
    run: async () => {
      if (!writer.alive()) throw new Error("the writer thread is gone");
      const { bytesInFlight, maxBytesInFlight, requestsInFlight, oldestWaitMs, fullSinceMs } = writer.load();
      if (fullSinceMs !== undefined && fullSinceMs < fullForMs) {
        throw new Error("the disk of the ledger, or a quota on it, is full");
      }
      if (oldestWaitMs > longestWaitMs) {
        throw new Error(`a request has waited ${Math.round(oldestWaitMs)} ms for its commit`);
      }
      const readings = {
        bytes_in_flight: bytesInFlight,
        max_bytes_in_flight: maxBytesInFlight,
        requests_in_flight: requestsInFlight,
        oldest_wait_ms: Math.round(oldestWaitMs),
      };
      if (bytesInFlight < 0.8 * maxBytesInFlight) return { readings };
      return { readings, problem: "four fifths of the bytes that may be in flight are: more comes in than is stored" };
    },
  };
}

/** @param look - the file system's sizes; `statfs` of Node, but for tests */
export function diskCheck(
  folder: string,
  look: (
    path: string,
  ) => Promise<{ readonly bavail: number; readonly blocks: number; readonly bsize: number }> = statfs,
): Check {
  return {
    name: "disk",
    run: async () => {
      const { bavail, blocks, bsize } = await look(folder);
      const freeBytes = bavail * bsize;
      const readings = { free_bytes: freeBytes, total_bytes: blocks * bsize };
      if (freeBytes < tooLittleBytes) throw new Error(`${Math.floor(freeBytes / mebibyte)} MiB are free: too little`);
      if (freeBytes >= littleBytes) return { readings };
      return { readings, problem: `${Math.floor(freeBytes / mebibyte)} MiB are free: make room, or retain less` };
    },
  };
}
