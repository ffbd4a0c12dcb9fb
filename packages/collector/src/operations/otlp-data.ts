/**
 * The numbers of `/metrics` in the form that OpenTelemetry exports: same names, same labels, same values.
 *
 * Promise: a counter and a histogram are cumulative from the start of the process, as Prometheus has them.
 */
import type { HrTime, ValueType } from "@opentelemetry/api";
import type {
  AggregationTemporality,
  DataPoint,
  DataPointType,
  Histogram,
  MetricData,
} from "@opentelemetry/sdk-metrics";
import type { MetricObjectWithValues, MetricValueWithName } from "prom-client";

export type Numbers = readonly MetricObjectWithValues<MetricValueWithName<string>>[];

/** Values of the package's enumerations, which is loaded only where it is asked for. */
export interface Kinds {
  readonly types: typeof DataPointType;
  readonly cumulative: AggregationTemporality.CUMULATIVE;
  readonly double: ValueType.DOUBLE;
}

interface Stretch {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

export function toMetricData(numbers: Numbers, kinds: Kinds, stretch: Stretch): MetricData[] {
  return numbers.map(({ name, help, type, values }) => {
    const shared = {
      descriptor: { name, description: help, unit: "", valueType: kinds.double },
      aggregationTemporality: kinds.cumulative,
    };
    // In the library's objects the type is a word; its declaration is an enumeration of numbers.
    const word = String(type);
    if (word === "histogram") {
      return { ...shared, dataPointType: kinds.types.HISTOGRAM, dataPoints: histograms(name, values, stretch) };
    }
    const dataPoints = values.map(({ value, labels }) => ({ ...stretch, attributes: attributesOf(labels), value }));
    if (word === "counter") return { ...shared, dataPointType: kinds.types.SUM, isMonotonic: true, dataPoints };
    return { ...shared, dataPointType: kinds.types.GAUGE, dataPoints };
  });
}

type Values = Numbers[number]["values"];
type Labels = Values[number]["labels"];

/** Prometheus has a row for each bound, counting all below it; here each bucket counts its own. */
function histograms(name: string, values: Values, stretch: Stretch): DataPoint<Histogram>[] {
  const groups = Map.groupBy(values, ({ labels: { le: _bound, ...labels } }) => JSON.stringify(labels));
  return [...groups].map(([labels, rows]) => {
    const valueOf = (suffix: string): number => rows.find(({ metricName }) => metricName === name + suffix)?.value ?? 0;
    const bounds = rows.filter(({ metricName }) => metricName === `${name}_bucket`);
    const counts = bounds.map(({ value }, index) => value - (bounds[index - 1]?.value ?? 0));
    const boundaries = bounds.map(({ labels: { le } }) => Number(le)).filter((bound) => Number.isFinite(bound));
    const value = { sum: valueOf("_sum"), count: valueOf("_count"), buckets: { boundaries, counts } };
    return { ...stretch, attributes: JSON.parse(labels) as Record<string, string>, value };
  });
}

function attributesOf(labels: Labels): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
