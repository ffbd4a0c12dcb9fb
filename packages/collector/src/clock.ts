/** Time as the collector sees it; injected, so that tests decide what time it is. */

export interface Clock {
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /** For durations: milliseconds that never go back. */
  monotonicNow(): number;
  /** Calls back once, after `delayMs`. @returns what calls it off */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicNow: () => performance.now(),
  schedule: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
