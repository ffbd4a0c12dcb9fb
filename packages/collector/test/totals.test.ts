/**
 * S5 of whole reports, on both engines: whatever is asked, the rows add up to the total, and the total is the same: with the
 * largest groups told apart or all, by intervals or not, and with days that are summed up beforehand.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { addSums, bucketMs, noUsage, type UsageRow, type UsageSums, type UsageStore } from "@cmdrdata/storage";
import { anySample, baseMs, sampleBuckets, sampleEvent } from "@cmdrdata/storage/contract";
import { createDatabaseOn, dropDatabaseOn } from "@cmdrdata/testkit";
import fc from "fast-check";
import { expect, inject, it } from "vitest";

import { openStore, type StoreLocation } from "../src/open-store.ts";
import { dimensions } from "../src/query/dimension-names.ts";
import { keepTop, orders } from "../src/query/top-rows.ts";
import { reportUsage } from "../src/query/usage-report.ts";
import { readUsageQuestion } from "../src/query/usage-query.ts";

type WithStore = (test: (store: UsageStore) => Promise<void>) => Promise<void>;

async function withStore(location: StoreLocation, test: (store: UsageStore) => Promise<void>): Promise<void> {
  const store = await openStore(location, { now: () => baseMs });
  try {
    await test(store);
  } finally {
    await store.close();
  }
}

const engines: Readonly<Record<string, WithStore>> = {
  SQLite: async (test) => {
    const folder = mkdtempSync(join(tmpdir(), "cmdrdata-totals-"));
    await withStore({ engine: "sqlite", path: join(folder, "cmdrdata.db") }, test);
    rmSync(folder, { recursive: true });
  },
  PostgreSQL: async (test) => {
    const server = inject("postgres");
    const connectionString = await createDatabaseOn(server, `test_${randomUUID().replaceAll("-", "")}`);
    await withStore({ engine: "postgres", connectionString }, test);
    await dropDatabaseOn(server, connectionString);
  },
};

const question = fc.record({
  group_by: fc.shuffledSubarray([...dimensions], { maxLength: 3 }).map((keys) => keys.join()),
  interval: fc.option(fc.constantFrom("15m", "hour", "day")),
  tz: fc.constantFrom("UTC", "Asia/Kathmandu", "America/St_Johns"),
  top: fc.integer({ min: 1, max: 4 }),
  order: fc.constantFrom(...orders),
});
/** Part of the stretch that is summed up beforehand, as a day is. */
const day = fc.record({ from: fc.nat(sampleBuckets - 2), length: fc.integer({ min: 1, max: sampleBuckets - 1 }) });

const sum = (rows: readonly UsageRow[]): UsageSums => rows.map(({ sums }) => sums).reduce(addSums, noUsage);
const at = (bucket: number): number => baseMs + bucket * bucketMs;

it.each(Object.entries(engines))("the rows of any report add up to its total on %s (S5)", async (_name, onEngine) => {
  await onEngine(async (store) => {
    let run = 0;
    const samples = fc.array(anySample, { minLength: 1, maxLength: 40 });
    const property = fc.asyncProperty(
      samples,
      day,
      question,
      async (given, { from, length }, { top, interval, ...asked }) => {
        const tenant = `tenant-${(run += 1)}`;
        await store.append(given.map((sample) => sampleEvent({ ...sample, tenant })));
        const stretch = { from: new Date(at(0)).toISOString(), to: new Date(at(sampleBuckets)).toISOString() };
        const parsed = readUsageQuestion(
          { ...stretch, ...asked, top: String(top), ...(interval === null ? {} : { interval }) },
          baseMs,
        );
        const { ranges, groupBy, filters, order } = parsed;
        const ask = () => store.usage({ tenant, ranges, groupBy, filters });
        const rows = await ask();
        await store.buildDay(tenant, { startMs: at(from), endMs: Math.min(at(from + length), at(sampleBuckets)) });
        expect(await ask()).toEqual(rows);

        const whole = sum(
          await store.usage({ tenant, ranges: [{ startMs: at(0), endMs: at(sampleBuckets) }], groupBy: [] }),
        );
        expect(whole.calls).toBeGreaterThan(0);
        expect(sum(rows)).toEqual(whole);
        const kept = keepTop(rows, { top, order, groupBy });
        expect(sum(kept)).toEqual(whole);
        const groups = new Set(kept.filter(({ other }) => !other).map(({ group }) => JSON.stringify(group)));
        expect(groups.size).toBe(Math.min(top, new Set(rows.map(({ group }) => JSON.stringify(group))).size));
        const { total } = reportUsage(parsed, rows);
        expect(total).toEqual(reportUsage({ ...parsed, top: null }, rows).total);
        expect(reportUsage(parsed, rows).rows.reduce((all, { calls }) => all + calls, 0)).toBe(
          groupBy.length === 0 && interval === null ? 0 : whole.calls,
        );
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });
});
