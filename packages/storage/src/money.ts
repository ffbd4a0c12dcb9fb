/**
 * Money as two 64-bit integers, which can be summed in SQL without overflow.
 *
 * Promise: `joinMoney` of the two sums is the sum of what was split, to the pico-dollar, for up to nine billion events.
 * (One integer of pico-dollars would overflow at 9.2 million dollars.)
 */

/** `milliUsd` thousandths of a dollar and `restPicoUsd`, less than one of them. */
export interface SplitMoney {
  readonly milliUsd: bigint;
  readonly restPicoUsd: bigint;
}

const picoPerMilli = 1_000_000_000n;

/** @param picoUsd - an integer >= 0 */
export function splitMoney(picoUsd: bigint): SplitMoney {
  return { milliUsd: picoUsd / picoPerMilli, restPicoUsd: picoUsd % picoPerMilli };
}

export function joinMoney(milliUsd: bigint, restPicoUsd: bigint): bigint {
  return milliUsd * picoPerMilli + restPicoUsd;
}
