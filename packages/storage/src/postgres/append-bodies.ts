/**
 * Gives numbers to the bodies of requests before they are stored, so that events and bodies go in one statement.
 *
 * Promise: a number is given once, by whichever process. They are fetched by the thousand; what a process leaves over is
 * not used.
 */
import type { Sql } from "../sql/sql.ts";
import type { PricedEvent, ReceivedBody } from "../store.ts";

/** As in the sequence's INCREMENT. */
const blockSize = 1_000;

export interface BodyNumbers {
  next(): Promise<number>;
}

export function createBodyNumbers(sql: Sql): BodyNumbers {
  let next = 0;
  let end = 0;
  return {
    next: async () => {
      if (next === end) {
        const [row] = await sql.all("SELECT nextval('body_sequence') AS number", []);
        next = Number(row?.["number"]);
        end = next + blockSize;
      }
      return next++;
    },
  };
}

interface NumberedBody {
  readonly id: number;
  readonly tenant: string;
  readonly receivedAtMs: number;
  readonly body: ReceivedBody;
}

export interface NumberedBodies {
  readonly bodies: readonly NumberedBody[];
  /** @returns where the event stands, nulls without a body */
  placeOf(priced: PricedEvent): readonly [bodyId: number | null, position: number | null];
}

export async function numberBodies(batch: readonly PricedEvent[], numbers: BodyNumbers): Promise<NumberedBodies> {
  const bodies = new Map<ReceivedBody, NumberedBody>();
  for (const { origin, tenant, receivedAtMs } of batch) {
    if (origin === undefined || typeof origin.body === "number" || bodies.has(origin.body)) continue;
    bodies.set(origin.body, { id: await numbers.next(), tenant, receivedAtMs, body: origin.body });
  }
  return {
    bodies: [...bodies.values()],
    placeOf: ({ origin }) => {
      if (origin === undefined) return [null, null];
      const { body, position } = origin;
      return [typeof body === "number" ? body : (bodies.get(body)?.id ?? null), position];
    },
  };
}

/** The columns of `request_bodies`, as arrays. */
export function bodyArrays({ bodies }: NumberedBodies): readonly (readonly unknown[])[] {
  return [
    bodies.map(({ id }) => id),
    bodies.map(({ tenant }) => tenant),
    bodies.map(({ receivedAtMs }) => receivedAtMs),
    bodies.map(({ body }) => body.encoding),
    bodies.map(({ body }) => Buffer.from(body.bytes)),
  ];
}
