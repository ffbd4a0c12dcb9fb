/**
 * The calls of a tracker whose outcome its program may never ask for: promises never awaited, responses and streams never
 * read to their end. The garbage collector tells of most (hook/lost-calls.ts); when the tracker or its process ends, those
 * that are still open are recorded as they are.
 */
import type { Tracker } from "@cmdrdata/tracker";

import type { Call } from "./call.ts";

export interface OpenCalls {
  /** @param abandon - records the call as it is; throws nothing */
  add(call: Call, abandon: (call: Call) => void): void;
  /** It has its outcome. */
  delete(call: Call): void;
}

const ofTracker = new WeakMap<Tracker, OpenCalls>();

/** The same for all clients that share a tracker. */
export function openCallsOf(tracker: Tracker): OpenCalls {
  const present = ofTracker.get(tracker);
  if (present !== undefined) return present;
  const made = createOpenCalls(tracker);
  ofTracker.set(tracker, made);
  return made;
}

/** @param tracker - a program may give one of its own that has less of it */
function createOpenCalls(tracker: Partial<Pick<Tracker, "beforeEnd">>): OpenCalls {
  const open = new Map<Call, (call: Call) => void>();
  let announced = false;
  const abandonAll = (): void => {
    for (const [call, abandon] of open) {
      // What the program waits for it may still get, after a shutdown too.
      if (call.holder !== "awaited") abandon(call);
    }
  };
  return {
    add(call, abandon) {
      if (call.settled) return;
      open.set(call, abandon);
      if (announced) return;
      announced = true;
      tracker.beforeEnd?.(abandonAll);
    },
    delete: (call) => void open.delete(call),
  };
}
