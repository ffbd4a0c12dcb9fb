export * from "openai";
export { clearCustomerContext, customerContext, getCustomerContext, setCustomerContext } from "./customer-context.ts";
export { TrackedAzureOpenAI, TrackedAzureOpenAI as AzureOpenAI } from "./tracked-azure-openai.ts";
export { TrackedOpenAI, TrackedOpenAI as default, TrackedOpenAI as OpenAI } from "./tracked-openai.ts";
export { track } from "./track.ts";
export { trackRealtime } from "./track-realtime.ts";
export { trackedFetch } from "./tracked-fetch.ts";
export { tracking } from "./call-fields.ts";

export type { AttributionRecord, AttributionStore } from "./attribution-store.ts";
export type { CallTracking } from "./call-fields.ts";
export type {
  IncludeUsage,
  TrackedClientOptions,
  TrackedClientOptions as ClientOptions,
  TrackingOptions,
} from "./options/client-options.ts";
export type { ConnectionClient, RealtimeTrackingOptions, TrackRealtimeOptions } from "./options/realtime-options.ts";
export type { RealtimeConnection } from "./realtime/connection.ts";
export type { Tracked } from "./track.ts";
export type { TrackedAzureClientOptions } from "./tracked-azure-openai.ts";
export type { Fetch, TrackedFetch, TrackedFetchOptions } from "./tracked-fetch.ts";
export type { TrackingFields } from "./request-fields.ts";
