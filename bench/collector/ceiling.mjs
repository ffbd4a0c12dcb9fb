// What the engine does by itself: the same rows in the same transactions, handed to the store in this process, without HTTP,
// parsing or pricing. Says how many events a second, and what CPU each took in this process.
import { openPostgresStore } from "../../packages/storage/dist/esm/postgres/index.js";
import { openSqliteStore } from "../../packages/storage/dist/esm/sqlite/index.js";
import { parseEvent } from "../../packages/protocol/dist/esm/index.js";
import { seeded } from "../sdk/numbers.mjs";
import { makeEvent } from "./events.mjs";

process.on("message", (question) => void measure(question));
process.send("ready");

async function measure({ path, databaseUrl, batch, seconds, seed }) {
  const now = Date.now;
  const store =
    databaseUrl === undefined
      ? openSqliteStore({ path, now })
      : await openPostgresStore({ connectionString: databaseUrl, now, maxConnections: 4 });
  const random = seeded(seed);
  const lines = [{ unit: "input_tokens", quantity: 1, picoUsdEach: 2_500_000n, picoUsd: 2_500_000n, source: "bench" }];
  const priced = () => {
    const atMs = Date.now();
    const { event } = parseEvent(makeEvent(random, atMs));
    const cost = { kind: "priced", picoUsd: 2_500_000n, bookVersion: "bench", lines };
    const times = { identityTimeMs: atMs, eventTimeMs: atMs, receivedAtMs: atMs };
    return { tenant: "bench", id: event.id, ...times, event, contentHash: event.id, problems: [], cost };
  };
  let events = 0;
  let spentMs = 0;
  const cpu = { user: 0, system: 0 };
  const writers = databaseUrl === undefined ? 1 : 4;
  while (spentMs < seconds * 1_000) {
    const batches = Array.from({ length: writers }, () => Array.from({ length: batch }, priced));
    const before = process.cpuUsage();
    const startedMs = performance.now();
    await Promise.all(batches.map((each) => store.append(each)));
    spentMs += performance.now() - startedMs;
    const used = process.cpuUsage(before);
    cpu.user += used.user;
    cpu.system += used.system;
    events += batch * writers;
  }
  await store.close();
  process.send({ eventsPerSecond: (events * 1_000) / spentMs, cpuPerEvent: (cpu.user + cpu.system) / events });
}
