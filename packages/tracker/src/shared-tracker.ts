/**
 * One tracker per process for the same endpoint, key and options, also between the ESM and the CommonJS copy of this
 * package: so that many clients share a queue and two connections.
 */
import { createHash } from "node:crypto";

import { createTracker } from "./create-tracker.ts";
import type { TrackerConfig } from "./options.ts";
import { processState } from "./process-state.ts";
import type { Tracker } from "./tracker.ts";

/** The tracker for this configuration; made at first use, forgotten when it shuts down. The first one's logger stays. */
export function sharedTracker(config: TrackerConfig): Tracker {
  const trackers = registry();
  const { logger: _logger, ...identity } = config;
  // A digest: the registry is open to the whole process, and the key is nobody else's.
  const name = createHash("sha256").update(JSON.stringify(identity)).digest("base64");
  const present = trackers.get(name);
  if (present !== undefined) return present;
  const tracker = createTracker(config, { onShutdown: () => trackers.delete(name) });
  trackers.set(name, tracker);
  return tracker;
}

function registry(): Map<string, Tracker> {
  return (processState()["trackers"] ??= new Map<string, Tracker>()) as Map<string, Tracker>;
}
