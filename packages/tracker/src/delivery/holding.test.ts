import { encodeBody, encodeEvent, type UsageEvent } from "@cmdrdata/protocol";
import { anEvent } from "@cmdrdata/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { batchBodyOf } from "./batch-body.ts";
import type { HeldEvent } from "./held-event.ts";
import { createHolding, type Holding } from "./holding.ts";
import { weigh } from "./weigh.ts";

const roomy = { batchEvents: 100, batchBytes: 1_048_576 };
const never = (): void => {
  throw new Error("expected every event to be readable");
};

function makeHolding(events: readonly UsageEvent[]): Holding {
  const holding = createHolding();
  events.forEach((event, index) => holding.add(event, index));
  return holding;
}

const idsOf = (batch: ReturnType<Holding["takeBatch"]>) => batch?.events.map(({ event }) => event.id);

const padded = (id: string, length: number): UsageEvent => anEvent({ id, metadata: { padding: "x".repeat(length) } });

/** What is counted for an event that waits: its JSON, and what holds it. */
const keptBytesOf = (event: UsageEvent): number => 300 + encodeEvent(event).length;

/** As a program could make it behind the types' back: it can be weighed, not encoded. */
const unencodable = (id: string): UsageEvent => anEvent({ id, metadata: { count: 1n as unknown as number } });

describe("takeBatch", () => {
  it("takes the oldest events first, at most as many as bounded", () => {
    const holding = makeHolding(["a", "b", "c"].map((id) => anEvent({ id })));
    expect(idsOf(holding.takeBatch({ ...roomy, batchEvents: 2 }, 7, never))).toEqual(["a", "b"]);
    expect(idsOf(holding.takeBatch({ ...roomy, batchEvents: 2 }, 8, never))).toEqual(["c"]);
    expect(holding.takeBatch(roomy, 9, never)).toBeUndefined();
  });

  it("dates a batch with the time of its first attempt", () => {
    expect(makeHolding([anEvent()]).takeBatch(roomy, 1_234, never)?.firstSentAtMs).toBe(1_234);
  });

  it("leaves what would be over the bytes to the next batch", () => {
    const holding = makeHolding(["a", "b", "c"].map((id) => padded(id, 2_000)));
    expect(idsOf(holding.takeBatch({ ...roomy, batchBytes: 5_000 }, 0, never))).toEqual(["a", "b"]);
    expect(idsOf(holding.takeBatch({ ...roomy, batchBytes: 5_000 }, 0, never))).toEqual(["c"]);
  });

  it("fills a body up to the last event that fits, in bytes and not in characters", () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom("x", "é", "鳥", "🐤"), maxLength: 300 }), { minLength: 1, maxLength: 12 }); // prettier-ignore
    fc.assert(
      fc.property(texts, fc.integer({ min: 1_000, max: 6_000 }), (paddings, batchBytes) => {
        const events = paddings.map((padding, index) => anEvent({ id: `e${index}`, metadata: { padding } }));
        const holding = makeHolding(events);
        const kept = holding.queue.flatMap((held) => held.json() ?? []);
        const bytesOf = (count: number): number => Buffer.byteLength(encodeBody(kept.slice(0, count)));
        const taken = idsOf(holding.takeBatch({ ...roomy, batchBytes }, 0, never))?.length ?? 0;
        if (taken > 1) expect(bytesOf(taken)).toBeLessThanOrEqual(batchBytes);
        // With the comma that it would need, which the last event of a body is counted with too.
        if (taken < events.length) expect(bytesOf(taken + 1) + 1).toBeGreaterThan(batchBytes);
      }),
    );
  });

  it("takes at least one event, however large", () => {
    const holding = makeHolding([padded("a", 5_000), anEvent({ id: "b" })]);
    expect(idsOf(holding.takeBatch({ ...roomy, batchBytes: 1_024 }, 0, never))).toEqual(["a"]);
    expect(idsOf(holding.takeBatch({ ...roomy, batchBytes: 1_024 }, 0, never))).toEqual(["b"]);
  });

  it("lets go of events that cannot be encoded, and takes the others", () => {
    const holding = makeHolding([unencodable("a"), anEvent({ id: "b" }), unencodable("c"), anEvent({ id: "d" })]);
    let letGo = 0;
    expect(idsOf(holding.takeBatch(roomy, 0, () => (letGo += 1)))).toEqual(["b", "d"]);
    expect([letGo, holding.events, holding.queue.length]).toEqual([2, 2, 0]);
  });

  it("gives no batch when nothing can be encoded", () => {
    const holding = makeHolding([unencodable("a")]);
    let letGo = 0;
    expect(holding.takeBatch(roomy, 0, () => (letGo += 1))).toBeUndefined();
    expect([letGo, holding.events, holding.bytes]).toEqual([1, 0, 0]);
  });

  it("stays within the body's bytes, in UTF-8, and loses no event", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 200 });
    const bounds = fc.record({
      batchEvents: fc.integer({ min: 1, max: 10 }),
      batchBytes: fc.integer({ min: 1_024, max: 4_096 }),
    });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), bounds, (texts, bound) => {
        const events = texts.map((padding) => anEvent({ metadata: { padding } }));
        const holding = makeHolding(events);
        const seen: (string | null)[] = [];
        for (let batch = holding.takeBatch(bound, 0, never); batch; batch = holding.takeBatch(bound, 0, never)) {
          const body = batchBodyOf(batch.events.flatMap(({ text }) => text ?? []));
          expect(batch.events.length).toBeLessThanOrEqual(bound.batchEvents);
          if (batch.events.length > 1) expect(body.byteLength).toBeLessThanOrEqual(bound.batchBytes);
          seen.push(...batch.events.map(({ event }) => event.id));
        }
        expect(seen).toEqual(events.map(({ id }) => id));
      }),
    );
  });
});

