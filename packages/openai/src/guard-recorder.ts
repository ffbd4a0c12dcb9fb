/**
 * D1: tracking never fails the program's call. Everything the hook tells goes through here: a bug of ours ends here,
 * is reported once, and leaves the call as it is.
 */
import type { Call, CallRecorder, StreamStep } from "./call.ts";

/**
 * @param report - told of every bug; may throw
 * @param forget - told of every call that comes to nothing by one
 * @returns the same recorder, of which nothing throws
 */
export function guardRecorder(
  recorder: CallRecorder,
  report: (bug: unknown) => void,
  forget: (call: Call) => void,
): CallRecorder {
  const guard =
    <Detail, Result>(method: (call: Call, detail: Detail) => Result, otherwise: Result) =>
    (call: Call, detail: Detail): Result => {
      try {
        return method(call, detail);
      } catch (bug) {
        forget(call);
        giveUp(call, bug, report);
        return otherwise;
      }
    };
  // Written out: it is called for every item of every stream, where one function for all methods takes its time.
  const item = (call: Call, step: StreamStep): boolean => {
    try {
      return recorder.item(call, step);
    } catch (bug) {
      forget(call);
      giveUp(call, bug, report);
      return true;
    }
  };
  return {
    start: recorder.start,
    begin: guard(recorder.begin, undefined),
    attempt: guard(recorder.attempt, undefined),
    held: guard<void, void>(recorder.held, undefined),
    headers: guard(recorder.headers, undefined),
    answered: guard(recorder.answered, undefined),
    failed: guard(recorder.failed, undefined),
    mayHide: recorder.mayHide,
    item,
    ended: guard(recorder.ended, undefined),
    broke: guard(recorder.broke, undefined),
    abandoned: guard<void, void>(recorder.abandoned, undefined),
  };
}

function giveUp(call: Call, bug: unknown, report: (bug: unknown) => void): void {
  call.settled = true;
  call.trace?.abandon();
  try {
    report(bug);
  } catch {
    // The program's own logger threw: there is nowhere left to say it.
  }
}
