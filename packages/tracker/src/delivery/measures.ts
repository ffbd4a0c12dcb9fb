/** The tracker's histograms: counted where things happen, read as a whole, and passed on one by one to whoever asks. */

export type MeasureName = "requestMs" | "batchEvents" | "deliveryMs" | "heldMs";

/** The bounds of each: a value is counted in the first bucket whose bound it does not exceed. */
export const measureBounds: Readonly<Record<MeasureName, readonly number[]>> = {
  /** One request, from its start to its whole answer or its failure. */
  requestMs: [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000],
  /** Events in one request. */
  batchEvents: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000],
  /** An event, from its capture to the answer that took it. */
  deliveryMs: [10, 100, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 3_600_000],
  /** An event, from its capture to its outcome, whichever that is. */
  heldMs: [10, 100, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 3_600_000],
};

export const measureNames: readonly MeasureName[] = ["requestMs", "batchEvents", "deliveryMs", "heldMs"];

/** Values of one kind since the tracker was made. */
export interface HistogramReading {
  /** Upper bounds, included, of all buckets but the last, which has none. */
  readonly bounds: readonly number[];
  /** How many values fell into each bucket: one more than there are bounds. */
  readonly buckets: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** Told of each value as it is measured. What it throws is ignored. */
export type MeasureObserver = (name: MeasureName, value: number) => void;

export interface Measures {
  record(name: MeasureName, value: number): void;
  read(): Readonly<Record<MeasureName, HistogramReading>>;
  /** @returns ends it */
  observe(observer: MeasureObserver): () => void;
}

interface Histogram {
  readonly bounds: readonly number[];
  readonly buckets: number[];
  sum: number;
}

export function createMeasures(): Measures {
  const histograms = mapMeasures((name): Histogram => {
    const bounds = measureBounds[name];
    return { bounds, buckets: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 };
  });
  const observers = new Set<MeasureObserver>();
  return {
    record(name, value) {
      const { bounds, buckets } = histograms[name];
      let index = 0;
      while (index < bounds.length && !(value <= (bounds[index] as number))) index += 1;
      buckets[index] = (buckets[index] ?? 0) + 1;
      histograms[name].sum += value;
      for (const observer of observers) tell(observer, name, value);
    },
    read: () => mapMeasures((name) => read(histograms[name])),
    observe(observer) {
      // A wrapper, so that one that observes twice is told twice, and each end ends its own.
      const own: MeasureObserver = (name, value) => observer(name, value);
      observers.add(own);
      return () => void observers.delete(own);
    },
  };
}

function mapMeasures<Value>(make: (name: MeasureName) => Value): Record<MeasureName, Value> {
  return Object.fromEntries(measureNames.map((name) => [name, make(name)])) as Record<MeasureName, Value>;
}

function read({ bounds, buckets, sum }: Histogram): HistogramReading {
  return { bounds: [...bounds], buckets: [...buckets], count: buckets.reduce((all, one) => all + one, 0), sum };
}

function tell(observer: MeasureObserver, name: MeasureName, value: number): void {
  try {
    observer(name, value);
  } catch {
    // The observer is the program's; its faults are not allowed to become ours.
  }
}
