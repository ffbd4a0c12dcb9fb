/** The bad days of the chaos suite. Each makes its calls, lets things go well again, and says who ran. */
import { setTimeout } from "node:timers/promises";

import type { Weather } from "./link.ts";
import type { Program, Ran, World } from "./world.ts";

/** @param random - from 0 to 1, seeded: the same seed makes the same day, as far as a real network repeats itself */
export type Scenario = (world: World, random: () => number) => Promise<readonly Ran[]>;

/** The calls of a program are made beside those of a bare client. */
const measured = { pauseMs: 10, bare: true } as const;

const bad: readonly Weather[] = ["hangs", "slow", "status 500", "status 429", "status 429 until", "reset", "cut", "html", "moved", "dropped"]; // prettier-ignore

const pick = <Item>(items: readonly Item[], random: () => number): Item =>
  items[Math.floor(random() * items.length)] as Item;

/** Every request meets this weather for a while, a fifth of them are lucky. */
function under(weather: Weather, calls: number): Scenario {
  return async (world, random) => {
    world.link.weather = () => (random() < 0.2 ? "fine" : weather);
    const program = world.start({ ...measured, calls });
    await program.begun;
    await setTimeout(1_500);
    world.link.weather = () => "fine";
    return [await program.ran];
  };
}

/** @param calls - how many each program makes */
export function scenarios(calls: number): Readonly<Record<string, Scenario>> {
  return {
    ...Object.fromEntries(bad.map((weather) => [`the collector's link: ${weather}`, under(weather, calls)])),

    "the collector is down at the start": async (world) => {
      await world.link.close();
      const program = world.start({ ...measured, calls });
      await program.begun;
      await setTimeout(700);
      await world.link.open();
      return [await program.ran];
    },

    "the collector is down all the time": async (world) => {
      await world.link.close();
      const ran = await world.run({ ...measured, calls, tracker: { exitFlushMs: 1_000 } });
      await world.link.open();
      return [ran];
    },

    "the collector's name is not known": async (world) => {
      const endpoint = "https://collector.invalid/api/events";
      // Only one who names the group finds what another endpoint's program left.
      const env = { CMDRDATA_SPOOL_GROUP: "chaos" };
      return [await world.run({ ...measured, calls, endpoint, env }), ...(await world.settle(env))];
    },

    "the collector is killed among the batches": async (world, random) => {
      const program = world.start({ ...measured, calls });
      await program.begun;
      for (let times = 0; times < 3; times += 1) {
        await setTimeout(200 + random() * 300);
        await world.crashCollector(random() * 200);
      }
      return [await program.ran];
    },

    "the weather changes with every request": async (world, random) => {
      world.link.weather = () => (random() < 0.4 ? "fine" : pick(bad, random));
      const program = world.start({ ...measured, calls });
      await program.begun;
      await setTimeout(3_000);
      world.link.weather = () => "fine";
      return [await program.ran];
    },

    "several programs share a spool": async (world, random) => {
      world.link.weather = () => (random() < 0.5 ? "fine" : pick(bad, random));
      const programs = Array.from({ length: 3 }, (_, index) =>
        world.start({
          first: index * 1_000,
          calls,
          pauseMs: 5,
          tracker: { durability: "crash", exitFlushMs: 200 },
        }),
      );
      await setTimeout(2_500);
      world.link.weather = () => "fine";
      return Promise.all(programs.map(({ ran }) => ran));
    },
  };
}

/**
 * Programs are killed with `kill -9` at random moments, `cycles` times, three at a time on one spool, over a bad link to a
 * collector that is killed too now and then; then one more delivers what is left.
 */
export function killed(cycles: number): Scenario {
  return async (world, random) => {
    world.link.weather = () => (random() < 0.6 ? "fine" : pick(bad, random));
    const ran: Ran[] = [];
    let started = 0;
    const lane = async (): Promise<void> => {
      while (started < cycles) {
        const first = 10_000 * started;
        started += 1;
        const program: Program = world.start({
          first,
          calls: 10_000,
          ending: "end",
          tracker: { durability: "crash" },
        });
        await program.begun;
        await setTimeout(random() * 300);
        program.kill();
        ran.push(await program.ran);
        if (random() < 0.02) await world.crashCollector(50);
      }
    };
    await Promise.all([lane(), lane(), lane()]);
    return ran;
  };
}
