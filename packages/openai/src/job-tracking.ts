/** The following of jobs for one client: joins it with what the process keeps, the program's store and the tracker. */
import type { SdkInfo, UsageEvent } from "@cmdrdata/protocol";
import type { Tracker } from "@cmdrdata/tracker";

import { type AttributionStore, keptAttributions } from "./attribution-store.ts";
import type { Call } from "./call.ts";
import { captureLater } from "./capture-event.ts";
import { attribute } from "./capture/build-event.ts";
import { createJobFollower } from "./capture/jobs/follow-jobs.ts";
import { seenBy } from "./capture/jobs/seen-results.ts";
import type { Clock } from "./clock.ts";
import type { Host } from "./hosts.ts";

export interface JobTracking {
  readonly clock: Clock;
  readonly schedule: (delayMs: number, callback: () => void) => () => void;
  readonly newId: (epochMs: number) => string;
  readonly sdk: SdkInfo;
  readonly tracker: Tracker;
  readonly customerId: string | undefined;
  readonly attributionStore: AttributionStore | undefined;
  readonly capture: (event: UsageEvent) => void;
  readonly hostAt: (url: string | null) => Host;
  /** Told what a tracker throws that is not ours. */
  readonly report: (bug: unknown) => void;
  readonly warn: (name: string, message: string) => void;
}

/** @returns what follows the jobs that a call's answer shows */
export function followJobs(source: JobTracking): (call: Call) => void {
  const { tracker, report, warn } = source;
  return createJobFollower({
    kept: keptAttributions(),
    store: source.attributionStore,
    seen: seenBy(tracker),
    now: source.clock.now,
    schedule: source.schedule,
    newId: source.newId,
    sdkName: source.sdk.name,
    hostOf: ({ url }) => source.hostAt(url),
    ownerOf: (call) => ({ ...attribute(call, source.customerId), metadata: call.metadata }),
    capture: source.capture,
    captureLater: (fallback, complete) => captureLater(tracker, { fallback, complete, materialBytes: 0, report }),
    warn: (reason) => warn("attribution_store", `${reason}; results of jobs that only it knows of are nobody's`),
  });
}
