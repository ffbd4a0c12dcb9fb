/**
 * Keeps the bodies of requests, as they were received.
 *
 * Promise: a body is stored once, when the first of its events needs it; one that holds resends only is not stored. What a
 * stored body says of customers beyond the rows that refer to it is entered too, so that an erasure finds all of it.
 */
import type { PricedEvent, ReceivedBody } from "../store.ts";
import type { Prepare } from "./prepared.ts";

const lastBody = "SELECT seq FROM sqlite_sequence WHERE name = 'request_bodies'";
const insertBody =
  "INSERT INTO request_bodies (body_id, tenant, received_at_ms, encoding, body) VALUES (?, ?, ?, ?, ?)";
const insertMention = `INSERT INTO body_mentions (tenant, customer_id, body_id, body_position) VALUES (?, ?, ?, ?)
  ON CONFLICT DO NOTHING`;

export interface BodyKeeper {
  /** Stores the event's body if it is not stored yet. @returns where the event stands, nulls without a body */
  placeOf(priced: PricedEvent): readonly [bodyId: number | null, position: number | null];
  /** Notes an event that no row refers from. */
  mention(priced: PricedEvent): void;
  /** Enters the notes on bodies that are stored. */
  flush(): void;
}

/** For one transaction. */
export function createBodyKeeper(prepare: Prepare): BodyKeeper {
  const stored = new Map<ReceivedBody, number>();
  const mentions: PricedEvent[] = [];
  let lastId: number | undefined;
  return {
    placeOf: (priced) => {
      const { origin } = priced;
      if (origin === undefined) return [null, null];
      if (typeof origin.body === "number") return [origin.body, origin.position];
      let id = stored.get(origin.body);
      if (id === undefined) {
        lastId ??= Number(prepare(lastBody).get()?.["seq"] ?? 0);
        id = lastId += 1;
        const { encoding, bytes } = origin.body;
        prepare(insertBody).run(id, priced.tenant, priced.receivedAtMs, encoding, bytes);
        stored.set(origin.body, id);
      }
      return [id, origin.position];
    },
    mention: (priced) => void mentions.push(priced),
    flush: () => {
      for (const { origin, tenant, event } of mentions) {
        const id = typeof origin?.body === "object" ? stored.get(origin.body) : undefined;
        if (id !== undefined && event.customer_id !== null)
          prepare(insertMention).run(tenant, event.customer_id, id, origin?.position ?? 0);
      }
    },
  };
}
