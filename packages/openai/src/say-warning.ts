/** Says a warning of the client's own in the program's log, with what is known of the call. Never throws. */
import { createLog, type LogContext, type Logger } from "@cmdrdata/tracker";

import { systemClock } from "./clock.ts";
import { version } from "./version.ts";

const context: LogContext = { component: "client", client: `cmdrdata-openai/${version}` };

export function sayWarning(logger: Logger, message: string, call: LogContext = {}): void {
  const log = createLog(logger, { level: "warn", clock: systemClock, context });
  log.say({ level: "warn", message: `cmdrdata: ${message}`, context: () => call });
}
