/** An event as it was received: its place in the body of its request, read anew. */
import type { BodyReference, LedgerReader } from "@cmdrdata/storage";

import { decompress } from "../received-body.ts";

/** @returns the JSON value as it came; `null` when the body is not kept, not any more, or was erased there */
export async function receivedAs(
  ledger: Pick<LedgerReader, "body">,
  tenant: string,
  place: BodyReference | null,
): Promise<unknown> {
  if (place === null) return null;
  const body = await ledger.body({ tenant, bodyId: place.bodyId });
  if (body === undefined) return null;
  // A byte order mark is no JSON; what was stored could be read.
  const value: unknown = JSON.parse(new TextDecoder().decode(decompress(body)));
  return eventsOf(value)[place.position] ?? null;
}

/** As `parseBody` finds them; that the body could be read was seen when it came. */
function eventsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const { events } = (value ?? {}) as { readonly events?: unknown };
  return Array.isArray(events) ? events : [value];
}
