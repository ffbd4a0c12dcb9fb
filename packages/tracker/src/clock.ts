/** Time as the tracker sees it: the whole clock, so that tests own the timers too. */

/** Calls a scheduled callback off. */
export type Cancel = () => void;

export interface Clock {
  /** Wall clock, epoch milliseconds: for what people read, and for dates that servers send. */
  now(): number;
  /** For every duration: milliseconds that never go back. */
  monotonicNow(): number;
  /**
   * Calls back once, after `delayMs`. By default the timer does not keep the process alive; with `keepAlive` it does,
   * for as long as somebody awaits what it belongs to.
   */
  schedule(delayMs: number, callback: () => void, keepAlive?: boolean): Cancel;
}

/** `setTimeout` takes a longer time for 1 ms. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicNow: () => performance.now(),
  schedule: (delayMs, callback, keepAlive = false) => {
    const timer: unknown = setTimeout(callback, Math.min(delayMs, longestTimerMs));
    if (!keepAlive) letGo(timer);
    return () => clearTimeout(timer as number);
  },
};

/** Where a timer is a number, nothing waits for it to begin with, or the runtime says how to let go of it (Deno). */
function letGo(timer: unknown): void {
  if (typeof timer === "object") (timer as { readonly unref?: () => void }).unref?.();
  else (globalThis as { readonly Deno?: { readonly unrefTimer: (id: unknown) => void } }).Deno?.unrefTimer(timer);
}
