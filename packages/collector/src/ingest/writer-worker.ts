/**
 * The writer thread: owns the one connection that writes events. It takes whatever requests have queued up while the
 * last transaction ran, and stores them in one (group commit).
 */
import { parentPort, workerData } from "node:worker_threads";

import { createPricer } from "@cmdrdata/pricing";
import { openSqliteStore } from "@cmdrdata/storage/sqlite";

import { systemClock } from "../clock.ts";
import type { Answer, Call } from "../worker-channel.ts";
import { createCommitter, type IngestAnswer } from "./commit.ts";
import type { RawRequest } from "./prepare.ts";

/** Requests per transaction: enough to share its cost, few enough that none waits long. */
const mostRequests = 20;

const port = parentPort;
if (port === null) throw new Error("expected to run as a worker thread");
const { path } = workerData as { readonly path: string };
const store = openSqliteStore({ path, now: systemClock.now });
const committer = createCommitter({ store, pricer: createPricer() });
const queue: Call<RawRequest>[] = [];
let draining = false;
let closing = false;

port.on("message", (call: Call<RawRequest> | undefined) => {
  if (call === undefined) closing = true;
  else queue.push(call);
  if (!draining) {
    draining = true;
    // Lets the messages that are already there come in first.
    setImmediate(() => void drain());
  }
});
port.postMessage("ready");

async function drain(): Promise<void> {
  while (queue.length > 0) {
    const group = queue.splice(0, mostRequests);
    const answers = await committer.commit(group.map(({ request }) => request));
    for (const [index, response] of answers.entries()) {
      port?.postMessage({ number: group[index]?.number ?? 0, response } satisfies Answer<IngestAnswer>);
    }
  }
  draining = false;
  if (closing) {
    await store.close();
    port?.close();
  }
}