describe("holding", () => {
  it("holds an event, its bytes included, until it is released", () => {
    const holding = makeHolding([anEvent(), anEvent()]);
    holding.takeBatch(roomy, 0, never);
    expect(holding.events).toBe(2);
    const [first] = holding.all() as [HeldEvent];
    holding.release(first);
    holding.release(first);
    expect(holding.events).toBe(1);
    expect(holding.bytes).toBe(holding.all()[0]?.bytes);
  });

  it("knows the oldest event still held, whatever the order of release", () => {
    const holding = makeHolding([anEvent(), anEvent(), anEvent()]);
    const [first, second, third] = holding.all() as [HeldEvent, HeldEvent, HeldEvent];
    expect(holding.oldest()).toBe(1);
    holding.release(second);
    expect(holding.oldest()).toBe(1);
    holding.release(first);
    expect(holding.oldest()).toBe(3);
    holding.release(third);
    expect(holding.oldest()).toBe(Infinity);
  });
});

describe("weigh", () => {
  it("grows with what has no fixed size: metadata, unknown fields, the provider's usage object", () => {
    const plain = weigh(anEvent());
    const labels = { team: ["a", "b"], nested: { ok: true }, none: null, count: 3 };
    expect(weigh(anEvent({ metadata: labels }))).toBeGreaterThan(plain);
    expect(weigh(anEvent({ extra: labels }))).toBeGreaterThan(plain);
    const { usage } = anEvent();
    expect(weigh(anEvent({ usage: { ...usage, raw: labels } }))).toBeGreaterThan(plain);
    expect(weigh(padded("a", 1_000)) - weigh(padded("a", 0))).toBe(2_000);
  });

  it("is never less than the event's JSON", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), (metadata) => {
        const event = anEvent({ metadata: metadata as UsageEvent["metadata"] });
        expect(weigh(event)).toBeGreaterThan(JSON.stringify(metadata).length);
      }),
    );
  });
});

describe("an event whose content is still to be made", () => {
  it("is held with what it is made of, and queued in the order of capture when it is ready", () => {
    const holding = createHolding();
    const later = holding.hold(anEvent({ id: "a" }), 0, 5_000);
    holding.add(anEvent({ id: "b" }), 1);
    expect(holding.bytes).toBe(weigh(anEvent({ id: "a" })) + 5_000 + keptBytesOf(anEvent({ id: "b" })));
    expect(holding.queue.map(({ event }) => event.id)).toEqual(["b"]);
    holding.enqueue(later, padded("a", 1_000), 1_000_000);
    expect(holding.bytes).toBe(keptBytesOf(padded("a", 1_000)) + keptBytesOf(anEvent({ id: "b" })));
    expect(idsOf(holding.takeBatch(roomy, 2, never))).toEqual(["a", "b"]);
  });

  it("stays as it was held where there is no room for what was made, or that is no event", () => {
    for (const made of [padded("a", 100_000), null as unknown as UsageEvent, undefined]) {
      const holding = createHolding();
      const later = holding.hold(anEvent({ id: "a" }), 0, 0);
      holding.enqueue(later, made, 10_000);
      expect(holding.bytes).toBe(keptBytesOf(anEvent({ id: "a" })));
      expect(later.event.metadata).toEqual(anEvent().metadata);
    }
  });
});
