// What the engine does by itself: the same rows in the same transactions, handed to the store in this process, without HTTP,
// parsing or pricing. Says how many events a second, and what CPU each took in this process.
import { seeded } from "../sdk/numbers.mjs";
import { openStore, requestMaker, writersOf } from "./store.mjs";

process.on("message", (question) => void measure(question));
process.send("ready");

async function measure({ ledger, batch, requests, seconds, seed }) {
  const store = await openStore(ledger);
  const makeRequest = requestMaker(seeded(seed), batch);
  let events = 0;
  let spentMs = 0;
  const cpu = { user: 0, system: 0 };
  while (spentMs < seconds * 1_000) {
    const groups = Array.from({ length: writersOf[ledger.engine] }, () =>
      Array.from({ length: requests }, () => makeRequest()).flat(),
    );
    const before = process.cpuUsage();
    const startedMs = performance.now();
    await Promise.all(groups.map((each) => store.append(each)));
    spentMs += performance.now() - startedMs;
    const used = process.cpuUsage(before);
    cpu.user += used.user;
    cpu.system += used.system;
    for (const each of groups) events += each.length;
  }
  await store.close();
  process.send({ eventsPerSecond: (events * 1_000) / spentMs, cpuPerEvent: (cpu.user + cpu.system) / events });
}
