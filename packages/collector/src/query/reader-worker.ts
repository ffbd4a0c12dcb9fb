/** The reader thread: answers usage queries on connections of its own, so that a long report never delays an ingest. */
import { parentPort, workerData } from "node:worker_threads";

import type { UsageQuery, UsageRow } from "@cmdrdata/storage";

import { systemClock } from "../clock.ts";
import { openStore, type StoreLocation } from "../open-store.ts";
import { type Answer, type Call, failureOf } from "../worker-channel.ts";

const port = parentPort;
if (port === null) throw new Error("expected to run as a worker thread");
const { location } = workerData as { readonly location: StoreLocation };
const store = await openStore(location, { now: systemClock.now, readOnly: true });

port.on("message", (call: Call<UsageQuery> | undefined) => void answer(call));
port.postMessage("ready");

async function answer(call: Call<UsageQuery> | undefined): Promise<void> {
  if (call === undefined) {
    await store.close();
    return port?.close();
  }
  try {
    const response = await store.usage(call.request);
    port?.postMessage({ number: call.number, response } satisfies Answer<readonly UsageRow[]>);
  } catch (error) {
    port?.postMessage({ number: call.number, ...failureOf(error) } satisfies Answer<readonly UsageRow[]>);
  }
}
