/**
 * Remembers keys that were found, for a moment.
 *
 * Promise: a key that is revoked, on whichever replica, is refused here `keyMemoryMs` later at the latest; one that is not
 * known is looked up every time, so that a new key works at once. Requests that come together share one look-up.
 */
import type { ApiKey, KeyStore } from "@cmdrdata/storage";

import type { Clock } from "../clock.ts";

/** The longest a revoked key may go on being taken. */
export const keyMemoryMs = 1_000;

/** Keys remembered at once. */
const mostKeys = 10_000;

type Keys = Pick<KeyStore, "findKey">;

interface Remembered {
  readonly key: Promise<ApiKey | undefined>;
  readonly askedAtMs: number;
}

export function rememberKeys(keys: Keys, clock: Pick<Clock, "monotonicNow">): Keys {
  const remembered = new Map<string, Remembered>();
  const look = (hash: string): Promise<ApiKey | undefined> => {
    // Dated before it is asked: what is answered is no older than that.
    const entry = { key: keys.findKey(hash), askedAtMs: clock.monotonicNow() };
    if (remembered.size >= mostKeys) remembered.clear();
    remembered.set(hash, entry);
    const forget = (): void => {
      if (remembered.get(hash) === entry) remembered.delete(hash);
    };
    entry.key.then((found) => found ?? forget(), forget);
    return entry.key;
  };
  return {
    findKey: (hash) => {
      const known = remembered.get(hash);
      return known !== undefined && clock.monotonicNow() - known.askedAtMs < keyMemoryMs ? known.key : look(hash);
    },
  };
}
