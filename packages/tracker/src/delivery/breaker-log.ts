/** The one line that each change of the breaker is worth (D7). */
import type { BreakerChange } from "./breaker.ts";

interface ChangeLine {
  readonly level: "info" | "warn" | "error";
  readonly text: string;
}

/** @param detail - what came of the request that made the change, without secrets */
export function describeChange(change: BreakerChange, failures: number, detail: string): ChangeLine {
  switch (change) {
    case "failing":
      return { level: "warn", text: `cmdrdata: ${detail}; events are held and sent again` };
    case "opened":
      return {
        level: "warn",
        text: `cmdrdata: ${detail}, ${failures} failures in a row: the circuit is open, single requests ask whether it is over`,
      };
    case "key_refused":
      return { level: "error", text: `cmdrdata: ${detail}: check the key; events are held until it is accepted` };
    case "recovered":
      return { level: "info", text: "cmdrdata: the collector takes events again" };
  }
}
