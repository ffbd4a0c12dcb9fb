/** A clock that stands still until a test moves it: wall time, monotonic time and timers together. */

export interface FakeClock {
  now(): number;
  monotonicNow(): number;
  schedule(delayMs: number, callback: () => void, keepAlive?: boolean): () => void;
  /** Moves on, running every timer on the way at its own time, and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Timers that are set now. */
  pending(): number;
  /** Timers set now that keep the process alive. */
  keepingAlive(): number;
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
  readonly keepAlive: boolean;
}

/** @param nowMs - the wall clock's epoch ms at the start; monotonic time starts at 0 */
export function fakeClock(nowMs = 1_795_428_000_000): FakeClock {
  let elapsedMs = 0;
  const timers = new Set<Timer>();
  const next = (untilMs: number): Timer | undefined =>
    [...timers].filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
  return {
    now: () => nowMs + elapsedMs,
    monotonicNow: () => elapsedMs,
    schedule: (delayMs, callback, keepAlive = false) => {
      const timer = { atMs: elapsedMs + delayMs, callback, keepAlive };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: async (ms) => {
      const untilMs = elapsedMs + ms;
      await settle();
      for (let timer = next(untilMs); timer !== undefined; timer = next(untilMs)) {
        elapsedMs = Math.max(elapsedMs, timer.atMs);
        timers.delete(timer);
        timer.callback();
        await settle();
      }
      elapsedMs = untilMs;
    },
    pending: () => timers.size,
    keepingAlive: () => [...timers].filter(({ keepAlive }) => keepAlive).length,
  };
}

/** Lets every promise that can settle do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
