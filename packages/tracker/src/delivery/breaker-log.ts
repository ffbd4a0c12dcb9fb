/** The one line that each change of the breaker is worth (D7). */
import type { LogLine } from "../log.ts";
import type { BreakerChange } from "./breaker.ts";

/** @param detail - what came of the request that made the change */
export function describeChange(change: BreakerChange, failures: number, detail: string): LogLine {
  switch (change) {
    case "failing":
      return { level: "warn", what: change, message: `cmdrdata: ${detail}; events are held and sent again` };
    case "opened":
      return {
        level: "warn",
        what: change,
        message: `cmdrdata: ${detail}, ${failures} failures in a row: the circuit is open, single requests ask whether it is over`,
      };
    case "key_refused":
      return {
        level: "error",
        what: change,
        message: `cmdrdata: ${detail}: check the key; events are held until it is accepted`,
      };
    case "recovered":
      return { level: "info", message: "cmdrdata: the collector takes events again" };
  }
}
