/**
 * Counts per minute: how much of something was used since the minute began.
 *
 * Promise: a count is exact within its minute, which begins with the clock's, so that replicas that share a counter agree on
 * it. Memory is bounded: at most 100,000 counters; when there are more, those of past minutes go first, then the oldest.
 */

/** What is used of a counter's minute, and how long the minute lasts still. */
export interface RateUse {
  readonly used: number;
  readonly endsInMs: number;
}

export interface RateCounter {
  /** Adds to a counter's minute. @returns the use with what was added; `amount` 0 only looks */
  add(counter: string, amount: number, nowMs: number): Promise<RateUse>;
}

export const minuteMs = 60_000;
const mostCounters = 100_000;

/** Counts in this process: right where one process takes all requests. */
export function createMemoryCounter(most: number = mostCounters): RateCounter {
  const counters = new Map<string, { readonly startMs: number; used: number }>();
  const makeRoom = (startMs: number): void => {
    if (counters.size < most) return;
    for (const [name, counter] of counters) if (counter.startMs !== startMs) counters.delete(name);
    const [oldest] = counters.keys();
    if (counters.size >= most && oldest !== undefined) counters.delete(oldest);
  };
  return {
    add: async (name, amount, nowMs) => {
      const startMs = minuteStart(nowMs);
      let counter = counters.get(name);
      if (counter?.startMs !== startMs) {
        counter = { startMs, used: 0 };
        if (amount > 0) {
          counters.delete(name);
          makeRoom(startMs);
          counters.set(name, counter);
        }
      }
      counter.used += amount;
      return { used: counter.used, endsInMs: startMs + minuteMs - nowMs };
    },
  };
}

/** Counts in the store that replicas share. */
export function createSharedCounter(store: {
  addToRate(counter: string, windowStartMs: number, amount: number): Promise<number>;
}): RateCounter {
  return {
    add: async (name, amount, nowMs) => {
      const startMs = minuteStart(nowMs);
      return { used: await store.addToRate(name, startMs, amount), endsInMs: startMs + minuteMs - nowMs };
    },
  };
}

function minuteStart(nowMs: number): number {
  return Math.floor(nowMs / minuteMs) * minuteMs;
}
