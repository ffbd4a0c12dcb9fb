/** S1, S3, and that a reader sees what was answered. */
import { describe, expect, it } from "vitest";

import { bucketMs, type UsageRow, type UsageStore } from "../store.ts";
import type { Places } from "./describe-usage-store.ts";
import { baseMs, sampleEvent } from "./sample-events.ts";

const bucket = { startMs: baseMs, endMs: baseMs + bucketMs };
const total = (store: UsageStore): Promise<readonly UsageRow[]> =>
  store.usage({ tenant: "acme", ranges: [bucket], groupBy: [] });
const fifty = Array.from({ length: 50 }, (_, index) => sampleEvent({ id: `event-${index}` }));

export function proveDurability({ withHarness, withStore }: Places): void {
  describe("S1 durable", () => {
    it(
      "keeps what was answered when the process is killed with SIGKILL",
      withHarness(async (harness) => {
        await harness.appendInKilledProcess(fifty);
        const store = await harness.open();
        expect(await total(store)).toMatchObject([{ sums: { calls: 50, inputTokens: 750, costPicoUsd: 50_000n } }]);
        expect(await harness.storedEvents()).toHaveLength(50);
        await store.close();
      }),
    );

    it(
      "keeps what was answered over close and open",
      withHarness(async (harness) => {
        const first = await harness.open();
        await first.append(fifty);
        await first.close();
        const second = await harness.open();
        expect(await total(second)).toMatchObject([{ sums: { calls: 50 } }]);
        await second.check();
        await second.close();
      }),
    );

    it(
      "shows a second connection what was answered, at once",
      withStore(async (store, harness) => {
        const reader = await harness.openReader();
        for (const [index, event] of fifty.entries()) {
          await store.append([event]);
          expect(await total(reader)).toMatchObject([{ sums: { calls: index + 1 } }]);
        }
        await reader.check();
        await reader.close();
      }),
    );
  });

  describe("S3 whole", () => {
    it(
      "leaves nothing of a batch of which one event cannot be stored",
      withStore(async (store, harness) => {
        const unstorable = sampleEvent({ id: "" });
        await expect(store.append([sampleEvent(), unstorable])).rejects.toThrow();
        expect(await harness.storedEvents()).toEqual([]);
        expect(await total(store)).toEqual([]);
      }),
    );

    it(
      "takes the next batch after one that failed",
      withStore(async (store) => {
        await expect(store.append([sampleEvent({ id: "" })])).rejects.toThrow();
        expect(await store.append([sampleEvent()])).toEqual([{ kind: "inserted" }]);
      }),
    );

    it(
      "answers an empty batch with no outcomes",
      withStore(async (store) => {
        expect(await store.append([])).toEqual([]);
      }),
    );
  });
}
