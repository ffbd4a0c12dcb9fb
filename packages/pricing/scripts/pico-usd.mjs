/** Prices as integers: exact on the decimal digits, never on the float. */

/**
 * @param usd - a price in US dollars, as a number or a decimal text with at most 12 places
 * @param per - how many units the price is for
 * @returns pico-USD per unit; throws where that is no whole number
 */
export function picoUsd(usd, per) {
  const match = /^(\d+)(?:\.(\d{1,12}))?$/.exec(String(usd));
  if (match === null) throw new Error(`expected a decimal price, got ${usd}`);
  const pico = BigInt(match[1] + (match[2] ?? "").padEnd(12, "0"));
  if (pico % per !== 0n) throw new Error(`expected whole pico-dollars per unit, got ${usd} / ${per}`);
  const each = Number(pico / per);
  if (!Number.isSafeInteger(each)) throw new Error(`price too large: ${usd}`);
  return each;
}
