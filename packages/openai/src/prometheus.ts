/**
 * `cmdrdata-openai/prometheus`: the tracker's numbers in a registry of `prom-client`, which only this module loads.
 *
 * All but the histograms are read when they are scraped and cost nothing in between; the histograms are told of each value,
 * off the path of the program's calls, from the registration on.
 */
import { measureBounds, type Tracker } from "@cmdrdata/tracker";
import { Counter, Gauge, Histogram, register as defaultRegister, type Registry } from "prom-client";

import {
  type HistogramRow,
  type MetricRow,
  prefix,
  trackerHistograms,
  trackerMetrics,
} from "./metrics/tracker-metrics.ts";

export interface PrometheusOptions {
  /** Where the metrics go; else the registry that is `prom-client`'s own default. */
  readonly register?: Registry | undefined;
}

/**
 * Registers the tracker's metrics, as `cmdrdata_tracker_…`: docs/metrics.md lists them.
 *
 * @returns takes them off the registry again
 * @throws Error of `prom-client` where the registry has them already: a registry takes one tracker
 */
export function registerTracker(tracker: Tracker, options: PrometheusOptions = {}): () => void {
  const register = options.register ?? defaultRegister;
  for (const row of trackerMetrics) addMetric(tracker, row, register);
  const stops = trackerHistograms.map((row) => addHistogram(tracker, row, register));
  return () => {
    for (const stop of stops) stop();
    for (const row of [...trackerMetrics, ...trackerHistograms]) register.removeSingleMetric(prometheusName(row));
  };
}

/** Prometheus has the unit in the name, and `_total` on what only grows. */
export function prometheusName(row: MetricRow | HistogramRow): string {
  const unit = row.unit === "s" ? "_seconds" : row.unit === "By" ? "_bytes" : "";
  const total = "kind" in row && row.kind === "counter" ? "_total" : "";
  return `${prefix}.${row.name}`.replaceAll(".", "_").replace(/_size$/, "") + unit + total;
}

function addMetric(tracker: Tracker, row: MetricRow, register: Registry): void {
  const shape = { name: prometheusName(row), help: row.help, labelNames: [...row.labels], registers: [register] };
  const made = row.kind === "counter" ? new Counter({ ...shape, collect }) : new Gauge({ ...shape, collect });
  function collect(): void {
    made.reset();
    const snapshot = { metrics: tracker.metrics(), health: tracker.health() };
    for (const { labels, value } of row.read(snapshot)) made.inc({ ...labels }, value);
  }
}

/** @returns ends it */
function addHistogram(tracker: Tracker, row: HistogramRow, register: Registry): () => void {
  const { measure, factor, help } = row;
  const buckets = measureBounds[measure].map((bound) => bound * factor);
  const made = new Histogram({ name: prometheusName(row), help, buckets, registers: [register] });
  return tracker.observe((name, value) => {
    if (name === measure) made.observe(value * factor);
  });
}
