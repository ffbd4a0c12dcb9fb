/**
 * One tracker per process for the same endpoint, key and options, also between the ESM and the CommonJS copy of this
 * package: so that many clients share a queue and two connections.
 */
import { sha256 } from "@cmdrdata/protocol";

import { createTracker } from "./create-tracker.ts";
import { hookNames } from "./hooks.ts";
import type { WaitUntil } from "./keep-awake.ts";
import type { TrackerConfig } from "./options.ts";
import { processState } from "./process-state.ts";
import type { Tracker } from "./tracker.ts";

/** The tracker for this configuration; made at first use, forgotten when it shuts down. The first one's logger and level stay. */
export function sharedTracker(config: TrackerConfig): Tracker {
  const { logger: _logger, logLevel: _logLevel, hooks, waitUntil, ...settings } = config;
  const identity = [settings, hookNames.map((name) => numberOf(hooks[name]))];
  const trackers = waitUntil === undefined ? registry() : registryOf(waitUntil);
  // A digest: the registry is open to the whole process, and the key is nobody else's.
  const name = sha256(JSON.stringify(identity)).join();
  const present = trackers.get(name);
  if (present !== undefined) return present;
  const tracker = createTracker(config, { onShutdown: () => trackers.delete(name) });
  trackers.set(name, tracker);
  return tracker;
}

/** Another function is another hook, also where it does the same. */
function numberOf(hook: object | undefined): number {
  if (hook === undefined) return 0;
  const numbers = (processState()["hookNumbers"] ??= { given: new WeakMap(), last: 0 }) as HookNumbers;
  const known = numbers.given.get(hook);
  if (known !== undefined) return known;
  numbers.last += 1;
  numbers.given.set(hook, numbers.last);
  return numbers.last;
}

interface HookNumbers {
  readonly given: WeakMap<object, number>;
  last: number;
}

/** Those who wait in one place share a tracker; of one request's `waitUntil` nothing is left when the request is gone. */
function registryOf(waitUntil: WaitUntil): Map<string, Tracker> {
  const awake = (processState()["awakeTrackers"] ??= new WeakMap()) as WeakMap<WaitUntil, Map<string, Tracker>>;
  const present = awake.get(waitUntil) ?? new Map<string, Tracker>();
  awake.set(waitUntil, present);
  return present;
}

function registry(): Map<string, Tracker> {
  return (processState()["trackers"] ??= new Map<string, Tracker>()) as Map<string, Tracker>;
}
