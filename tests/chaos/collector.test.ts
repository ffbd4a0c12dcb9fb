/**
 * The short piece of the collector's bad days. `npm run chaos:collector` goes on for hundreds of cycles; the seed is printed
 * with what failed, and `-- --engine E --seed N` plays it again.
 */
import { expect, it } from "vitest";

import { playDay } from "./collector-days.ts";

const isFullDisk = (misfortune: string): boolean => misfortune.endsWith("disk fills up");

it.each([
  ["sqlite", 4],
  ["postgres", 7],
] as const)("keeps every answered event once, and sums that agree, on %s", async (engine, cycles) => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const only = (misfortune: string): boolean => !isFullDisk(misfortune);
  const { problems, summary } = await playDay({ engine, cycles, seed, only });
  expect(problems, `${engine}, seed ${seed}: ${summary}`).toEqual([]);
});

it.for(["sqlite", "postgres"] as const)("does so on a disk that fills up, on %s", async (engine, { skip }) => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const { problems, skipped, summary } = await playDay({ engine, cycles: 2, seed, only: isFullDisk });
  skip(skipped.length > 0, skipped.join());
  expect(problems, `${engine}, seed ${seed}: ${summary}`).toEqual([]);
});

it("says what it leaves out, and why, where no disk can be mounted", async () => {
  const { skipped } = await playDay({ engine: "sqlite", cycles: 1, seed: 1, mayMount: false });
  expect(skipped).toEqual([expect.stringMatching(/^the disk fills up: it takes root/)]);
});
