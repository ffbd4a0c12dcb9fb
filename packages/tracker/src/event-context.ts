/** What a line of the log says of the event that it is about: whose it is and how to find the call. */
import type { UsageEvent } from "@cmdrdata/protocol";

import type { LogContext } from "./log.ts";

/** Nothing of the call's content. */
export function eventContext(event: UsageEvent | undefined): LogContext {
  if (event === undefined) return {};
  const { id, customer_id, request, sdk } = event;
  return {
    client: sdk.name === null ? null : `${sdk.name}/${sdk.version ?? "?"}`,
    customer_id,
    request_id: request.id,
    event_id: id,
  };
}
