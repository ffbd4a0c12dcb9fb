/**
 * Looks keys up for the routes, and notes that they were used.
 *
 * Promise: a key that has ended is not found from that moment on. Uses are written in one go, once a minute at most and
 * when the collector closes: what is lost when the process dies is the last minute's uses, and never a request's time. At
 * most 10,000 keys are remembered in between.
 */
import type { ApiKey, KeyStore } from "@cmdrdata/storage";
import type { FastifyBaseLogger } from "fastify";

import type { Clock } from "../clock.ts";

export interface KeyDesk {
  /** @returns `undefined` for a key that is unknown or has ended */
  findKey(hash: string): Promise<ApiKey | undefined>;
  /** A key as it was when it was last found valid, if that is remembered. */
  recent(hash: string): ApiKey | undefined;
  /** Writes the uses that are not written yet. */
  flush(): Promise<void>;
}

export interface KeyDeskDeps {
  readonly keys: Pick<KeyStore, "findKey">;
  readonly admin: Pick<KeyStore, "noteKeyUse">;
  readonly clock: Pick<Clock, "now" | "monotonicNow">;
  readonly logger: Pick<FastifyBaseLogger, "warn">;
}

const writeEveryMs = 60_000;
const mostKeys = 10_000;

export function createKeyDesk({ keys, admin, clock, logger }: KeyDeskDeps): KeyDesk {
  let uses = new Map<string, number>();
  const found = new Map<string, ApiKey>();
  let writtenAtMs = clock.monotonicNow();
  const flush = async (): Promise<void> => {
    writtenAtMs = clock.monotonicNow();
    if (uses.size === 0) return;
    const written = uses;
    uses = new Map();
    try {
      await admin.noteKeyUse(written);
    } catch (error) {
      // When a key was last used is worth no failed request.
      logger.warn({ err: error }, "could not note the use of keys");
    }
  };
  return {
    findKey: async (hash) => {
      const key = await keys.findKey(hash);
      const nowMs = clock.now();
      if (key === undefined || (key.endsAtMs !== null && key.endsAtMs <= nowMs)) {
        found.delete(hash);
        return undefined;
      }
      if (found.size >= mostKeys) found.clear();
      found.set(hash, key);
      if (uses.size < mostKeys) uses.set(hash, nowMs);
      if (clock.monotonicNow() - writtenAtMs >= writeEveryMs) void flush();
      return key;
    },
    recent: (hash) => found.get(hash),
    flush,
  };
}
