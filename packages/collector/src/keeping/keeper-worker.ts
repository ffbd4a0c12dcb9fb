/** The keeper thread: erases, releases, declares when it is asked to, and keeps the ledger in order in between. */
import { parentPort, workerData } from "node:worker_threads";

import { systemClock } from "../clock.ts";
import { openStore, type StoreLocation } from "../open-store.ts";
import { loadPricer } from "../price-feed.ts";
import { type Answer, type Call, failureOf } from "../worker-channel.ts";
import type { KeeperCall, Keeping } from "./keeper.ts";
import { keepInOrder } from "./maintenance.ts";
import { reprocess } from "./reprocess.ts";

const port = parentPort;
if (port === null) throw new Error("expected to run as a worker thread");
const { location, retentionDays } = workerData as { readonly location: StoreLocation; readonly retentionDays?: number };
const store = await openStore(location, { now: systemClock.now, maxConnections: 2 });
const keeping: Keeping = {
  ...store,
  reprocess: async (wish) => reprocess(wish, { store, pricer: await loadPricer(store), nowMs: systemClock.now() }),
};
const maintenance = keepInOrder(store, { clock: systemClock, retentionDays });

port.on("message", (call: Call<KeeperCall> | undefined) => void answer(call));
port.postMessage("ready");

async function answer(call: Call<KeeperCall> | undefined): Promise<void> {
  if (call === undefined) {
    await maintenance.close();
    await store.close();
    return port?.close();
  }
  const { number, request } = call;
  try {
    const method = keeping[request.method] as (...parameters: readonly unknown[]) => Promise<unknown>;
    port?.postMessage({ number, response: await method(...request.parameters) } satisfies Answer<unknown>);
    // A count gives nothing to do.
    if (request.method !== "countUnpriced") maintenance.wake();
  } catch (error) {
    port?.postMessage({ number, ...failureOf(error) } satisfies Answer<unknown>);
  }
}
