/** Whatever is handed to `capture` itself: nothing is thrown, nothing of it runs, and what arrives is what could be used. */
import type { UsageEvent } from "@cmdrdata/protocol";
import { anEvent, countingProxy, hostileCustomers, hostileMetadata, sideEffects } from "@cmdrdata/testkit";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";

import { textOf } from "./memory-collector.ts";
import { type Bench, makeTracker } from "./make-tracker.ts";

type WireEvent = Readonly<Record<string, unknown>>;

/** What arrived, as it was on the wire. */
async function arrived({ clock, collector }: Bench): Promise<readonly WireEvent[]> {
  await clock.advance(1_000);
  return collector.requests.flatMap(
    ({ body }) => (JSON.parse(textOf(body)) as { readonly events: readonly WireEvent[] }).events,
  );
}

beforeEach(() => void (sideEffects.count = 0));

const takes: readonly (readonly [string, (bench: Bench, event: UsageEvent) => void])[] = [
  ["capture", ({ tracker }, event) => tracker.capture(event)],
  [
    "the fallback of captureLater",
    ({ tracker }, event) => tracker.captureLater(event, () => Promise.reject(new Error("no"))),
  ],
  ["what captureLater makes", ({ tracker }, event) => tracker.captureLater(anEvent({ id: "a" }), () => event)],
];

describe.each(takes)("%s", (_name, take) => {
  it.each(hostileMetadata)("takes of labels what can be used: $name", async ({ make, kept, codes }) => {
    const bench = makeTracker();
    take(bench, anEvent({ id: "a", metadata: make() as never }));
    const [event] = await arrived(bench);
    expect(event?.["metadata"] ?? {}).toEqual(JSON.parse(JSON.stringify(kept)));
    expect(event).toMatchObject({ id: "a", customer_id: "customer-123", input_tokens: 10 });
    expect(bench.unaccounted()).toBe(0);
    expect({}).not.toHaveProperty("polluted");
    // What is made later is said by nobody.
    if (take !== takes[2]?.[1])
      for (const code of codes) expect(bench.lines.join("\n")).toContain(`metadata was set aside: ${code}: expected `);
  });

  it.each(hostileCustomers)("takes a customer for nobody, with the reason: $name", async ({ make, code }) => {
    const bench = makeTracker();
    take(bench, anEvent({ id: "a", customer_id: make() as never }));
    const [event] = await arrived(bench);
    expect(event).not.toHaveProperty("customer_id");
    expect(event?.["attribution_error"]).toMatch(new RegExp(`^${code}: `));
  });
});

it("counts unattributed events and customers that cannot be used", async () => {
  const bench = makeTracker();
  for (const { make } of hostileCustomers) bench.tracker.capture(anEvent({ customer_id: make() as never }));
  const { length } = hostileCustomers;
  expect(bench.tracker.metrics()).toMatchObject({ captured: length, unattributed: length, attributionErrors: length });
});

it("takes an event as it is at that moment", async () => {
  const bench = makeTracker();
  const metadata = { step: 1 };
  const event = { ...anEvent({ id: "a" }), metadata };
  bench.tracker.capture(event);
  metadata.step = 2;
  event.customer_id = "another";
  expect(await arrived(bench)).toMatchObject([{ customer_id: "customer-123", metadata: { step: 1 } }]);
});

it("runs no accessor and no toJSON, wherever in the event they are", async () => {
  const bench = makeTracker();
  const read = (): void => void (sideEffects.count += 1);
  const accessors = (names: readonly string[]): object =>
    Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, { get: read, enumerable: true }])));
  const names = Object.keys(anEvent());
  bench.tracker.capture(Object.defineProperty(accessors(names), "toJSON", { value: read }) as UsageEvent);
  for (const section of ["usage", "latency", "error", "request", "trace", "sdk", "metadata", "extra"] as const) {
    const hostile = Object.assign(accessors(["raw", "input", "id", "message", "name", "count"]), { toJSON: read });
    bench.tracker.capture({ ...anEvent(), [section]: hostile } as UsageEvent);
  }
  expect(await arrived(bench)).toHaveLength(9);
  expect(sideEffects.count).toBe(0);
  expect(bench.tracker.metrics()).toMatchObject({ delivered: 9, dropped: { unreadable: 0 } });
});

it("asks a proxy only so much, however large what is behind it is", () => {
  const bench = makeTracker();
  const wide = countingProxy(Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index])));
  const event = countingProxy({ ...anEvent(), metadata: wide.proxy, extra: wide.proxy } as unknown as UsageEvent);
  const before = wide.calls();
  bench.tracker.capture(event.proxy);
  expect(event.calls()).toBeLessThan(60);
  expect(wide.calls() - before).toBeLessThan(300);
  expect(bench.tracker.metrics()).toMatchObject({ captured: 1, held: 1 });
});

it("accounts for whatever comes in, and throws nothing (D1, D3)", async () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true, withBoxedValues: true }); // prettier-ignore
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { maxLength: 20 }), async (values) => {
      const bench = makeTracker();
      for (const value of values) bench.tracker.capture(value as UsageEvent);
      expect(bench.tracker.metrics().captured).toBe(values.length);
      const events = await arrived(bench);
      const { dropped, delivered } = bench.tracker.metrics();
      expect(events.length + dropped.unreadable).toBe(values.length);
      expect(delivered).toBe(events.length);
      expect(bench.unaccounted()).toBe(0);
    }),
    { numRuns: 100 },
  );
});
