import { describe, expect, it } from "vitest";

import { createMemoryCounter, createSharedCounter } from "./rate-counter.ts";

describe("createMemoryCounter", () => {
  it("counts within the clock's minute, and begins anew with the next", async () => {
    const counter = createMemoryCounter();
    expect(await counter.add("a", 2, 60_000)).toEqual({ used: 2, endsInMs: 60_000 });
    expect(await counter.add("a", 3, 119_999)).toEqual({ used: 5, endsInMs: 1 });
    expect(await counter.add("a", 0, 119_999)).toMatchObject({ used: 5 });
    expect(await counter.add("a", 1, 120_000)).toMatchObject({ used: 1 });
  });

  it("forgets past minutes first, then the oldest counter, when there are more than it may hold", async () => {
    const counter = createMemoryCounter(2);
    await counter.add("past", 1, 0);
    await counter.add("a", 1, 60_000);
    await counter.add("b", 1, 60_000);
    expect(await counter.add("a", 0, 60_000)).toMatchObject({ used: 1 });
    await counter.add("c", 1, 60_000);
    expect(await counter.add("a", 0, 60_000)).toMatchObject({ used: 0 });
    expect(await counter.add("b", 0, 60_000)).toMatchObject({ used: 1 });
  });
});

describe("createSharedCounter", () => {
  it("asks the store for the window of the minute", async () => {
    const asked: unknown[] = [];
    const counter = createSharedCounter({ addToRate: async (...args) => (asked.push(args), 7) });
    expect(await counter.add("a", 2, 61_000)).toEqual({ used: 7, endsInMs: 59_000 });
    expect(asked).toEqual([["a", 60_000, 2]]);
  });
});
