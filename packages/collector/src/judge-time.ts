/**
 * What the time of an event says about it, beside the time of its receipt.
 *
 * | the time of the call | what happens |
 * | not given | the time of receipt is used, flagged |
 * | given, and no time between 2000 and 2100 | quarantine: nobody knows which month it belongs to |
 * | more than 7 days to come | quarantine: no queue and no time zone explains it, only a broken clock |
 * | off by whole half hours, up to 14 hours, from a sender that is not one of our SDKs | counted, flagged as skewed |
 * | more than 5 minutes to come | counted, flagged |
 * | more than a day old | counted, flagged as late |
 *
 * Skew: the original Python clients write the local time of their host as if it were UTC. Which of the two is right cannot
 * be known of one event, so it is counted at the time it says, and can be found by its flag.
 */
import type { FieldProblem, UsageEvent } from "@cmdrdata/protocol";

const minuteMs = 60_000;
const dayMs = 86_400_000;

const futureAfterMs = 5 * minuteMs;
const doubtfulAfterMs = 7 * dayMs;
const lateAfterMs = dayMs;
/** Zones are at most 14 hours from UTC. */
const mostSkewMs = 14 * 60 * minuteMs;
const skewStepMs = 30 * minuteMs;
/** Whole seconds, and the time until the event is sent. */
const skewToleranceMs = minuteMs;

/** `doubts` are why an event is held back, `flags` what is odd about one that is counted. */
export interface TimeJudgement {
  readonly eventTimeMs: number;
  readonly flags: readonly FieldProblem[];
  readonly doubts: readonly FieldProblem[];
}

/** @param problems - of reading the event: a time that could not be used is among them */
export function judgeTime(event: UsageEvent, problems: readonly FieldProblem[], receivedAtMs: number): TimeJudgement {
  if (event.timestamp === null) {
    const doubts = problems.filter(({ field }) => field === "timestamp");
    return { eventTimeMs: receivedAtMs, flags: doubts.length > 0 ? [] : [noTimestamp], doubts };
  }
  const eventTimeMs = Date.parse(event.timestamp);
  const aheadMs = eventTimeMs - receivedAtMs;
  if (aheadMs > doubtfulAfterMs) return { eventTimeMs, flags: [], doubts: [future("7 days")] };
  return { eventTimeMs, flags: flagsOf(event, aheadMs), doubts: [] };
}

function flagsOf(event: UsageEvent, aheadMs: number): readonly FieldProblem[] {
  if (event.sdk.name === null && isSkewed(aheadMs)) return [skewed(aheadMs)];
  if (aheadMs > futureAfterMs) return [future("5 minutes")];
  return aheadMs < -lateAfterMs ? [late] : [];
}

function isSkewed(aheadMs: number): boolean {
  const off = Math.abs(aheadMs);
  const steps = Math.round(off / skewStepMs);
  return steps > 0 && off <= mostSkewMs + skewToleranceMs && Math.abs(off - steps * skewStepMs) <= skewToleranceMs;
}

const noTimestamp: FieldProblem = {
  code: "CMDR_FIELD_MISSING",
  field: "timestamp",
  message: "expected the time of the call, got none; the time of receipt is used",
};

const late: FieldProblem = {
  code: "CMDR_EVENT_LATE",
  field: "timestamp",
  message: "expected a call of the last day, got an older one; it is counted at its own time",
};

function future(bound: string): FieldProblem {
  const message = `expected a time that has come, got one more than ${bound} after the receipt`;
  return { code: "CMDR_EVENT_FUTURE", field: "timestamp", message };
}

function skewed(aheadMs: number): FieldProblem {
  const hours = Math.round(aheadMs / skewStepMs) / 2;
  const message = `expected about the time of receipt, got one ${hours > 0 ? "+" : ""}${hours} h from it: is the sender's clock in another zone?`;
  return { code: "CMDR_CLOCK_SKEWED", field: "timestamp", message };
}
