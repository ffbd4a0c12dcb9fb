/**
 * `cmdrdata-openai/opentelemetry`: the tracker's numbers as OpenTelemetry metrics. Only this module loads
 * `@opentelemetry/api`; spans and the GenAI metrics of the calls themselves need neither (docs/tracing.md).
 */
import { measureBounds, type Tracker } from "@cmdrdata/tracker";
import { type Meter, type MeterProvider, metrics, type Observable } from "@opentelemetry/api";

import { prefix, trackerHistograms, type MetricRow, trackerMetrics } from "./metrics/tracker-metrics.ts";
import { version } from "./version.ts";

export interface OpenTelemetryMetricsOptions {
  /** Whose meter it is; else that of the provider that the program has registered. */
  readonly meterProvider?: MeterProvider | undefined;
}

/**
 * Has the tracker's numbers collected, as `cmdrdata.tracker.…`: docs/metrics.md lists them.
 *
 * @returns ends it
 */
export function observeTracker(tracker: Tracker, options: OpenTelemetryMetricsOptions = {}): () => void {
  const meter = (options.meterProvider ?? metrics).getMeter("cmdrdata-openai", version);
  const stopObserving = observeMetrics(tracker, meter);
  const stopRecording = recordHistograms(tracker, meter);
  return () => {
    stopObserving();
    stopRecording();
  };
}

/** All are read from one moment, so that their sums agree. */
function observeMetrics(tracker: Tracker, meter: Meter): () => void {
  const instruments = new Map<MetricRow, Observable>(
    trackerMetrics.map((row) => {
      const shape = { unit: row.unit, description: row.help };
      const name = `${prefix}.${row.name}`;
      const made =
        row.kind === "counter" ? meter.createObservableCounter(name, shape) : meter.createObservableGauge(name, shape);
      return [row, made];
    }),
  );
  const read: Parameters<Meter["addBatchObservableCallback"]>[0] = (result) => {
    const snapshot = { metrics: tracker.metrics(), health: tracker.health() };
    for (const [row, instrument] of instruments) {
      for (const { value, labels } of row.read(snapshot)) result.observe(instrument, value, labels);
    }
  };
  const all = [...instruments.values()];
  meter.addBatchObservableCallback(read, all);
  return () => meter.removeBatchObservableCallback(read, all);
}

function recordHistograms(tracker: Tracker, meter: Meter): () => void {
  const record = new Map(
    trackerHistograms.map(({ name, measure, unit, help, factor }) => {
      const advice = { explicitBucketBoundaries: measureBounds[measure].map((bound) => bound * factor) };
      const made = meter.createHistogram(`${prefix}.${name}`, { unit, description: help, advice });
      return [measure, (value: number) => made.record(value * factor)];
    }),
  );
  return tracker.observe((name, value) => record.get(name)?.(value));
}
