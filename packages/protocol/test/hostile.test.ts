/** What anybody could hand over: read within bounds, without running any of it. */
import { countingProxy, hostileCustomers, hostileMetadata, sideEffects } from "@cmdrdata/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { checkEvent, type FieldProblem, limits, parseEvent, readMetadata } from "../src/index.ts";
import { anyEvent } from "./event-arbitrary.ts";

const codesOf = (problems: readonly FieldProblem[]): string[] => [...new Set(problems.map(({ code }) => code))];

/** More than enough for what is kept, and nothing beside what could come. */
const mostCalls = 4 * (limits.metadataKeys + limits.rawUsageKeys);

describe("hostile labels", () => {
  it.each(hostileMetadata)("are read as far as they can be: $name", ({ make, kept, codes }) => {
    const problems: FieldProblem[] = [];
    sideEffects.count = 0;
    const read = readMetadata(make(), problems);
    expect(JSON.stringify(read)).toBe(JSON.stringify(kept));
    expect(codesOf(problems)).toEqual(codes);
    expect({}).not.toHaveProperty("polluted");
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it("run no code of theirs", () => {
    const quiet = hostileMetadata.filter(({ name }) => !name.includes("proxy that throws"));
    sideEffects.count = 0;
    for (const { make } of quiet) readMetadata(make(), []);
    expect(sideEffects.count).toBe(0);
  });

  it("are asked only so much, however much they are", () => {
    const wide = countingProxy(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i])));
    const long = countingProxy(Array.from({ length: 100_000 }, (_, i) => i));
    const hidden = countingProxy(
      Object.defineProperties(
        {},
        Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, { value: i }])),
      ),
    );
    readMetadata(wide.proxy, []);
    readMetadata({ list: long.proxy }, []);
    readMetadata(hidden.proxy, []);
    for (const { calls } of [wide, long, hidden]) expect(calls()).toBeLessThan(mostCalls);
    const event = countingProxy({ ...wide.proxy, metadata: wide.proxy, usage: wide.proxy, extra: wide.proxy });
    const callsBefore = wide.calls();
    parseEvent(event.proxy);
    checkEvent(event.proxy);
    expect(event.calls()).toBeLessThan(2 * mostCalls);
    expect(wide.calls() - callsBefore).toBeLessThan(8 * mostCalls);
  });
});

describe("a hostile customer", () => {
  it.each(hostileCustomers)("is nobody, with the reason: $name", ({ make, code }) => {
    sideEffects.count = 0;
    for (const { event } of [checkEvent({ customer_id: make() }), parseEvent({ customer_id: make() })]) {
      expect(event.customer_id).toBeNull();
      expect(event.attribution_error).toMatch(new RegExp(`^${code}: expected `));
    }
    expect(sideEffects.count).toBe(0);
  });

  it("is not asked for by an accessor", () => {
    const event = Object.defineProperty({}, "customer_id", { get: () => "acme", enumerable: true });
    expect(checkEvent(event).event).toMatchObject({
      customer_id: null,
      attribution_error: "CMDR_FIELD_TYPE: expected a text, got an accessor",
    });
  });
});

describe("checkEvent", () => {
  it("makes an equal event of one that was checked already, and shares nothing that could change", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const checked = checkEvent(event).event;
        expect(checked).toEqual(event);
        expect(checkEvent(checked).event).toEqual(checked);
        if (Object.keys(event.metadata).length > 0) expect(checked.metadata).not.toBe(event.metadata);
      }),
      { numRuns: 500 },
    );
  });

  it("throws nothing but its own error, whatever comes in, and gives an event that JSON and the wire take", () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true, withBoxedValues: true }); // prettier-ignore
    const shaped = fc.record({ id: anything, customer_id: anything, metadata: anything, usage: anything, extra: anything }, { requiredKeys: [] }); // prettier-ignore
    fc.assert(
      fc.property(shaped, (value) => {
        const { event } = checkEvent(value);
        const read = parseEvent(JSON.parse(JSON.stringify({ ...event, extra: {} }))).event;
        expect({ ...read, extra: {} }).toEqual({ ...event, extra: {} });
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(anything, (value) => {
        try {
          checkEvent(value);
        } catch (error) {
          expect((error as { code?: string }).code).toBe("CMDR_EVENT_NOT_OBJECT");
        }
      }),
    );
  });

  it("takes nothing that is no object, and nothing that throws when it is read", () => {
    for (const value of [null, undefined, 7, "event", [], () => {}]) {
      expect(() => checkEvent(value)).toThrow(expect.objectContaining({ code: "CMDR_EVENT_NOT_OBJECT" }) as Error);
    }
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(() => checkEvent(proxy)).toThrow(expect.objectContaining({ code: "CMDR_EVENT_UNREADABLE" }) as Error);
  });
});
