/** The counts that replicas share: on PostgreSQL only, where there are replicas. */
import { describe, expect, it } from "vitest";

import { openPostgresStore } from "../src/postgres/index.ts";
import { createPostgresHarness } from "./postgres-harness.ts";

describe("addToRate", () => {
  it("counts what two replicas add at once, once each, and forgets windows that are long over", async () => {
    const harness = await createPostgresHarness();
    const open = () => openPostgresStore({ connectionString: harness.url, now: () => 0 });
    const [first, second] = [await open(), await open()];
    try {
      expect(await first.addToRate("a", 60_000, 0)).toBe(0);
      const adding = Array.from({ length: 50 }, (_, index) => [first, second][index % 2]?.addToRate("a", 60_000, 2));
      const used = await Promise.all(adding);
      expect(Math.max(...used.map(Number))).toBe(100);
      expect(new Set(used).size).toBe(50);
      expect(await second.addToRate("a", 60_000, 0)).toBe(100);
      expect(await second.addToRate("b", 240_000, 1)).toBe(1);
      expect(await harness.query("SELECT counter FROM rate_windows")).toEqual([{ counter: "b" }]);
    } finally {
      await Promise.all([first.close(), second.close()]);
      await harness.remove();
    }
  });
});
