/** Randomness as the tracker uses it: only to spread retries over time. */

/** A number from 0 up to, not including, 1. */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();
