/** What a tracing library does that is not OpenTelemetry's own, or is broken, changes nothing for the call (D1). */
import { emptyEvent } from "@cmdrdata/protocol";
import { afterEach, describe, expect, it } from "vitest";

import { CallTrace, startTrace } from "./call-trace.ts";
import type { OpenTelemetry, OtelContext, OtelSpan } from "./open-telemetry.ts";
import { spanKey } from "./open-telemetry.ts";

const registered = Symbol.for("opentelemetry.js.api.1");
afterEach(() => Reflect.deleteProperty(globalThis, registered));

const clock = { monotonicNow: () => 0 };
const fail = (): never => {
  throw new Error("broken");
};
const call = {
  operation: "responses.compact",
  model: null,
  streaming: false,
  body: null,
  baseUrl: "",
  host: "other",
} as const;

class Context implements OtelContext {
  readonly values: ReadonlyMap<symbol, unknown>;
  constructor(values: ReadonlyMap<symbol, unknown> = new Map()) {
    this.values = values;
  }
  getValue(key: symbol): unknown {
    return this.values.get(key);
  }
  setValue(key: symbol, value: unknown): Context {
    return new Context(new Map([...this.values, [key, value]]));
  }
  deleteValue(key: symbol): Context {
    return new Context(new Map([...this.values].filter(([name]) => name !== key)));
  }
}

const span = (traceId: string): OtelSpan & { ended: number } => ({
  ended: 0,
  spanContext: () => ({ traceId, spanId: "b".repeat(16) }),
  isRecording: () => true,
  setAttributes: () => undefined,
  setStatus: () => undefined,
  end() {
    this.ended += 1;
  },
});

describe("a trace", () => {
  it("is none where nothing is registered", () => {
    expect(startTrace(clock)).toBeNull();
    Reflect.set(globalThis, registered, {});
    expect(startTrace(clock)).toBeInstanceOf(CallTrace);
  });

  it("does nothing where nothing that it needs is registered", () => {
    const trace = new CallTrace({}, clock);
    trace.begin(() => call);
    expect(trace.run(() => 7)).toBe(7);
    expect(trace.ids).toEqual({ trace_id: null, span_id: null });
    trace.end(emptyEvent);
  });

  it.each<[string, OpenTelemetry]>([
    [
      "is all broken",
      { trace: { getTracer: fail }, metrics: { getMeter: fail }, context: { active: fail, with: fail } },
    ],
    ["cannot run", { context: { active: () => new Context(), with: fail } }],
    [
      "makes broken spans",
      {
        trace: {
          getTracer: () => ({ startSpan: () => ({ ...span("a"), isRecording: fail, setAttributes: fail, end: fail }) }),
        },
      },
    ],
  ])("that %s lets the call go on, once", (_, api) => {
    const trace = new CallTrace(api, clock);
    trace.begin(() => call);
    let sent = 0;
    expect(trace.run(() => (sent += 1))).toBe(1);
    expect(trace.ids).toEqual({ trace_id: null, span_id: null });
    trace.sawChunk();
    trace.end(emptyEvent);
    expect(sent).toBe(1);
  });

  it("passes on what the call throws", () => {
    const context = { active: () => new Context(), with: <R>(_: unknown, run: () => R): R => run() };
    expect(() => new CallTrace({ context }, clock).run(fail)).toThrow("broken");
  });

  it("runs the call in a context that has the span once there is one, and nobody else's before", () => {
    const other = span("a".repeat(32));
    const key = Symbol("other");
    const parent = new Context(new Map<symbol, unknown>([[key, 1]]).set(spanKey, other));
    const made = span("c".repeat(32));
    let seen: OtelContext = parent;
    const run = <R>(context: OtelContext, action: () => R): R => {
      seen = context;
      return action();
    };
    const api = {
      context: { active: () => parent, with: run },
      trace: { getTracer: () => ({ startSpan: () => made }) },
    };
    const trace = new CallTrace(api, clock);
    trace.run(() => undefined);
    expect([seen.getValue(spanKey), seen.getValue(key)]).toEqual([other, 1]);
    expect(seen.setValue(key, 2).getValue(spanKey)).toBe(other);
    trace.begin(() => call);
    expect([seen.getValue(spanKey), seen.getValue(key)]).toEqual([made, 1]);
    expect(seen.setValue(key, 2).getValue(spanKey)).toBe(made);
    expect(seen.deleteValue(spanKey).getValue(spanKey)).toBeUndefined();
    expect(seen.deleteValue(key).getValue(spanKey)).toBe(made);
    expect(trace.ids.trace_id).toBe("c".repeat(32));
    trace.end(emptyEvent);
    trace.abandon();
    expect(made.ended).toBe(1);
  });

  it("has no ids where the active span has none", () => {
    const parent = new Context(new Map([[spanKey, span("0".repeat(32))]]));
    const context = { active: () => parent, with: <R>(_: unknown, run: () => R): R => run() };
    expect(new CallTrace({ context }, clock).ids).toEqual({ trace_id: null, span_id: null });
  });

  const parent = new Context();
  it.each<[string, unknown]>([
    ["null", null],
    ["no object", 5],
    ["something that throws when it is looked at", new Proxy({}, { get: fail })],
    ["a context manager that never calls", { context: { active: () => parent, with: () => undefined } }],
    [
      "a context manager that calls twice and then throws",
      {
        context: {
          active: () => parent,
          with: (_: unknown, action: () => unknown) => {
            action();
            action();
            return fail();
          },
        },
      },
    ],
  ])("sends once where %s is registered", (_what, api) => {
    Reflect.set(globalThis, registered, api);
    let sent = 0;
    const send = (): number => (sent += 1);
    const trace = startTrace(clock);
    expect(trace === null ? send() : trace.run(send)).toBe(1);
    expect(sent).toBe(1);
    trace?.begin(() => call);
    expect(() => trace?.end(emptyEvent)).not.toThrow();
    const refuse = (): never => {
      throw new Error("refused");
    };
    expect(() => (trace === null ? refuse() : trace.run(refuse))).toThrow("refused");
  });
});
