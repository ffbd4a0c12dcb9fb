/**
 * The chaos suite's short piece: every scenario once, with a few cycles of `kill -9`. `npm run chaos` goes on for a thousand,
 * and measures what tracking adds to a call. The seed is printed with what failed; `-- --seed N --only <name>` plays it again.
 */
import { seededRandom } from "@cmdrdata/testkit";
import { describe, expect, it } from "vitest";

import { killed, type Scenario, scenarios } from "./scenarios.ts";
import { compare, makeWorld } from "./world.ts";

const all: readonly (readonly [string, Scenario])[] = [
  ...Object.entries(scenarios(120)),
  ["programs are killed with kill -9", killed(6)],
];

describe.concurrent("every call is in the ledger exactly once, or counted, when", () => {
  it.each(all)("%s", async (name, scenario) => {
    const seed = Math.floor(Math.random() * 1_000_000);
    const world = await makeWorld();
    try {
      const ran = [...(await scenario(world, seededRandom(seed)))];
      ran.push(...(await world.settle()));
      const ledger = await world.ledger();
      expect(ledger.size, `${name}, seed ${seed}`).toBeGreaterThan(0);
      expect(compare(ran, ledger), `${name}, seed ${seed}`).toEqual([]);
    } finally {
      await world.end();
    }
  });
});
