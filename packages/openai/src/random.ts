/** The only place of this package that takes random numbers. */

/** Fills the array with random bytes and returns it. */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

export const systemRandom: FillRandom = (bytes) => crypto.getRandomValues(bytes);
