export { systemClock } from "./clock.ts";
export { createTracker } from "./create-tracker.ts";
export { redactSecrets, safeLogger } from "./logger.ts";
export { defaultEndpoint, numberOptions, resolveTrackerOptions, trackerOptionProblems } from "./options.ts";
export { processState } from "./process-state.ts";
export { sharedTracker } from "./shared-tracker.ts";

export type { Cancel, Clock } from "./clock.ts";
export type { TrackerDeps } from "./create-tracker.ts";
export type { Logger } from "./logger.ts";
export type { Environment, TrackerConfig, TrackerOptions } from "./options.ts";
export type { Random } from "./random.ts";
export type { Certificates, SecurityOptions } from "./security-options.ts";
export type { DropReason, Tracker, TrackerMetrics, TrackerState } from "./tracker.ts";
export type { Transport, TransportRequest, TransportResponse } from "./transport/transport.ts";
