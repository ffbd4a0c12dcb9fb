/** The reader thread: answers questions on connections of its own, so that a long report never delays an ingest. */
import { parentPort, workerData } from "node:worker_threads";

import { systemClock } from "../clock.ts";
import { openStore, type StoreLocation } from "../open-store.ts";
import { type Answer, type Call, failureOf } from "../worker-channel.ts";
import type { Question } from "./reader.ts";

const port = parentPort;
if (port === null) throw new Error("expected to run as a worker thread");
const { location } = workerData as { readonly location: StoreLocation };
const store = await openStore(location, { now: systemClock.now, readOnly: true });

port.on("message", (call: Call<Question> | undefined) => void answer(call));
port.postMessage("ready");

async function answer(call: Call<Question> | undefined): Promise<void> {
  if (call === undefined) {
    await store.close();
    return port?.close();
  }
  const { number, request } = call;
  try {
    const ask = store[request.method] as (question: unknown) => Promise<unknown>;
    port?.postMessage({ number, response: await ask(request.question) } satisfies Answer<unknown>);
  } catch (error) {
    port?.postMessage({ number, ...failureOf(error) } satisfies Answer<unknown>);
  }
}
