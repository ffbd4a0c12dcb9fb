/** Keeps a runtime awake that stops when it has answered, until what was captured meanwhile is delivered. */

/** As Vercel's, Cloudflare's and others give it: work that goes on after the answer. */
export type WaitUntil = (promise: Promise<unknown>) => unknown;

/**
 * @param flush - what it gives never rejects, and ends in a bounded time
 * @param say - told when the function throws or rejects, as it does outside of a request
 */
export function keepAwake(
  waitUntil: WaitUntil | undefined,
  flush: () => Promise<void>,
  say: (fault: string, text: string) => void,
): void {
  if (waitUntil === undefined) return;
  const call = async (): Promise<void> => void (await waitUntil(flush()));
  void call().catch(() => say("waitUntil", "cmdrdata: waitUntil failed: usage may be lost when the runtime stops"));
}
