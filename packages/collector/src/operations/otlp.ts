/**
 * Sends the numbers of `/metrics` by OTLP (HTTP, JSON) to where OpenTelemetry's own environment variables say.
 *
 * Promise: without such a variable nothing is loaded. The packages are the operator's to install; without them, and while
 * nobody takes the numbers, the collector runs on and says so: what it is for is the events.
 */
import type * as apiPackage from "@opentelemetry/api";
import type * as exporterPackage from "@opentelemetry/exporter-metrics-otlp-http";
import type * as resourcesPackage from "@opentelemetry/resources";
import type * as sdkPackage from "@opentelemetry/sdk-metrics";
import type { FastifyBaseLogger } from "fastify";

import { type Numbers, toMetricData } from "./otlp-data.ts";

export interface OtlpDeps {
  /** What is sent. */
  readonly numbers: () => Promise<Numbers>;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Pick<FastifyBaseLogger, "info" | "warn">;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
}

export interface Otlp {
  /** Sends the last numbers, for at most two seconds. */
  close(): Promise<void>;
}

const usualIntervalMs = 60_000;
const closeWithinMs = 2_000;

/** Whether OpenTelemetry's variables ask for metrics. */
function wantsOtlp(env: OtlpDeps["env"]): boolean {
  const endpoint = env["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] || env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  const isOff = env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true" || env["OTEL_METRICS_EXPORTER"] === "none";
  return endpoint !== undefined && endpoint !== "" && !isOff;
}

/**
 * @param load - of OpenTelemetry's packages; another one is for tests
 * @returns `undefined` where nothing is to be sent, or the packages are not there
 */
export async function openOtlp(
  deps: OtlpDeps,
  load: () => Promise<Packages> = importPackages,
): Promise<Otlp | undefined> {
  if (!wantsOtlp(deps.env)) return undefined;
  const packages = await orUndefined(load);
  if (packages === undefined) {
    deps.logger.warn("OTEL_EXPORTER_OTLP_ENDPOINT is set, and its packages are not installed: see docs/collector.md");
    return undefined;
  }
  return startSending(packages, deps);
}

interface Packages {
  readonly api: typeof apiPackage;
  readonly sdk: typeof sdkPackage;
  readonly resources: typeof resourcesPackage;
  readonly exporter: typeof exporterPackage;
}

async function importPackages(): Promise<Packages> {
  const [api, sdk, resources, exporter] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/resources"),
    import("@opentelemetry/exporter-metrics-otlp-http"),
  ]);
  return { api, sdk, resources, exporter };
}

/** A package that is not there is no fault; one that is broken is. */
async function orUndefined(load: () => Promise<Packages>): Promise<Packages | undefined> {
  try {
    return await load();
  } catch (error) {
    if ((error as { readonly code?: string }).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

function startSending({ api, sdk, resources, exporter }: Packages, deps: OtlpDeps): Otlp {
  const { numbers, version, env, logger, now } = deps;
  const scope = { name: "cmdrdata", version };
  const resource = resources
    .resourceFromAttributes({ "service.name": "cmdrdata", "service.version": version })
    .merge(resources.detectResources({ detectors: [resources.envDetector] }));
  const kinds = {
    types: sdk.DataPointType,
    cumulative: sdk.AggregationTemporality.CUMULATIVE,
    double: api.ValueType.DOUBLE,
  } as const;
  const startTime = hrTime(now());
  const producer = {
    collect: async () => {
      const metrics = toMetricData(await numbers(), kinds, { startTime, endTime: hrTime(now()) });
      return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics }] }, errors: [] };
    },
  };
  const exportIntervalMillis = positive(env["OTEL_METRIC_EXPORT_INTERVAL"]) ?? usualIntervalMs;
  const provider = new sdk.MeterProvider({
    resource,
    readers: [
      new sdk.PeriodicExportingMetricReader({
        exporter: watched(new exporter.OTLPMetricExporter(), logger),
        exportIntervalMillis,
        exportTimeoutMillis: Math.min(exportIntervalMillis, positive(env["OTEL_METRIC_EXPORT_TIMEOUT"]) ?? 30_000),
        metricProducers: [producer],
      }),
    ],
  });
  return {
    close: async () => {
      try {
        await provider.shutdown({ timeoutMillis: closeWithinMs });
      } catch (error) {
        logger.warn({ err: error }, "the last metrics could not be sent");
      }
    },
  };
}

/** The exporter, whose failures are said once, and so is their end. */
function watched(exporter: sdkPackage.PushMetricExporter, logger: OtlpDeps["logger"]): sdkPackage.PushMetricExporter {
  let failing = false;
  return {
    export: (metrics, done) =>
      exporter.export(metrics, (result) => {
        const { error } = result;
        if (error !== undefined && !failing) logger.warn({ err: error }, "metrics cannot be sent by OTLP");
        if (error === undefined && failing) logger.info("metrics are sent by OTLP again");
        failing = error !== undefined;
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

function hrTime(ms: number): [number, number] {
  return [Math.floor(ms / 1_000), (ms % 1_000) * 1_000_000];
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : undefined;
}
