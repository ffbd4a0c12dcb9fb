/** What a tracked client takes beside the SDK's own options. */
import type { Tracker, TrackerOptions, WaitUntil } from "@cmdrdata/tracker";
import type { ClientOptions } from "openai";

import type { AttributionStore } from "../attribution-store.ts";

/** When to ask OpenAI for the usage of a chat stream: on hosts known to support it, always, or never. */
export type IncludeUsage = "auto" | "always" | "never";

export interface TrackingOptions {
  /** Key for the collector, `tk-…`. Default: `CMDRDATA_API_KEY`. Without one nothing is sent, and said so once. */
  trackerKey?: string | undefined;
  /** Where events go. Default: `CMDRDATA_ENDPOINT`, else the collector on this machine, `http://127.0.0.1:8787/api/events`. */
  trackerEndpoint?: string | undefined;
  /** Time limit of one request to the collector, in milliseconds. No call to OpenAI waits for it. */
  trackerTimeout?: number | undefined;
  /** Customer of all calls that name none and run in no customer context. */
  customerId?: string | undefined;
  /** A tracker to share with other clients, or the fine tuning of this client's own. */
  tracker?: Tracker | TrackerOptions | undefined;
  /**
   * Where a runtime stops when it has answered (Vercel, Cloudflare, …): its `waitUntil`. It is handed a promise of the
   * delivery of each event, which never rejects. Clients that have the same function share a tracker.
   */
  waitUntil?: WaitUntil | undefined;
  /** Default `auto`. */
  includeUsage?: IncludeUsage | undefined;
  /** Where it is kept whom a job is made for, for other processes to read that see its end. Default: in this one's memory. */
  attributionStore?: AttributionStore | undefined;
  /** `false`: no spans and metrics, and no trace ids in events, though the program uses OpenTelemetry. Default `true`. */
  openTelemetry?: boolean | undefined;
}

/** The SDK's own options and cmdrdata's. */
export interface TrackedClientOptions extends ClientOptions, TrackingOptions {}
