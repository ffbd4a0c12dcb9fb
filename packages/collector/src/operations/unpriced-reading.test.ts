import type { UnpricedCount } from "@cmdrdata/storage";
import { fakeClock } from "@cmdrdata/testkit";
import { expect, it } from "vitest";

import { readUnpriced } from "./unpriced-reading.ts";

const counted = (events: number): readonly UnpricedCount[] => [{ tenant: null, byReason: { model_unknown: events } }];

/** A ledger whose count a test gives, each when it likes. */
function makeReading() {
  const clock = fakeClock();
  const asked: { readonly most: number; readonly answer: PromiseWithResolvers<readonly UnpricedCount[]> }[] = [];
  const warnings: unknown[] = [];
  const countUnpriced = (most: number): Promise<readonly UnpricedCount[]> => {
    const answer = Promise.withResolvers<readonly UnpricedCount[]>();
    asked.push({ most, answer });
    return answer.promise;
  };
  const logger = { warn: (...said: readonly unknown[]) => void warnings.push(said[1]) };
  const read = readUnpriced({ keeper: { countUnpriced }, clock, logger, mostTenants: 3 });
  /** Reads, while a count takes so long. */
  const readIn = async (ms: number, events: number) => {
    const reading = read();
    await clock.advance(ms);
    asked.at(-1)?.answer.resolve(counted(events));
    return reading;
  };
  return { clock, asked, warnings, read, readIn };
}

it("counts once for all who ask at the same time, and again after ten seconds", async () => {
  const { clock, asked, read, readIn } = makeReading();
  const beside = read();
  expect(await readIn(1, 7)).toEqual(counted(7));
  expect(await beside).toEqual(counted(7));
  await clock.advance(9_999);
  expect(await read()).toEqual(counted(7));
  expect(asked.map(({ most }) => most)).toEqual([3]);
  await clock.advance(1);
  expect(await readIn(0, 0)).toEqual(counted(0));
  expect([asked.length, clock.pending()]).toEqual([2, 0]);
});

it.each([
  [900, 44_099, 44_100],
  [5_000, 59_999, 60_000],
])("counts more seldom where it took %d ms, and at least once a minute", async (tookMs, tooSoonMs, nextMs) => {
  const { clock, asked, read, readIn } = makeReading();
  await readIn(tookMs, 1);
  await clock.advance(tooSoonMs);
  await read();
  expect(asked).toHaveLength(1);
  await clock.advance(nextMs - tooSoonMs);
  await readIn(0, 2);
  expect(asked).toHaveLength(2);
});

it("lets nobody wait for over a second: the last reading is given, or that there is none", async () => {
  const { clock, asked, read, readIn } = makeReading();
  const waiting = read();
  await clock.advance(1_000);
  expect(await waiting).toBeUndefined();
  const still = read();
  asked[0]?.answer.resolve(counted(1));
  expect(await still).toEqual(counted(1));
  await clock.advance(60_000);
  expect(await readIn(1_000, 2)).toEqual(counted(1));
  expect(await read()).toEqual(counted(2));
});

it("keeps the last reading where a count fails, says so, and tries again after the pause", async () => {
  const { clock, asked, warnings, read, readIn } = makeReading();
  await readIn(0, 4);
  await clock.advance(10_000);
  const failing = read();
  asked[1]?.answer.reject(new Error("away"));
  expect(await failing).toEqual(counted(4));
  expect(warnings).toEqual(["events without a price cannot be counted"]);
  await clock.advance(10_000);
  expect(await readIn(0, 5)).toEqual(counted(5));
});
