// Fills a ledger with events of ninety days as the writer thread stores them, in this process and without HTTP: bodies of
// 1,000 events are made by another thread, read, priced and appended here. After every tenth it reports how many events a
// second that were, what CPU this thread took for each and how large the ledger is. Then it sums up the days that are over,
// as the keeper thread does.
import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import pg from "pg";

import { createCommitter } from "../../packages/collector/dist/esm/ingest/commit.js";
import { hashApiKey } from "../../packages/collector/dist/esm/http/authenticate.js";
import { workOnce } from "../../packages/collector/dist/esm/keeping/maintenance.js";
import { createPricer } from "../../packages/pricing/dist/esm/index.js";
import { openStore, writersOf } from "./store.mjs";
import { key, tenant } from "./tenant.mjs";

process.on("message", (question) => void fill(question));
process.send("ready");

const perBody = 1_000;
const perTransaction = 4;

async function fill({ ledger, reportEvery, ...wishes }) {
  const store = await openStore(ledger);
  // Days are summed up for tenants that have a key: the collector's first one, as it would enter it.
  await store.addKey({ tenant, hash: hashApiKey(key), scopes: ["ingest", "read", "admin"], createdAtMs: Date.now() });
  const committer = createCommitter({ store, pricer: createPricer() });
  const bodies = makeBodies({ ...wishes, perBody });
  let stored = wishes.from;
  let since = { ms: performance.now(), cpu: process.threadCpuUsage(), stored };
  const report = async () => {
    const row = measured(since, stored);
    since = { ms: performance.now(), cpu: process.threadCpuUsage(), stored };
    process.send({ report: { ...row, bytes: await bytesOf(ledger) } });
  };
  const writer = async () => {
    for (;;) {
      const requests = await bodies.take(perTransaction);
      if (requests.length === 0) return;
      // By itself: the other writers add to the sum while this one waits.
      const added = await sendUntilStored(committer, requests);
      stored += added;
      if (stored - since.stored >= reportEvery) await report();
    }
  };
  await Promise.all(Array.from({ length: writersOf[ledger.engine] }, writer));
  if (stored > since.stored) await report();
  let more = true;
  while (more) more = await workOnce(store, { nowMs: Date.now(), retentionDays: undefined });
  await store.close();
  process.send({ stored });
}

/** As a client does: what the ledger cannot take now is sent again. @returns how many events are stored */
async function sendUntilStored(committer, requests) {
  let stored = 0;
  let left = requests.map((each) => ({ ...each, tenant, encoding: "identity" }));
  while (left.length > 0) {
    const answers = await committer.commit(left);
    const refused = answers.find(({ kind }) => kind === "unreadable" || kind === "failed");
    if (refused !== undefined) throw new Error(refused.message);
    for (const { kind, reply } of answers) if (kind === "stored") stored += reply.accepted;
    left = left.filter((_, index) => answers[index].kind !== "stored");
    if (left.length === 0) break;
    process.stderr.write(`${answers.find(({ kind }) => kind !== "stored").message}\n`);
    await sleep(500);
  }
  return stored;
}

function measured(since, stored) {
  const count = stored - since.stored;
  const { user, system } = process.threadCpuUsage(since.cpu);
  const seconds = (performance.now() - since.ms) / 1_000;
  return { stored, eventsPerSecond: count / seconds, cpuPerEvent: (user + system) / count };
}

/** The file with its log; the database with its indexes. */
async function bytesOf({ engine, path, databaseUrl }) {
  if (engine === "sqlite") return statSync(path).size + statSync(`${path}-wal`).size;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query("SELECT pg_database_size(current_database()) AS bytes");
  await client.end();
  return Number(rows[0].bytes);
}

/** Asks the other thread for bodies ahead of time. */
function makeBodies(wishes) {
  const worker = new Worker(new URL("bodies.mjs", import.meta.url), { workerData: wishes });
  const ready = [];
  const waiting = [];
  worker.on("message", (body) => {
    const next = waiting.shift();
    if (next === undefined) ready.push(body);
    else next(body);
  });
  const ahead = 40;
  for (let asked = 0; asked < ahead; asked += 1) worker.postMessage("next");
  const next = () => {
    worker.postMessage("next");
    return ready.length > 0 ? ready.shift() : new Promise((resolve) => waiting.push(resolve));
  };
  return {
    take: async (count) => {
      const taken = await Promise.all(Array.from({ length: count }, next));
      return taken.filter((body) => body !== "end");
    },
  };
}
