/**
 * Tracks a connection that stays open: of the Realtime API, of the Responses API over WebSocket, of the Live API.
 *
 * It only listens, to what the server sends and to the end of the socket. The connection stays what it was: the same
 * object, the same URL, the same errors.
 */
import { CmdrdataError } from "@cmdrdata/protocol";

import type { TrackRealtimeOptions } from "./options/realtime-options.ts";
import { trackConnection } from "./realtime-tracking.ts";
import type { RealtimeConnection } from "./realtime/connection.ts";
import { realtimeOptionNames } from "./resolve-realtime-options.ts";
import { realSystem } from "./with-tracking.ts";

/**
 * Counts what a connection uses: each response of the model and each transcript is an event.
 *
 * @param connection - an `OpenAIRealtimeWS` or `OpenAIRealtimeWebSocket` (also the beta ones), a `ResponsesWS` or a `LiveWS`
 *   of the SDK, right after it was made. One that is tracked already counts once, from now on with these options
 * @param options - cmdrdata's own; what is not given is the client's, where that is a tracked one
 * @returns the same connection
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists every option that is wrong
 */
export function trackRealtime<Connection extends RealtimeConnection>(
  connection: Connection,
  options: TrackRealtimeOptions = {},
): Connection {
  if (typeof (connection as Partial<RealtimeConnection> | undefined)?.on !== "function") {
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", `expected a connection with on(), got ${typeof connection}`);
  }
  const known: readonly string[] = [...realtimeOptionNames, "client", "logger"];
  const others = Object.keys(options).filter((name) => !known.includes(name));
  if (others.length > 0) {
    const message = `${others.join(", ")}: unknown option; known are ${known.join(", ")}`;
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", message);
  }
  return trackConnection(connection, options, realSystem);
}
