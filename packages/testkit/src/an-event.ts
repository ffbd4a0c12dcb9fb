/** A plausible event, with the fields a test cares about. */
import { emptyEvent, type UsageEvent } from "@cmdrdata/protocol";

let made = 0;

export function anEvent(fields: Partial<UsageEvent> = {}): UsageEvent {
  made += 1;
  return {
    ...emptyEvent,
    id: `event-${made}`,
    customer_id: "customer-123",
    operation: "chat.completions",
    model: "gpt-4o",
    input_tokens: 10,
    output_tokens: 5,
    total_tokens: 15,
    timestamp: "2026-11-23T10:00:00.000Z",
    ...fields,
  };
}
