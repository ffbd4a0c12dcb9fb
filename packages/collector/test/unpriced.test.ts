/** What has no price now, in `/metrics`, on both engines: over a start, on a second replica, before and after a price. */
import { randomUUID } from "node:crypto";

import { createDatabaseOn, dropDatabaseOn } from "@cmdrdata/testkit";
import { afterEach, expect, inject, it } from "vitest";

import { startCollector } from "./running-collector.ts";

type Running = Awaited<ReturnType<typeof startCollector>>;
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const start = (overrides: Parameters<typeof startCollector>[0]): Promise<Running> =>
  startCollector({ metricsTenants: 1, ...overrides });

/** Two collectors, one after the other or at the same time, that have one ledger. */
async function startTwo(engine: "sqlite" | "postgres", work: (first: Running) => Promise<void>) {
  if (engine === "sqlite") {
    const first = await start({});
    await work(first);
    await first.stop();
    const second = await start({ folder: first.folder });
    ends.push(second.close);
    return [second];
  }
  const databaseUrl = await createDatabaseOn(inject("postgres"), `test_${randomUUID().replaceAll("-", "")}`);
  ends.push(() => dropDatabaseOn(inject("postgres"), databaseUrl));
  const first = await start({ databaseUrl });
  ends.push(first.close);
  await work(first);
  const second = await start({ databaseUrl });
  ends.push(second.close);
  return [first, second];
}

async function valuesOf({ url }: Running, name: string, tenant = "default"): Promise<readonly (number | undefined)[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return ["model_unknown", "usage_unknown"].map((reason) => {
    const series = `${name}{tenant="${tenant}",reason="${reason}"} `;
    const line = text.split("\n").find((each) => each.startsWith(series));
    return line === undefined ? undefined : Number(line.slice(series.length));
  });
}
const gauge = "cmdrdata_ledger_unpriced_events";
/** A count that takes over a second is in a later answer. */
const shows = (values: () => ReturnType<typeof valuesOf>) => expect.poll(values, { timeout: 20_000 });

it.each(["sqlite", "postgres"] as const)(
  "is the ledger's on every replica and after a start, and goes down when a price comes (%s)",
  async (engine) => {
    const call = (id: string) => ({ id, model: "brand-new", input_tokens: 10, output_tokens: 0 });
    const failed = { id: "failed", model: "gpt-4o", error: { occurred: true, type: "timeout" } };
    const collectors = await startTwo(engine, async (first) => {
      await first.post([call("a"), call("b"), call("b"), failed, { ...call("priced"), model: "gpt-4o" }]);
      await shows(() => valuesOf(first, gauge)).toEqual([2, 1]);
    });
    const last = collectors.at(-1)!;
    for (const collector of collectors) await shows(() => valuesOf(collector, gauge)).toEqual([2, 1]);
    expect(await valuesOf(last, "cmdrdata_unpriced_events_total")).toEqual([undefined, undefined]);
    const price = { model: "brand-new", unit: "input_tokens", usd: "1", per: 1_000_000 };
    expect((await last.ask("POST", "/api/v1/prices/terms", { body: price })).status).toBe(201);
    await last.runner.idle();
    for (const collector of collectors) {
      collector.pass(60_000);
      await shows(() => valuesOf(collector, gauge)).toEqual([0, 1]);
      expect(await valuesOf(collector, gauge, "(other)")).toEqual([0, 0]);
    }
  },
  60_000,
);
