/** The collector's numbers by OTLP, as a real HTTP server takes them. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { openOtlp } from "../src/operations/otlp.ts";
import { startCollector } from "./running-collector.ts";

interface Point {
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
  readonly asDouble?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
  readonly explicitBounds?: readonly number[];
}
interface Points {
  readonly dataPoints: readonly Point[];
  readonly isMonotonic?: boolean;
  readonly aggregationTemporality?: number;
}
interface Metric {
  readonly name: string;
  readonly sum?: Points;
  readonly gauge?: Points;
  readonly histogram?: Points;
}
interface Body {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: Point["attributes"] };
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

let server: Server;
let env: Record<string, string>;
let answer: number;
const taken: { readonly path: string; readonly token: unknown; readonly body: Body }[] = [];

beforeEach(async () => {
  answer = 200;
  taken.length = 0;
  server = createServer((request, response) => void take(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    OTEL_EXPORTER_OTLP_HEADERS: "x-token=abc",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
  };
  // The exporter reads the process's own.
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
});

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  taken.push({ path: request.url ?? "", token: request.headers["x-token"], body: await read(request) });
  response.writeHead(answer, { "content-type": "application/json" }).end("{}");
}

async function read(request: IncomingMessage): Promise<Body> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as Body;
}

/** Collects what is logged. */
function logTo(said: unknown[]): Parameters<typeof openOtlp>[0]["logger"] {
  const log = (...parts: unknown[]): void => void said.push(parts.at(-1));
  return { info: log, warn: log };
}

/** What a collector that has taken two events has in `/metrics`, and sends. */
async function sendOnce(): Promise<string> {
  const collector = await startCollector({ metricsTenants: 1 });
  const said: unknown[] = [];
  const { numbers } = collector;
  const otlp = await openOtlp({ numbers, version: "1.2.3", env, logger: logTo(said), now: Date.now });
  const event = { id: "a", model: "gpt-4o", input_tokens: 1, output_tokens: 1 };
  await collector.post([event, { ...event, id: "b", model: "unheard-of" }]);
  const text = await (await fetch(`${collector.url}/metrics`)).text();
  await otlp?.close();
  await collector.close();
  expect(said).toEqual([]);
  return text;
}

it("goes where the standard variables say, with their headers, and says whose the numbers are", async () => {
  await sendOnce();
  expect(taken.map(({ path, token }) => [path, token])).toEqual([["/v1/metrics", "abc"]]);
  expect(labelsOf(taken[0]?.body.resourceMetrics[0]?.resource.attributes)).toEqual({
    "service.name": "cmdrdata",
    "service.version": "1.2.3",
    "deployment.environment.name": "test",
  });
});

it("has the numbers of /metrics, by the same names, with their labels", async () => {
  const text = await sendOnce();
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(new Set(sentMetrics().map(({ name }) => name))).toEqual(new Set(names));
  const events = sent("cmdrdata_events_total").sum;
  expect([events?.isMonotonic, events?.aggregationTemporality]).toEqual([true, 2]);
  expect(valueOf(events, { outcome: "accepted" })).toBe(2);
  const unpriced = sent("cmdrdata_unpriced_events_total").sum;
  expect(valueOf(unpriced, { tenant: "default", reason: "model_unknown" })).toBe(1);
  expect(valueOf(sent("cmdrdata_component_status").gauge, { component: "store", status: "ok" })).toBe(1);
});

it("has the histograms of /metrics, each bucket with its own", async () => {
  const text = await sendOnce();
  const { bucketCounts = [], explicitBounds = [], ...ingest } = ingestPoint();
  expect([ingest.count, bucketCounts.reduce((all, each) => all + each, 0)]).toEqual([1, 1]);
  expect(bucketCounts).toHaveLength(explicitBounds.length + 1);
  expect(text).toContain(`cmdrdata_ingest_duration_seconds_sum ${ingest.sum}\n`);
  const below = explicitBounds.findIndex((bound) => bound >= (ingest.sum ?? 0));
  expect(bucketCounts[below]).toBe(1);
});

function sentMetrics(): readonly Metric[] {
  return (taken[0]?.body.resourceMetrics ?? []).flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics),
  );
}

function sent(name: string): Metric {
  return sentMetrics().find((metric) => metric.name === name) ?? { name: "none" };
}

function ingestPoint(): Point {
  return sent("cmdrdata_ingest_duration_seconds").histogram?.dataPoints[0] ?? { attributes: [] };
}

it("says once that nobody takes the numbers, and that somebody does again", async () => {
  answer = 400;
  const said: unknown[] = [];
  const often = { ...env, OTEL_METRIC_EXPORT_INTERVAL: "20" };
  const deps = { numbers: async () => [], version: "1.2.3", env: often, logger: logTo(said), now: Date.now };
  const otlp = await openOtlp(deps);
  await vi.waitFor(() => expect(taken.length).toBeGreaterThan(2));
  answer = 200;
  await vi.waitFor(() => expect(said).toHaveLength(2));
  await otlp?.close();
  expect(said).toEqual(["metrics cannot be sent by OTLP", "metrics are sent by OTLP again"]);
});

it("runs on without the packages, and says what is missing; what is broken is an error", async () => {
  const said: unknown[] = [];
  const deps = { numbers: async () => [], version: "1", env, logger: logTo(said), now: Date.now };
  const missing = Object.assign(new Error("no such package"), { code: "ERR_MODULE_NOT_FOUND" });
  expect(await openOtlp(deps, () => Promise.reject(missing))).toBeUndefined();
  expect(said).toEqual([expect.stringContaining("its packages are not installed")]);
  await expect(openOtlp(deps, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});

it("ends in time though nobody takes the last numbers, and says so", async () => {
  const said: unknown[] = [];
  const deps = {
    numbers: () => new Promise<[]>(() => undefined),
    version: "1",
    env,
    logger: logTo(said),
    now: Date.now,
  };
  const otlp = await openOtlp(deps);
  const sinceMs = performance.now();
  await otlp?.close();
  expect(performance.now() - sinceMs).toBeLessThan(10_000);
  expect(said).toEqual(["the last metrics could not be sent"]);
});

it.each([
  {},
  { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
  { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_SDK_DISABLED: "true" },
  { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://127.0.0.1:1", OTEL_METRICS_EXPORTER: "none" },
])("sends nothing, and loads nothing, with %o", async (given) => {
  const deps = { numbers: async () => [], version: "1", env: given, logger: logTo([]), now: Date.now };
  expect(await openOtlp(deps, () => Promise.reject(new Error("loaded")))).toBeUndefined();
});

function labelsOf(attributes: Point["attributes"] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}

function valueOf(points: Points | undefined, labels: Readonly<Record<string, string>>): number | undefined {
  const wanted = JSON.stringify(labels);
  return points?.dataPoints.find(({ attributes }) => JSON.stringify(labelsOf(attributes)) === wanted)?.asDouble;
}
