/**
 * Who an event is: the identity under which it is counted once (S2).
 *
 * The id is the event's own, else the provider's request id, else the hash of its content. An id that cannot be used (a
 * number, one of 300 characters) is part of the content: two calls that differ in nothing else stay two. The identity time
 * is a pure function of what a resend repeats: the time inside a UUIDv7, else the event's own timestamp, else 0.
 */
import { hash } from "node:crypto";

import { canonicalEvent, type UsageEvent } from "@cmdrdata/protocol";

export interface EventIdentity {
  readonly id: string;
  readonly identityTimeMs: number;
  /** SHA-256 of the canonical event and of an id that could not be used, base64url. */
  readonly contentHash: string;
  /** The event as JSON, in its canonical form: what was hashed, and what is stored. */
  readonly canonical: string;
}

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** @param refusedId - the id as it came, where it was set aside */
export function identifyEvent(event: UsageEvent, refusedId = ""): EventIdentity {
  const canonical = canonicalEvent(event);
  const contentHash = hash("sha256", canonical + refusedId, "base64url");
  const id = event.id ?? event.request.id ?? `sha256:${contentHash}`;
  const ownTimeMs = event.timestamp === null ? 0 : Date.parse(event.timestamp);
  return { id, identityTimeMs: timeInUuidV7(id) ?? ownTimeMs, contentHash, canonical };
}

/** Epoch ms: the first 48 bits of a UUIDv7 (RFC 9562, 5.7). */
function timeInUuidV7(id: string): number | undefined {
  if (!uuidV7.test(id)) return undefined;
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
