/** Options of a request, which the SDK takes as they are or as a promise of them. */
import type { SdkRequest } from "./call.ts";

export type GivenRequest = SdkRequest | Promise<SdkRequest>;

/** Tells what a request is once that is known: at once, or before the SDK itself goes on with what was promised. */
export function whenKnown(given: GivenRequest, tell: (request: SdkRequest) => void): void {
  if (!isObject(given)) return;
  if (!isThenable(given)) return tell(given);
  // The SDK tells the program what failed.
  const ignore = (): void => {};
  void Promise.resolve(given).then((request) => whenKnown(request, tell), ignore);
}

/** A program in JavaScript may hand over anything; what becomes of it is the SDK's. */
export function isObject(given: unknown): given is object {
  return typeof given === "object" && given !== null;
}

/** The SDK awaits the options, so that anything with a `then` is a promise of them. */
function isThenable(options: object): options is PromiseLike<SdkRequest> {
  return typeof (options as Partial<PromiseLike<SdkRequest>>).then === "function";
}
