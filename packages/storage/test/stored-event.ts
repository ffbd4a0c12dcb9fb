/** Reads a row of `events` past the port, on any engine. */
import { parseEvent } from "@cmdrdata/protocol";

import type { StoredEvent } from "../src/contract/index.ts";
import { joinMoney } from "../src/money.ts";
import type { Row } from "../src/sql/sql.ts";

export function storedEvent(row: Row): StoredEvent {
  return {
    tenant: String(row["tenant"]),
    id: String(row["event_id"]),
    eventTimeMs: Number(row["event_time_ms"]),
    event: parseEvent(JSON.parse(String(row["event"]))).event,
    picoUsd:
      row["cost_milli_usd"] === null
        ? null
        : joinMoney(BigInt(row["cost_milli_usd"] as string), BigInt(row["cost_rest_pico_usd"] as string)),
  };
}
