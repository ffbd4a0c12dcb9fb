export { describeUsageStore } from "./describe-usage-store.ts";

export type { StoredEvent, UsageStoreHarness } from "./harness.ts";
export { anySample, baseMs, sampleBuckets, sampleEvent } from "./sample-events.ts";
