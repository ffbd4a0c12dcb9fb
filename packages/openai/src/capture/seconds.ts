/** Seconds, as a number or, as for videos, in a text: `"8"`. Anything else is not known: `null`. */
export function secondsOf(value: unknown): number | null {
  const seconds = typeof value === "string" && plainNumber.test(value) ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

const plainNumber = /^\d{1,9}(\.\d{1,9})?$/;
