/**
 * OpenTelemetry, as the program has set it up: what `@opentelemetry/api` registers on the process, and nothing else. No
 * package is loaded for it, so that there is nothing to load where it is not used, and no version to disagree with.
 *
 * The names below are the contract between copies of `@opentelemetry/api` 1.x in one process (docs/adr/0010-open-telemetry-by-registration.md has why).
 */

/** What is used of a `Context`, which never changes. */
export interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
  deleteValue(key: symbol): OtelContext;
}

type AttributeValue = string | number | boolean | readonly string[];
export type Attributes = Record<string, AttributeValue>;

export interface OtelSpan {
  spanContext(): { readonly traceId: string; readonly spanId: string };
  isRecording(): boolean;
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { readonly code: number }): unknown;
  end(): void;
}

interface SpanOptions {
  readonly kind: number;
  readonly attributes: Attributes;
}

interface Tracer {
  startSpan(name: string, options: SpanOptions, context: OtelContext | undefined): OtelSpan;
}

export interface Histogram {
  record(value: number, attributes: Attributes, context: OtelContext | undefined): void;
}

interface HistogramOptions {
  readonly unit: string;
  readonly description: string;
  readonly advice: { readonly explicitBucketBoundaries: number[] };
}

interface Meter {
  createHistogram(name: string, options: HistogramOptions): Histogram;
}

export interface MeterProvider {
  getMeter(name: string, version: string): Meter;
}

/** Each part is there once the program, or what it loads, has registered it. */
export interface OpenTelemetry {
  readonly trace?: { getTracer(name: string, version: string): Tracer };
  readonly metrics?: MeterProvider;
  readonly context?: {
    active(): OtelContext;
    with<Result>(context: OtelContext, run: () => Result): Result;
  };
}

const registered: unique symbol = Symbol.for("opentelemetry.js.api.1") as never;
export const spanKey: symbol = Symbol.for("OpenTelemetry Context Key SPAN");

export const clientKind = 2;
export const errorStatus = 2;

/** `undefined` where the program has set nothing up; asked anew for each call, since it may do so later. */
export function findOpenTelemetry(): OpenTelemetry | undefined {
  const { [registered]: api } = globalThis as { [registered]?: OpenTelemetry | null };
  return typeof api === "object" && api !== null ? api : undefined;
}
