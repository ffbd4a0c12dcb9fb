// How long the collector takes until it is ready, and what it holds when nobody asks anything of it.
import { setTimeout as sleep } from "node:timers/promises";

import { spread } from "../sdk/numbers.mjs";
import { markdownTable, residentBytes, serveLedger } from "./setting.mjs";

const starts = 5;
const settledAfterMs = 3_000;

export async function idleTable(setting) {
  const rows = [];
  for (const engine of setting.engines) {
    const measured = [];
    const ledger = await setting.newLedger(engine);
    for (let start = 0; start < starts; start += 1) {
      const collector = await serveLedger(ledger);
      const { pid, startMs } = collector;
      await sleep(settledAfterMs);
      measured.push({ startMs, bytes: residentBytes(pid) });
      await collector.stop("SIGTERM");
    }
    const again = spread(measured.slice(1).map(({ startMs }) => startMs));
    const memory = spread(measured.map(({ bytes }) => bytes / 2 ** 20));
    const times = [measured[0].startMs, again.median].map((ms) => (ms / 1_000).toFixed(2));
    rows.push([
      engine,
      ...times,
      `${memory.median.toFixed(0)} (${memory.low.toFixed(0)} to ${memory.high.toFixed(0)})`,
    ]);
  }
  return [
    `${starts} starts of each on one ledger; resident memory (VmRSS, with the pages of Node's binary) ${settledAfterMs / 1_000} s after it was ready.`,
    "",
    markdownTable(["engine", "ready after, s: a new ledger", "one that is there", "resident, MiB (middle half)"], rows),
  ].join("\n");
}
