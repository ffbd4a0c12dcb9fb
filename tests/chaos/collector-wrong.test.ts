/**
 * The collector's bad days can fail: each turns red on a collector that is wrong on purpose. `npm run chaos:collector --
 * --wrong` shows it of every misfortune on both engines.
 */
import { expect, it } from "vitest";

import { playDay } from "./collector-days.ts";
import { lieFor } from "./liar.ts";

it.each([
  ["sqlite", "the collector is killed", /^the events: /],
  ["sqlite", "the file may not grow", /^the events: /],
  ["sqlite", "connections storm in", /^the events: /],
  ["sqlite", "the clock jumps", /^the clock jumps: .*flagged undefined/],
  ["postgres", "PostgreSQL is killed", /^the events: /],
] as const)("notices on %s, while %s, a collector that is wrong", async (engine, name, problem) => {
  const lie = lieFor(name);
  const { problems } = await playDay({ engine, cycles: 1, seed: 1, lie, only: (each) => each === name });
  expect(problems).toContainEqual(expect.stringMatching(problem));
});
