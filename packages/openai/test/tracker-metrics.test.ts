/** The tracker's numbers in the real prom-client and the real OpenTelemetry SDK. */
import { readFileSync } from "node:fs";

import { createTracker, resolveTrackerOptions, type Tracker } from "@cmdrdata/tracker";
import { anEvent, type FakeClock, fakeClock } from "@cmdrdata/testkit";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { register as defaultRegister, Registry } from "prom-client";
import { describe, expect, it } from "vitest";

import { prefix, trackerHistograms, trackerMetrics } from "../src/metrics/tracker-metrics.ts";
import { observeTracker } from "../src/opentelemetry.ts";
import { prometheusName, registerTracker } from "../src/prometheus.ts";
import { silent } from "./harness.ts";

interface Bench {
  readonly tracker: Tracker;
  readonly clock: FakeClock;
  /** Two calls, one of which failed at OpenAI; delivered after 1,500 ms. */
  deliver(): Promise<void>;
}

function makeBench(): Bench {
  const clock = fakeClock();
  const config = resolveTrackerOptions({ apiKey: "tk-0123456789abcdefghij", logger: silent }, {});
  const tracker = createTracker(config, {
    clock,
    transport: {
      send: () =>
        new Promise((resolve) => {
          const reply = { status: 200, headers: {}, text: '{"accepted":2}', sentBytes: 321 };
          clock.schedule(500, () => resolve(reply));
        }),
      close: () => {},
    },
  });
  const failed = { occurred: true, type: "rate_limit", code: null, message: null };
  return {
    tracker,
    clock,
    deliver: async () => {
      tracker.capture(anEvent({ provider: "openai" }));
      tracker.capture(anEvent({ provider: "openai", customer_id: null, error: failed }));
      await clock.advance(1_500);
    },
  };
}

const linesOf = (text: string, name: string): string[] =>
  text.split("\n").filter((line) => line.startsWith(name) && !line.startsWith("#"));

describe("registerTracker", () => {
  it("has the tracker's numbers as they are when they are scraped", async () => {
    const { tracker, clock, deliver } = makeBench();
    const register = new Registry();
    registerTracker(tracker, { register });
    expect(linesOf(await register.metrics(), "cmdrdata_tracker_events_captured_total")).toEqual([
      "cmdrdata_tracker_events_captured_total 0",
    ]);
    await deliver();
    const text = await register.metrics();
    for (const line of [
      "cmdrdata_tracker_events_captured_total 2",
      "cmdrdata_tracker_events_delivered_total 2",
      'cmdrdata_tracker_events_dropped_total{reason="queue_full"} 0',
      "cmdrdata_tracker_events_unattributed_total 1",
      "cmdrdata_tracker_sent_bytes_total 321",
      'cmdrdata_tracker_circuit{state="closed"} 1',
      'cmdrdata_tracker_circuit{state="open"} 0',
      'cmdrdata_tracker_status{status="degraded"} 1',
      'cmdrdata_tracker_spool_status{status="off"} 1',
      `cmdrdata_tracker_last_success_seconds ${clock.now() / 1_000}`,
      'cmdrdata_tracker_provider_calls_total{provider="openai"} 2',
      'cmdrdata_tracker_provider_errors_total{provider="openai",type="rate_limit"} 1',
      'cmdrdata_tracker_request_duration_seconds_bucket{le="0.25"} 0',
      'cmdrdata_tracker_request_duration_seconds_bucket{le="0.5"} 1',
      "cmdrdata_tracker_delivery_duration_seconds_sum 3",
      "cmdrdata_tracker_batch_events_count 1",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(linesOf(await register.metrics(), "cmdrdata_tracker_events_captured_total")).toEqual([
      "cmdrdata_tracker_events_captured_total 2",
    ]);
  });

  it("takes prom-client's own registry by default, takes one tracker, and can be taken off again", async () => {
    const { tracker } = makeBench();
    const end = registerTracker(tracker);
    expect(await defaultRegister.metrics()).toContain("cmdrdata_tracker_requests_total");
    expect(() => registerTracker(tracker)).toThrow("already been registered");
    end();
    expect(await defaultRegister.metrics()).not.toContain("cmdrdata");
    registerTracker(tracker)();
  });
});

describe("observeTracker", () => {
  it("has the tracker's numbers collected", async () => {
    const { tracker, deliver } = makeBench();
    const reader = new PeriodicExportingMetricReader({
      exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
      exportIntervalMillis: 3_600_000,
    });
    const meterProvider = new MeterProvider({ readers: [reader] });
    const end = observeTracker(tracker, { meterProvider });
    await deliver();
    const collect = async () => {
      const { resourceMetrics, errors } = await reader.collect();
      expect(errors).toEqual([]);
      return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    };
    const seen = await collect();
    const pointsOf = (name: string) =>
      seen
        .filter(({ descriptor }) => descriptor.name === `${prefix}.${name}`)
        .flatMap(({ dataPoints }) => dataPoints.map(({ value, attributes }) => ({ value, attributes })));
    expect(pointsOf("events.delivered")).toEqual([{ value: 2, attributes: {} }]);
    expect(pointsOf("circuit")).toContainEqual({ value: 1, attributes: { state: "closed" } });
    expect(pointsOf("provider.errors")).toEqual([{ value: 1, attributes: { provider: "openai", type: "rate_limit" } }]);
    expect(pointsOf("delivery.duration")).toMatchObject([{ value: { count: 2, sum: 3 } }]);
    expect(pointsOf("request.duration")[0]?.value).toMatchObject({ count: 1, sum: 0.5 });
    const units = new Map(seen.map(({ descriptor }) => [descriptor.name, descriptor.unit]));
    // What has no value yet has no point.
    for (const { name, unit } of [...trackerMetrics, ...trackerHistograms]) {
      expect(units.get(`${prefix}.${name}`)).toBe(unit);
    }
    end();
    await deliver();
    const after = await collect();
    const last = after.find(({ descriptor }) => descriptor.name === `${prefix}.delivery.duration`);
    expect(last?.dataPoints[0]?.value).toMatchObject({ count: 2 });
    await meterProvider.shutdown();
  });

  it("does nothing where the program has registered no provider", async () => {
    const { tracker, deliver } = makeBench();
    const end = observeTracker(tracker);
    await deliver();
    end();
    expect(tracker.metrics().delivered).toBe(2);
  });
});

describe("docs/metrics.md", () => {
  it("lists every exported metric under both names, and no other", () => {
    const page = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");
    const section = page.split("\n## ").find((part) => part.startsWith("Prometheus and OpenTelemetry")) ?? "";
    const rows = [...section.matchAll(/^\| `(cmdrdata\.[^`]+)` \| `([^`]+)` \| ([^|]*) \| (.*) \|$/gm)];
    const wanted = [...trackerMetrics, ...trackerHistograms].map((row) => [
      `${prefix}.${row.name}`,
      prometheusName(row),
      "labels" in row ? row.labels.map((label) => `\`${label}\``).join(", ") : "histogram",
      row.help,
    ]);
    expect(rows.map((row) => row.slice(1).map((cell) => cell.trim()))).toEqual(wanted);
  });
});
