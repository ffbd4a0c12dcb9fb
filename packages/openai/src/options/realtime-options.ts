/** What the tracking of a realtime connection takes. */
import type { Logger } from "@cmdrdata/tracker";
import type { OpenAI } from "openai";

import type { TrackingOptions } from "./client-options.ts";

/** cmdrdata's own options, where they mean something for a connection. */
export interface RealtimeTrackingOptions extends Omit<TrackingOptions, "includeUsage" | "openTelemetry"> {
  /** Your own labels for all that the connection uses: at most 50 keys, 3 levels, 8 KiB. */
  customMetadata?: { readonly [key: string]: unknown } | undefined;
}

/** What a connection is made with: of a tracked client, its tracker and its customer are taken. */
export type ConnectionClient = Pick<OpenAI, "apiKey" | "baseURL">;

export interface TrackRealtimeOptions extends RealtimeTrackingOptions {
  /** The client that the connection was made with. A connection that names its client itself needs none. */
  client?: ConnectionClient | undefined;
  /** Where warnings go. Default: where the client logs, else the console. */
  logger?: Logger | undefined;
}
