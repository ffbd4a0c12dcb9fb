/**
 * Where the sums of a range are read from: whole days that are summed up already, and the 15-minute roll-up for the rest.
 *
 * Promise: the spans of a range do not overlap and cover it exactly, so that it does not matter which of its days are
 * built (S5).
 */
import type { GroupKey, TimeRange } from "../store.ts";

/** A part of a range. */
export interface Span extends TimeRange {
  readonly rangeStartMs: number;
}

export interface Spans {
  readonly days: readonly Span[];
  readonly buckets: readonly Span[];
}

/** The views of `usage_day`: their name, and the dimensions that `value` and `second_value` stand for. */
export const dayViews: readonly { readonly view: string; readonly keys: readonly GroupKey[] }[] = [
  { view: "provider", keys: ["provider"] },
  { view: "customer_id", keys: ["customer_id"] },
  { view: "model", keys: ["model"] },
  { view: "operation", keys: ["operation"] },
  { view: "service_tier", keys: ["service_tier"] },
  { view: "error_type", keys: ["error_type"] },
  { view: "customer_id,model", keys: ["customer_id", "model"] },
];

/** The smallest view that knows all of the keys; none for another combination. */
export function dayViewFor(keys: readonly GroupKey[]): (typeof dayViews)[number] | undefined {
  return dayViews.find((each) => keys.every((key) => each.keys.includes(key)));
}

/**
 * @param ranges - in order, without overlap
 * @param builtDays - in order, without overlap
 */
export function planSpans(ranges: readonly TimeRange[], builtDays: readonly TimeRange[]): Spans {
  const days: Span[] = [];
  const buckets: Span[] = [];
  let first = 0;
  for (const { startMs: rangeStartMs, endMs } of ranges) {
    let atMs = rangeStartMs;
    while (first < builtDays.length && (builtDays[first] as TimeRange).startMs < rangeStartMs) first += 1;
    for (let next = first; next < builtDays.length; next += 1) {
      const day = builtDays[next] as TimeRange;
      if (day.endMs > endMs) break;
      if (day.startMs > atMs) buckets.push({ rangeStartMs, startMs: atMs, endMs: day.startMs });
      extend(days, { rangeStartMs, ...day });
      atMs = day.endMs;
    }
    if (atMs < endMs) buckets.push({ rangeStartMs, startMs: atMs, endMs });
  }
  return { days, buckets };
}

/** Days next to each other are one span. */
function extend(spans: Span[], span: Span): void {
  const last = spans.at(-1);
  if (last?.rangeStartMs === span.rangeStartMs && last.endMs === span.startMs) {
    spans[spans.length - 1] = { ...last, endMs: span.endMs };
  } else spans.push(span);
}
