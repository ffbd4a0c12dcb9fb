/** The real OpenTelemetry SDK, set up as a program would, that keeps what it is given in memory. */
import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";

interface Point {
  readonly metric: string;
  readonly unit: string;
  readonly attributes: object;
  readonly sum: number | undefined;
  readonly count: number;
  readonly boundaries: readonly number[];
}

export interface OpenTelemetryBench {
  /** Spans that have ended, without those of HTTP requests. */
  spans(): readonly ReadableSpan[];
  /** Spans of HTTP requests that have ended. */
  httpSpans(): readonly ReadableSpan[];
  /** Every point of the histograms so far. */
  points(): Promise<readonly Point[]>;
  stop(): Promise<void>;
}

export function startOpenTelemetry(sampler?: Sampler): OpenTelemetryBench {
  const exporter = new InMemorySpanExporter();
  const processors = { spanProcessors: [new SimpleSpanProcessor(exporter)] };
  const provider = new NodeTracerProvider(sampler === undefined ? processors : { ...processors, sampler });
  provider.register();
  const undici = new UndiciInstrumentation();
  undici.setTracerProvider(provider);
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000,
  });
  const meters = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(meters);
  const isHttp = (span: ReadableSpan): boolean => "http.request.method" in span.attributes;
  return {
    spans: () => exporter.getFinishedSpans().filter((span) => !isHttp(span)),
    httpSpans: () => exporter.getFinishedSpans().filter(isHttp),
    points: async () => {
      const { resourceMetrics } = await reader.collect();
      const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      return all.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => {
          const { sum, count, buckets } = value as {
            readonly sum?: number;
            readonly count: number;
            readonly buckets: { readonly boundaries: readonly number[] };
          };
          const { name: metric, unit } = descriptor;
          return { metric, unit, attributes, sum, count, boundaries: buckets.boundaries };
        }),
      );
    },
    stop: async () => {
      undici.disable();
      await Promise.all([provider.shutdown(), meters.shutdown()]);
      for (const api of [trace, metrics, context, propagation]) api.disable();
    },
  };
}
