/** The only place of this package that reads the time. */

export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC: for timestamps only. */
  now(): number;
  /** Milliseconds that never run backwards: for all durations. */
  monotonicNow(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicNow: () => performance.now(),
};

/** Lets everything else that waits in the event loop go first. Does not keep the process alive. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // A worker at the edge has no other turns than those of its timers.
    if (typeof setImmediate === "undefined") setTimeout(resolve, 0);
    else setImmediate(resolve).unref();
  });
}

let lastSecond = Number.NaN;
let lastText = "";

/** RFC 3339 in UTC with milliseconds. Remembers the last second: writing a date costs more than the rest of an event's head. */
export function isoTime(epochMs: number): string {
  const wholeMs = Math.floor(epochMs);
  const second = Math.floor(wholeMs / 1_000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1_000).toISOString().slice(0, -4);
  }
  return `${lastText}${String(wholeMs - second * 1_000).padStart(3, "0")}Z`;
}
