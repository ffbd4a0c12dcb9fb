// What all parts of the collector's bench share: how long and how often to measure, the servers, and processes whose work is
// in nobody's numbers.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { startPostgres } from "../../packages/testkit/dist/esm/index.js";
import { startCollector } from "../../tests/e2e/collector-process.ts";
import { key } from "./tenant.mjs";

export const engineNames = ["sqlite", "postgres"];

/** @param {{ engines: readonly string[], seconds: number, rounds: number, connections: number, seed: number, grow: number }} wishes */
export async function openSetting(wishes) {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-bench-"));
  const postgres = wishes.engines.includes("postgres") ? await startPostgres() : undefined;
  let ledgers = 0;
  return {
    ...wishes,
    /** A ledger that is empty: a folder for the collector, and the database where it is not in the folder. */
    newLedger: async (engine) => {
      ledgers += 1;
      const databaseUrl = engine === "postgres" ? await postgres.createDatabase() : undefined;
      return { engine, place: join(folder, `${engine}-${ledgers}`), databaseUrl };
    },
    close: async () => {
      await postgres?.remove();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The collector as an operator runs it, and how long it took until it was ready. */
export async function serveLedger({ place, databaseUrl }) {
  const startedMs = performance.now();
  const collector = await startCollector(place, { firstKey: key, databaseUrl });
  return { ...collector, startMs: performance.now() - startedMs };
}

/** Asks a process of its own one question. @param {string} file beside this one @param {(report: any) => void} onReport */
export async function ask(file, question, onReport = () => {}) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)));
  await once(child, "message");
  child.send(question);
  const { promise, resolve, reject } = Promise.withResolvers();
  child.on("message", (answer) => (answer.report === undefined ? resolve(answer) : onReport(answer.report)));
  child.on("exit", (code, signal) => reject(new Error(`${file} ended with ${code ?? signal}`)));
  try {
    return await promise;
  } finally {
    child.kill();
  }
}

/** Resident bytes of a process. */
export function residentBytes(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1_024;
}

export const whole = (number) => Math.round(number).toLocaleString("en-US");

/** @param {readonly string[]} head @param {readonly (readonly unknown[])[]} rows */
export function markdownTable(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line), ""].join("\n");
}
