/** One timer that rings at the earliest time it was set to since it last rang. It keeps no process alive. */
import type { Cancel, Clock } from "../clock.ts";

export interface Alarm {
  /** @param atMs - monotonic; `undefined` changes nothing */
  set(atMs: number | undefined): void;
  off(): void;
}

export function createAlarm(clock: Pick<Clock, "monotonicNow" | "schedule">, ring: () => void): Alarm {
  let timer: { readonly atMs: number; readonly cancel: Cancel } | undefined;
  return {
    set: (atMs) => {
      if (atMs === undefined || (timer !== undefined && timer.atMs <= atMs)) return;
      timer?.cancel();
      const cancel = clock.schedule(Math.max(0, atMs - clock.monotonicNow()), () => {
        timer = undefined;
        ring();
      });
      timer = { atMs, cancel };
    },
    off: () => {
      timer?.cancel();
      timer = undefined;
    },
  };
}
