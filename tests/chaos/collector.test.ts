/**
 * The short piece of the collector's bad days. `npm run chaos:collector` goes on for hundreds of cycles; the seed is printed
 * with what failed, and `-- --engine E --seed N` plays it again.
 */
import { expect, it } from "vitest";

import { playDay } from "./collector-days.ts";

it.each([
  ["sqlite", 4],
  ["postgres", 6],
] as const)("keeps every answered event once, and sums that agree, on %s", async (engine, cycles) => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const { problems, summary } = await playDay({ engine, cycles, seed });
  expect(problems, `${engine}, seed ${seed}: ${summary}`).toEqual([]);
});
