/**
 * The writer thread: all that is written of events is written here. It takes whatever requests have queued up while the
 * last transactions ran, and stores them together.
 */
import { parentPort, workerData } from "node:worker_threads";

import { systemClock } from "../clock.ts";
import { openStore, type StoreLocation } from "../open-store.ts";
import { createPriceFeed } from "../price-feed.ts";
import type { Answer, Call } from "../worker-channel.ts";
import { createCommitter, type IngestAnswer } from "./commit.ts";
import { createGroupCommit, type GroupLimits } from "./group-commit.ts";
import type { RawRequest } from "./prepare.ts";

/**
 * A file has one writer, for which the cost of an event falls up to some 4,000 in a transaction: they share rows of the
 * roll-up, pages and the wait for the disk. A server has several cores, and a statement's cost there falls up to some 2,000.
 */
const limitsOf: Readonly<Record<StoreLocation["engine"], GroupLimits>> = {
  sqlite: { groupsAtOnce: 1, mostRequests: 1_000, mostBytes: 2_000_000 },
  postgres: { groupsAtOnce: 4, mostRequests: 1_000, mostBytes: 1_000_000 },
};

const port = parentPort;
if (port === null) throw new Error("expected to run as a worker thread");
const { location } = workerData as { readonly location: StoreLocation };
const limits = limitsOf[location.engine];
const store = await openStore(location, { now: systemClock.now, maxConnections: limits.groupsAtOnce });
/** A file's row is read before each transaction; a server's at most once a second, by each replica. */
const pricesEveryMs = location.engine === "sqlite" ? 0 : 1_000;
const prices = createPriceFeed({ store, clock: systemClock, everyMs: pricesEveryMs });
const committer = createCommitter({ store, pricer: prices.pricer });
const groups = createGroupCommit<Call<RawRequest>>({
  limits,
  commit: async (requests) => {
    // Where the store cannot say, the last known prices hold: to take the events is what matters, and they can be priced anew.
    await prices.refresh().catch(() => undefined);
    return committer.commit(requests);
  },
  answer: ({ number }, response) => port.postMessage({ number, response } satisfies Answer<IngestAnswer>),
});

port.on("message", (call: Call<RawRequest> | undefined) => {
  if (call === undefined) void close();
  else groups.add(call);
});
port.postMessage("ready");

async function close(): Promise<void> {
  await groups.drained();
  await store.close();
  port?.close();
}
