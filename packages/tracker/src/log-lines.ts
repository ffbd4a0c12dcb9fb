/** What the tracker itself says in the log; of the link to the collector see delivery/breaker-log.ts. */
import type { LogLine } from "./log.ts";

export const withoutKey: LogLine = {
  level: "warn",
  message: "cmdrdata: no key was given (trackerKey or CMDRDATA_API_KEY): usage is held and not sent",
};

export const onlySingleEvents: LogLine = {
  level: "info",
  message: "cmdrdata: the service takes single events only; they are sent one by one from now on",
};

/** What the log says when the disk begins to fail, and when it works again. */
export function spoolLine(problem: string | undefined): LogLine {
  if (problem === undefined) return { level: "info", message: "cmdrdata: the spool takes events again" };
  const message = `cmdrdata: the spool takes no events (${problem}): until it does they are held in memory only`;
  return { level: "warn", message };
}
