/** Those who wait until all that was captured before has its outcome. A wait keeps the process alive, and has its end. */
import type { Clock } from "../clock.ts";

export interface Waiting {
  /**
   * @param upTo - number of the last event that is waited for
   * @param onHalf - called when half of the time is over
   * @returns resolves at the outcome of the last of them, after `timeoutMs`, or at {@link stop}
   */
  wait(upTo: number, timeoutMs: number, onHalf: () => void): Promise<void>;
  /** @param oldest - number of the oldest event that has no outcome */
  settle(oldest: number): void;
  /** Nobody waits any longer. */
  stop(): void;
}

export function createWaiting(clock: Pick<Clock, "schedule">): Waiting {
  const waiters = new Set<{ readonly upTo: number; readonly done: () => void }>();
  const settle = (oldest: number): void => {
    for (const { upTo, done } of waiters) if (upTo < oldest) done();
  };
  return {
    wait: (upTo, timeoutMs, onHalf) =>
      new Promise((resolve) => {
        const cancelHalf = clock.schedule(timeoutMs / 2, onHalf);
        const done = (): void => {
          waiters.delete(waiter);
          cancel();
          cancelHalf();
          resolve();
        };
        const cancel = clock.schedule(timeoutMs, done, true);
        const waiter = { upTo, done };
        waiters.add(waiter);
      }),
    settle,
    stop: () => settle(Infinity),
  };
}
