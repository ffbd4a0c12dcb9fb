import { describe, expect, it } from "vitest";

import { keepAttributions, keptAttributions } from "./attribution-store.ts";
import { createSeenResults } from "./capture/jobs/seen-results.ts";

const record = (customer_id: string) => ({ customer_id, metadata: {} });

describe("keepAttributions", () => {
  it("keeps each for its time", () => {
    const kept = keepAttributions(10, 1_000);
    kept.set("a", record("acme"), 5_000);
    expect(kept.get("a", 5_999)).toEqual(record("acme"));
    expect(kept.get("a", 6_000)).toBeUndefined();
    expect(kept.get("a", 5_000)).toBeUndefined();
    expect(kept.get("b", 5_000)).toBeUndefined();
  });

  it("lets the oldest go when there are too many; setting one again makes it the newest", () => {
    const kept = keepAttributions(2, 1_000);
    for (const id of ["a", "b", "a", "c"]) kept.set(id, record(id), 0);
    expect(["a", "b", "c"].map((id) => kept.get(id, 1) !== undefined)).toEqual([true, false, true]);
  });

  it("is one for the process", () => {
    expect(keptAttributions()).toBe(keptAttributions());
  });
});

describe("createSeenResults", () => {
  it("knows what it has seen, and forgets what it saw longest ago when there is too much", () => {
    const seen = createSeenResults(2);
    expect(["a", "b", "a", "c", "a", "b"].map((key) => seen.add(key))).toEqual([true, true, false, true, false, true]);
  });
});
