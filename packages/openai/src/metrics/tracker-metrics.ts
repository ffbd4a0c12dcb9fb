/**
 * The tracker's numbers under names for monitoring: one table for all systems. docs/metrics.md repeats it; a test compares.
 *
 * Names are dotted and without unit, as OpenTelemetry has them; `unit` is in UCUM. Times are in seconds.
 */
import type { MeasureName, TrackerHealth, TrackerMetrics } from "@cmdrdata/tracker";

/** What all values of one moment are read from. */
interface Snapshot {
  readonly metrics: TrackerMetrics;
  readonly health: TrackerHealth;
}

interface Reading {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface MetricRow {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly unit: "{event}" | "{request}" | "{call}" | "{time}" | "By" | "s" | "1";
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: (snapshot: Snapshot) => readonly Reading[];
}

export interface HistogramRow {
  readonly name: string;
  readonly measure: MeasureName;
  readonly unit: "s" | "{event}";
  readonly help: string;
  /** The tracker's own values and bounds times this are in the unit. */
  readonly factor: number;
}

export const prefix = "cmdrdata.tracker";

const perSecond = 1 / 1_000;

export const trackerMetrics: readonly MetricRow[] = [
  counter("events.captured", "{event}", "Calls whose event was taken by the tracker.", (m) => m.captured),
  counter("events.delivered", "{event}", "Taken by the collector as new.", (m) => m.delivered),
  counter("events.duplicates", "{event}", "Taken by the collector, which had them already.", (m) => m.duplicates),
  counter("events.rejected", "{event}", "Not taken by the collector, each by itself.", (m) => m.rejected),
  counter("events.spooled", "{event}", "Left on the disk for another process.", (m) => m.spooled),
  counter("events.adopted", "{event}", "Captured by another process and left by it.", (m) => m.adopted),
  byName("events.dropped", "{event}", "Lost, by reason.", "reason", (m) => m.dropped),
  counter("events.unattributed", "{event}", "Captured events that name no customer.", (m) => m.unattributed),
  counter(
    "events.attribution_errors",
    "{event}",
    "Captured events whose customer could not be used.",
    (m) => m.attributionErrors,
  ),
  gauge("events.held", "{event}", "Without an outcome yet.", ({ metrics }) => metrics.held),
  gauge("held_size", "By", "Memory that held events take, estimated.", ({ metrics }) => metrics.heldBytes),
  gauge(
    "held_oldest",
    "s",
    "How long the oldest event has been held.",
    ({ health }) => health.queue.oldestMs * perSecond,
  ),
  counter("requests", "{request}", "Requests to the collector.", (m) => m.requests),
  counter("retries", "{request}", "Requests made after a failure.", (m) => m.retries),
  byName("failures", "{request}", "Requests that took nothing, by what was wrong.", "code", (m) => m.failures),
  counter("sent_size", "By", "Bytes sent, after compression.", (m) => m.sentBytes),
  counter("circuit_opened", "{time}", "How often the circuit opened.", (m) => m.circuitOpened),
  oneOf(
    "circuit",
    "1 for the state that the circuit is in.",
    "state",
    ["closed", "open", "half-open"],
    (h) => h.breaker.state,
  ),
  oneOf(
    "status",
    "1 for the tracker's status.",
    "status",
    ["ok", "degraded", "failing", "unconfigured", "shut_down"],
    (h) => h.status,
  ),
  gauge("last_success", "s", "When the collector last took something, epoch seconds.", ({ metrics }) =>
    metrics.lastSuccessAtMs === null ? undefined : metrics.lastSuccessAtMs * perSecond,
  ),
  oneOf("spool.status", "1 for the spool's status.", "status", ["off", "ok", "full", "failed"], (h) => h.spool.status),
  gauge(
    "spool.events",
    "{event}",
    "Events of this tracker on the disk without an outcome.",
    ({ health }) => health.spool.events,
  ),
  gauge("spool.size", "By", "Bytes of the spool on the disk.", ({ health }) => health.spool.bytes),
  {
    name: "provider.calls",
    kind: "counter",
    unit: "{call}",
    help: "Calls that have ended, by the provider whose API they were made to.",
    labels: ["provider"],
    read: ({ metrics }) =>
      Object.entries(metrics.providers).map(([provider, { calls }]) => ({ value: calls, labels: { provider } })),
  },
  {
    name: "provider.errors",
    kind: "counter",
    unit: "{call}",
    help: "Calls that failed, by provider and the event's error type.",
    labels: ["provider", "type"],
    read: ({ metrics }) =>
      Object.entries(metrics.providers).flatMap(([provider, { errorsByType }]) =>
        Object.entries(errorsByType).map(([type, value]) => ({ value, labels: { provider, type } })),
      ),
  },
];

export const trackerHistograms: readonly HistogramRow[] = [
  histogram("request.duration", "requestMs", "One request, from its start to its whole answer or its failure."),
  { name: "batch.events", measure: "batchEvents", unit: "{event}", help: "Events in one request.", factor: 1 },
  histogram("delivery.duration", "deliveryMs", "An event, from its capture to the answer that took it."),
  histogram("held.duration", "heldMs", "An event, from its capture to its outcome."),
];

function counter(
  name: string,
  unit: MetricRow["unit"],
  help: string,
  read: (metrics: TrackerMetrics) => number,
): MetricRow {
  return {
    name,
    kind: "counter",
    unit,
    help,
    labels: [],
    read: ({ metrics }) => [{ value: read(metrics), labels: {} }],
  };
}

/** A counter for each name of a record. */
function byName(
  name: string,
  unit: MetricRow["unit"],
  help: string,
  label: string,
  read: (metrics: TrackerMetrics) => Readonly<Record<string, number>>,
): MetricRow {
  const readAll = ({ metrics }: Snapshot): readonly Reading[] =>
    Object.entries(read(metrics)).map(([each, value]) => ({ value, labels: { [label]: each } }));
  return { name, kind: "counter", unit, help, labels: [label], read: readAll };
}

function gauge(
  name: string,
  unit: MetricRow["unit"],
  help: string,
  read: (snapshot: Snapshot) => number | undefined,
): MetricRow {
  const readOne = (snapshot: Snapshot): readonly Reading[] => {
    const value = read(snapshot);
    return value === undefined ? [] : [{ value, labels: {} }];
  };
  return { name, kind: "gauge", unit, help, labels: [], read: readOne };
}

/** 1 for the state it is in, 0 for the others. */
function oneOf(
  name: string,
  help: string,
  label: string,
  states: readonly string[],
  read: (health: TrackerHealth) => string,
): MetricRow {
  const readAll = ({ health }: Snapshot): readonly Reading[] =>
    states.map((state) => ({ value: state === read(health) ? 1 : 0, labels: { [label]: state } }));
  return { name, kind: "gauge", unit: "1", help, labels: [label], read: readAll };
}

function histogram(name: string, measure: MeasureName, help: string): HistogramRow {
  return { name, measure, unit: "s", help, factor: perSecond };
}
