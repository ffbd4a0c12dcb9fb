/**
 * The collector's own numbers, in the form that Prometheus reads. docs/collector.md lists them; a test compares.
 *
 * Promise: no label has a value that comes from outside, so that there are never more series than the routes and codes make,
 * and nothing here names a customer, nor a tenant, but for as many tenants as the operator has asked for.
 */
import type { IngestReply } from "@cmdrdata/protocol";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import type { WatchedWriter, WriterLoad } from "../writer-load.ts";
import type { Components } from "./check.ts";
import type { Numbers } from "./otlp-data.ts";
import { addUnpricedMeasure, createTenantMeasures } from "./tenant-measures.ts";
import type { UnpricedReading } from "./unpriced-reading.ts";

interface AnsweredRequest {
  readonly method: string;
  /** As it is declared, without what was asked for. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

interface StoredBody {
  readonly tenant: string;
  readonly reply: IngestReply;
  readonly unpriced: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly seconds: number;
}

interface MeasuresWishes {
  readonly writer: Pick<WatchedWriter, "load">;
  readonly version: string;
  /** The most tenants that are named. */
  readonly mostTenants: number;
  /** What has no price now. */
  readonly unpriced: UnpricedReading;
}

export interface Measures {
  answered(request: AnsweredRequest): void;
  /** A body was stored, and its request is answered now. */
  stored(body: StoredBody): void;
  /** The same numbers as `read` gives, as objects. */
  numbers(components: Components, ready: boolean): Promise<Numbers>;
  /** @returns the text, and its content type */
  read(components: Components, ready: boolean): Promise<{ readonly text: string; readonly contentType: string }>;
}

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMeasures({ writer, version, mostTenants, unpriced }: MeasuresWishes): Measures {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const registers = [register];
  new Gauge({ name: "cmdrdata_build_info", help: "Always 1.", labelNames: ["version"], registers }).set({ version }, 1);
  const state = createStateMeasures(registers);
  addUnpricedMeasure(registers, unpriced);
  return {
    answered: createRequestMeasures(registers),
    stored: createIngestMeasures(registers, mostTenants),
    async numbers(components, ready) {
      state(writer.load(), components, ready);
      return register.getMetricsAsJSON();
    },
    async read(components, ready) {
      state(writer.load(), components, ready);
      return { text: await register.metrics(), contentType: register.contentType };
    },
  };
}

function createRequestMeasures(registers: Registry[]): Measures["answered"] {
  const requests = new Counter({
    name: "cmdrdata_http_requests_total",
    help: "Requests answered.",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const requestSeconds = new Histogram({
    name: "cmdrdata_http_request_duration_seconds",
    help: "Time from a request's headers to its answer.",
    labelNames: ["route"],
    buckets: secondsBuckets,
    registers,
  });
  return ({ method, route, status, seconds }) => {
    requests.inc({ method, route, status: String(status) });
    requestSeconds.observe({ route }, seconds);
  };
}

function createIngestMeasures(registers: Registry[], mostTenants: number): Measures["stored"] {
  const events = new Counter({
    name: "cmdrdata_events_total",
    help: "Events of stored requests, by what became of each.",
    labelNames: ["outcome"],
    registers,
  });
  const flaggedHelp = "Fields of accepted events that were set aside or doubted.";
  const flagged = new Counter({ name: "cmdrdata_flagged_fields_total", help: flaggedHelp, registers });
  const bytesHelp = "Bytes of stored bodies, as they came.";
  const bodyBytes = new Counter({ name: "cmdrdata_ingest_body_bytes_total", help: bytesHelp, registers });
  const ingestSeconds = new Histogram({
    name: "cmdrdata_ingest_duration_seconds",
    help: "Time from a whole body to its commit.",
    buckets: secondsBuckets,
    registers,
  });
  const countTenant = createTenantMeasures(registers, mostTenants);
  for (const outcome of outcomes) events.inc({ outcome }, 0);
  return ({ tenant, reply, unpriced, bytes, seconds }) => {
    countTenant({ tenant, conflicts: reply.conflicts, unpriced });
    for (const [outcome, count] of Object.entries(countsOf(reply))) events.inc({ outcome }, count);
    flagged.inc(reply.flagged.length);
    bodyBytes.inc(bytes);
    ingestSeconds.observe(seconds);
  };
}

function createStateMeasures(registers: Registry[]): (load: WriterLoad, parts: Components, ready: boolean) => void {
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const bytesInFlight = gauge("cmdrdata_ingest_bytes_in_flight", "Bytes of bodies that wait for their commit.");
  const most = gauge("cmdrdata_ingest_bytes_in_flight_max", "The most of them before requests are answered 503.");
  const requestsInFlight = gauge("cmdrdata_ingest_requests_in_flight", "Requests that wait for their commit.");
  const oldestWait = gauge("cmdrdata_ingest_oldest_wait_seconds", "How long the oldest of them has waited.");
  const readiness = gauge("cmdrdata_ready", "1 when the collector takes events, else 0.");
  const component = new Gauge({
    name: "cmdrdata_component_status",
    help: "1 for the status that a component has, 0 for the others.",
    labelNames: ["component", "status"],
    registers,
  });
  return (load, parts, ready) => {
    bytesInFlight.set(load.bytesInFlight);
    most.set(load.maxBytesInFlight);
    requestsInFlight.set(load.requestsInFlight);
    oldestWait.set(load.oldestWaitMs / 1_000);
    readiness.set(ready ? 1 : 0);
    for (const [name, health] of Object.entries(parts)) {
      for (const status of statuses) component.set({ component: name, status }, health.status === status ? 1 : 0);
    }
  };
}

const statuses = ["ok", "degraded", "failing"] as const;
const outcomes = ["accepted", "duplicate", "conflict", "rejected"] as const;

/** A conflict is a duplicate too, and counted apart from the others. */
function countsOf(reply: IngestReply): Readonly<Record<(typeof outcomes)[number], number>> {
  const { conflicts } = reply;
  return {
    accepted: reply.accepted,
    duplicate: reply.duplicates - conflicts,
    conflict: conflicts,
    rejected: reply.rejected.length,
  };
}
