/** Hands events over, also to a tracker of the program's own that can do no more than take whole ones. */
import type { UsageEvent } from "@cmdrdata/protocol";
import type { Tracker } from "@cmdrdata/tracker";

import { nextTurn } from "./clock.ts";

export interface LaterEvent {
  /** What is captured when `complete` fails. */
  readonly fallback: UsageEvent;
  readonly complete: () => Promise<UsageEvent>;
  readonly materialBytes: number;
  /** Told what a tracker throws that is not ours. */
  readonly report: (bug: unknown) => void;
}

/** An event that was made here, of what was checked: it needs no second look, which would cost the call. */
export function captureChecked(tracker: Tracker, event: UsageEvent): void {
  const { captureChecked: own } = tracker as Partial<Tracker>;
  if (typeof own === "function") Reflect.apply(own, tracker, [event]);
  else tracker.capture(event);
}

export function captureLater(tracker: Tracker, { fallback, complete, materialBytes, report }: LaterEvent): void {
  const { captureLater: own } = tracker as Partial<Tracker>;
  if (typeof own === "function") return Reflect.apply(own, tracker, [fallback, complete, materialBytes]);
  void nextTurn()
    .then(complete)
    .catch(() => fallback)
    .then((event) => tracker.capture(event))
    .catch(report);
}
