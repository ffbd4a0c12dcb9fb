/**
 * The trace of one call: a CLIENT span around it, below the span that was active when the program made the call, and the
 * metrics at its end. What a tracing library throws changes nothing for the call (D1).
 */
import { emptyEvent, type Trace, type UsageEvent } from "@cmdrdata/protocol";

import type { Clock } from "../clock.ts";
import { version } from "../version.ts";
import {
  type BeginningCall,
  commonAttributes,
  operationNameOf,
  requestAttributes,
  responseAttributes,
} from "./call-attributes.ts";
import { recordMetrics } from "./call-metrics.ts";
import {
  type Attributes,
  clientKind,
  errorStatus,
  findOpenTelemetry,
  type OpenTelemetry,
  type OtelContext,
  type OtelSpan,
  spanKey,
} from "./open-telemetry.ts";

/** @returns `null` where the program has no OpenTelemetry: then nothing else of this is ever called */
export function startTrace(clock: Pick<Clock, "monotonicNow">): CallTrace | null {
  const api = findOpenTelemetry();
  return api === undefined ? null : new CallTrace(api, clock);
}

export class CallTrace {
  readonly #api: OpenTelemetry;
  readonly #clock: Pick<Clock, "monotonicNow">;
  readonly #startedTick: number;
  /** What was active when the program made the call. */
  readonly #parent: OtelContext | undefined;
  #span: OtelSpan | undefined;
  #common: Attributes | undefined;
  #firstChunkTick: number | null = null;

  constructor(api: OpenTelemetry, clock: Pick<Clock, "monotonicNow">) {
    this.#api = api;
    this.#clock = clock;
    this.#startedTick = clock.monotonicNow();
    this.#parent = attempt(() => api.context?.active());
  }

  /** The call is known. Once; it may be after {@link run}. */
  begin(describe: () => BeginningCall): void {
    attempt(() => {
      const call = describe();
      const common = commonAttributes(call);
      this.#common = common;
      const { operation, model } = call;
      const name = model === null ? operationNameOf(operation) : `${operationNameOf(operation)} ${model}`;
      const attributes = { ...common, ...requestAttributes(call) };
      this.#span = this.#api.trace
        ?.getTracer("cmdrdata-openai", version)
        .startSpan(name, { kind: clientKind, attributes }, this.#parent);
    });
  }

  /** Calls `send` once, with the span active in it and in what it starts. */
  run<Result>(send: () => Result): Result {
    const parent = this.#parent;
    if (parent === undefined) return send();
    // What a context manager itself throws or gives is not the call's, whenever it does.
    let outcome: (() => Result) | undefined;
    attempt(() =>
      this.#api.context?.with(
        lateSpanContext(parent, () => this.#span),
        () => {
          outcome ??= outcomeOf(send);
        },
      ),
    );
    return (outcome ?? send)();
  }

  /** An item of the stream came. */
  sawChunk(): void {
    this.#firstChunkTick ??= this.#clock.monotonicNow();
  }

  /** Of the span, or of the one that was active where the span is not recorded. */
  get ids(): Trace {
    return attempt(() => this.#readIds()) ?? emptyEvent.trace;
  }

  /** The call's event is made. */
  end(event: UsageEvent): void {
    const metrics = attempt(() => this.#api.metrics);
    const common = this.#common;
    const span = this.#span;
    const firstChunkMs = this.#firstChunkTick === null ? null : this.#firstChunkTick - this.#startedTick;
    if (span !== undefined) attempt(() => describeEnd(span, event, firstChunkMs));
    if (metrics !== undefined && common !== undefined) {
      attempt(() => recordMetrics(metrics, { event, common, firstChunkMs, context: this.#contextOfSpan() }));
    }
    this.abandon();
  }

  /** Ends the span as it is, if it has not ended. */
  abandon(): void {
    const span = this.#span;
    this.#span = undefined;
    if (span !== undefined) attempt(() => span.end());
  }

  #readIds(): Trace {
    const span = this.#span?.isRecording() === true ? this.#span : (this.#parent?.getValue(spanKey) as OtelSpan);
    const ids = span?.spanContext();
    if (ids === undefined || /^0*$/.test(ids.traceId)) return emptyEvent.trace;
    return { trace_id: ids.traceId, span_id: ids.spanId };
  }

  #contextOfSpan(): OtelContext | undefined {
    return this.#span === undefined ? this.#parent : this.#parent?.setValue(spanKey, this.#span);
  }
}

function describeEnd(span: OtelSpan, event: UsageEvent, firstChunkMs: number | null): void {
  span.setAttributes(responseAttributes(event, firstChunkMs));
  // Without its message: what a provider says of an error may quote the request (C7).
  if (event.error.occurred) span.setStatus({ code: errorStatus });
}

/**
 * The context in which the request is sent: the parent's, with the span from the moment there is one. The SDK goes on in it
 * before it tells what the request is, without which a span should not be started.
 */
function lateSpanContext(parent: OtelContext, span: () => OtelSpan | undefined): OtelContext {
  const current = (): OtelContext => {
    const present = span();
    return present === undefined ? parent : parent.setValue(spanKey, present);
  };
  return {
    getValue: (key) => (key === spanKey ? (span() ?? parent.getValue(key)) : parent.getValue(key)),
    setValue: (key, value) => current().setValue(key, value),
    deleteValue: (key) => current().deleteValue(key),
  };
}

/** Calls `send`. @returns what gives its result, or throws its error */
function outcomeOf<Result>(send: () => Result): () => Result {
  try {
    const result = send();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
