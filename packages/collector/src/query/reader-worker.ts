/** The reader thread: answers questions on connections of its own, so that a long report never delays an ingest. */
import { parentPort, workerData } from "node:worker_threads";

import { systemClock } from "../clock.ts";
import { openStore, type StoreLocation } from "../open-store.ts";
import { type Answer, type Call, failureOf } from "../worker-channel.ts";
import type { Ledger, Question } from "./reader.ts";
import { writeReport } from "./usage-report.ts";

const port = parentPort;
if (port === null) throw new Error("expected to run as a worker thread");
const { location } = workerData as { readonly location: StoreLocation };
const store = await openStore(location, { now: systemClock.now, readOnly: true });
const report: Ledger["report"] = async ({ tenant, question }) => {
  const { ranges, groupBy, filters } = question;
  return writeReport(question, await store.usage({ tenant, ranges, groupBy, filters }));
};
const ledger: Ledger = { ...store, report };

port.on("message", (call: Call<Question> | undefined) => void answer(call));
port.postMessage("ready");

async function answer(call: Call<Question> | undefined): Promise<void> {
  if (call === undefined) {
    await store.close();
    return port?.close();
  }
  const { number, request } = call;
  try {
    const ask = ledger[request.method] as (question: unknown) => Promise<unknown>;
    const response = await ask(request.question);
    port?.postMessage(
      { number, response } satisfies Answer<unknown>,
      response instanceof ArrayBuffer ? [response] : [],
    );
  } catch (error) {
    port?.postMessage({ number, ...failureOf(error) } satisfies Answer<unknown>);
  }
}
