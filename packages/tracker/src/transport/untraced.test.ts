import { afterEach, describe, expect, it } from "vitest";

import { untraced } from "./untraced.ts";

const registered = Symbol.for("opentelemetry.js.api.1");
const suppressTracing = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");
const register = (api: unknown): boolean => Reflect.set(globalThis, registered, api);
afterEach(() => Reflect.deleteProperty(globalThis, registered));

const fail = (): never => {
  throw new Error("no context");
};

interface Values {
  readonly values: ReadonlyMap<symbol, unknown>;
  setValue(key: symbol, value: unknown): Values;
}

const contextOf = (values: ReadonlyMap<symbol, unknown>): Values => ({
  values,
  setValue: (key, value) => contextOf(new Map([...values, [key, value]])),
});

describe("untraced", () => {
  it.each([undefined, {}])("just runs where OpenTelemetry is %o", (api) => {
    if (api !== undefined) register(api);
    expect(untraced(() => 7)).toBe(7);
  });

  it("runs in a context that suppresses tracing", () => {
    const seen: unknown[] = [];
    const run = (context: Values, action: () => unknown): unknown => {
      seen.push(context.values.get(suppressTracing));
      return action();
    };
    register({ context: { active: () => contextOf(new Map()), with: run } });
    expect(untraced(() => 7)).toBe(7);
    expect(seen).toEqual([true]);
  });

  it("runs once, though the context manager is broken, and throws what it throws", () => {
    let runs = 0;
    const count = (): number => (runs += 1);
    register({ context: { active: fail, with: fail } });
    expect([untraced(count), runs]).toEqual([1, 1]);
    register({
      context: { active: () => contextOf(new Map()), with: (_: unknown, action: () => unknown) => action() },
    });
    expect(() => untraced(fail)).toThrow("no context");
  });

  it.each<[string, unknown]>([
    ["is null", null],
    ["throws when it is looked at", new Proxy({}, { get: fail })],
    ["has a manager that never calls", { context: { active: () => contextOf(new Map()), with: () => undefined } }],
    [
      "has a manager that calls twice and then throws",
      {
        context: {
          active: () => contextOf(new Map()),
          with: (_: unknown, action: () => unknown) => {
            action();
            action();
            throw new Error("afterwards");
          },
        },
      },
    ],
  ])("runs once where OpenTelemetry %s", (_how, api) => {
    register(api);
    let runs = 0;
    expect(untraced(() => (runs += 1))).toBe(1);
    expect(runs).toBe(1);
    expect(() => untraced(fail)).toThrow("no context");
  });
});
