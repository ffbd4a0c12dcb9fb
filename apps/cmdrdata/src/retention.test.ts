import { fakeClock } from "@cmdrdata/testkit";
import { expect, it } from "vitest";

import { keepRetention } from "./retention.ts";

type Round = Parameters<typeof keepRetention>[0];

function keep(dropOlder: Round, days: number | undefined) {
  const clock = fakeClock(Date.UTC(2026, 10, 25));
  const log: unknown[] = [];
  const logger = {
    info: (...words: unknown[]) => void log.push(words.at(-1)),
    warn: (...words: unknown[]) => void log.push(words.at(-1)),
  };
  return { clock, log, kept: keepRetention(dropOlder, { days, clock, logger: logger as never }) };
}

it("drops at the start and every hour, says what, and ends with the round under way", async () => {
  const horizons: number[] = [];
  const { clock, log, kept } = keep(async (horizonMs) => {
    horizons.push(horizonMs);
    return { dropped: horizons.length === 1 ? ["events_2026_07"] : [], waiting: [] };
  }, 90);
  await clock.advance(3_600_000);
  await kept.close();
  await clock.advance(7_200_000);
  expect(horizons.map((each) => new Date(each).toISOString())).toEqual([
    "2026-08-27T00:00:00.000Z",
    "2026-08-27T01:00:00.000Z",
  ]);
  expect(log).toEqual(["events older than they are to be kept were dropped"]);
});

it("tries again after a minute what a report held, and what failed, and says that", async () => {
  let rounds = 0;
  const { clock, log, kept } = keep(async () => {
    rounds += 1;
    if (rounds === 2) throw new Error("away");
    return { dropped: [], waiting: rounds === 1 ? ["events_2026_07"] : [] };
  }, 90);
  await clock.advance(59_999);
  expect(rounds).toBe(1);
  await clock.advance(60_001);
  expect(rounds).toBe(3);
  await kept.close();
  expect(log).toEqual(["events older than they are to be kept could not be dropped; it is tried again"]);
});

it("does nothing where everything is kept", async () => {
  const { clock, kept } = keep(async () => expect.unreachable(), undefined);
  await clock.advance(7_200_000);
  await kept.close();
  await keep(undefined, 90).kept.close();
});
