import { afterEach, describe, expect, it } from "vitest";

import { createRerateRunner } from "../src/prices/rerate-runner.ts";
import { startCollector } from "./running-collector.ts";

type Running = Awaited<ReturnType<typeof startCollector>>;
let running: Running | undefined;
afterEach(async () => running?.close());

const scope = { tenant: "default", startMs: 0, endMs: 1e14, onlyUnpriced: false };
const job = { ...scope, id: "job", createdAtMs: 1, askedBy: "test", reason: "" };

/** A runner of its own over a real store with 450 events that have no price. */
async function makeRunner(overrides: Partial<Parameters<typeof createRerateRunner>[0]> = {}) {
  running = await startCollector();
  const { store, post } = running;
  await post(
    Array.from({ length: 450 }, (_, index) => ({ id: `${index}`, model: "mine", input_tokens: 1, output_tokens: 0 })),
  );
  const errors: unknown[] = [];
  const logger = { info: () => {}, error: (...words: unknown[]) => errors.push(words) };
  const deps = { store, clock: { now: () => 5 }, logger, yieldTurn: async () => {}, ...overrides } as never;
  return { store, errors, runner: createRerateRunner(deps) };
}

const price = (unit: string): string =>
  JSON.stringify({ kind: "price", provider: "openai", model: "mine", unit, serviceTier: "default", picoUsdPerUnit: 1, effectiveFrom: null, effectiveTo: null }); // prettier-ignore

describe("createRerateRunner", () => {
  it("stops between two steps, and leaves the job to the next start", async () => {
    const turns = Promise.withResolvers<undefined>();
    const stepped = Promise.withResolvers<undefined>();
    const yieldTurn = () => (stepped.resolve(undefined), turns.promise);
    const { store, runner } = await makeRunner({ yieldTurn });
    await runner.start(job);
    await stepped.promise;
    const stopping = runner.stop();
    turns.resolve(undefined);
    await stopping;
    expect(await store.findRerate("default", "job")).toMatchObject({ state: "running", eventsSeen: 200 });
  });

  it("fills in again when a price came while the tenant's job ran", async () => {
    const turns = Promise.withResolvers<undefined>();
    const { store, runner } = await makeRunner({ yieldTurn: () => turns.promise });
    await runner.start(job);
    for (const unit of ["input_tokens", "output_tokens"]) {
      await store.addTerm({ tenant: "default", id: unit, createdAtMs: 1, term: price(unit) });
    }
    await runner.fillIn(() => "fill-in");
    turns.resolve(undefined);
    await runner.idle();
    expect(await store.findRerate("default", "fill-in")).toMatchObject({ state: "done", reason: "a price has come" });
    expect(await store.tenantsWithUnpriced()).toEqual([]);
  });

  it("says that a step failed, and leaves the job as it is", async () => {
    const { store, errors, runner } = await makeRunner();
    const broken = { ...store, stepRerate: () => Promise.reject(new Error("disk full")) };
    const failing = createRerateRunner({ store: broken, clock: { now: () => 5 }, logger: { info: () => {}, error: (...words: unknown[]) => errors.push(words) } as never, yieldTurn: async () => {} }); // prettier-ignore
    await failing.start(job);
    await failing.idle();
    expect(errors).toHaveLength(1);
    expect(await store.findRerate("default", "job")).toMatchObject({ state: "running", eventsSeen: 0 });
    await runner.resume();
    await runner.idle();
    expect(await store.findRerate("default", "job")).toMatchObject({ state: "done", eventsSeen: 450 });
  });
});
