/** Money as text. */

/** An amount of pico-USD as an exact decimal number of US dollars, without exponent or trailing zeros: `0.000123`. */
export function formatUsd(picoUsd: bigint): string {
  const digits = (picoUsd < 0n ? -picoUsd : picoUsd).toString().padStart(13, "0");
  const fraction = digits.slice(-12).replace(/0+$/, "");
  return `${picoUsd < 0n ? "-" : ""}${digits.slice(0, -12)}${fraction === "" ? "" : `.${fraction}`}`;
}
