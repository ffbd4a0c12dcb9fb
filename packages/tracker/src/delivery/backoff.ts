/** How long to wait before asking again: exponential with full jitter, capped, so that many clients spread out. */

export interface BackoffPolicy {
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
}

/**
 * @param failures - in a row, at least 1
 * @param jitter - random, from 0 to below 1
 * @returns milliseconds, from 1, so that no policy makes a loop of it, to min(cap, base * 2^(failures-1))
 */
export function backoffMs(failures: number, policy: BackoffPolicy, jitter: number): number {
  const ceiling = Math.min(policy.retryCapMs, policy.retryBaseMs * 2 ** Math.min(failures - 1, 30));
  return Math.max(1, Math.floor(jitter * ceiling));
}
