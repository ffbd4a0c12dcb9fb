/** Real processes that share a spool, killed at random moments, and what becomes of their events (D4, D5). */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { scriptedCollector, seededRandom } from "@cmdrdata/testkit";
import { afterEach, expect, it } from "vitest";

import { createTracker, resolveTrackerOptions } from "../src/index.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

const program = fileURLToPath(new URL("./programs/captures-for-ever.mjs", import.meta.url));

/** Runs it until so long after its first event, then kills it. @returns the ids it says it captured */
function runAndKill(args: readonly string[], afterMs: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  open.push(() => child.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout.once("data", () => setTimeout(() => child.kill("SIGKILL"), afterMs));
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", reject);
    child.on("close", () => resolve(output.split("\n").slice(0, -1)));
  });
}

it("kill -9 at any moment, again and again, two at a time, loses nothing and doubles nothing in the ledger (crash)", async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = seededRandom(seed);
  const spoolDir = mkdtempSync(join(tmpdir(), "cmdrdata-crash-"));
  open.push(() => rmSync(spoolDir, { recursive: true, force: true }));
  const failing = [
    { kind: "drop-connection", commit: true },
    { kind: "answer", status: 503 },
    { kind: "hang" },
  ] as const;
  const script = Array.from({ length: 60 }, (_, index) => failing[index % failing.length] ?? failing[0]);
  const collector = await scriptedCollector(script.flatMap((answer) => [answer, { kind: "slow", afterMs: 3 }]));
  open.push(() => collector.close());

  const captured: string[] = [];
  for (let cycle = 0; cycle < 12; cycle += 1) {
    const pair = ["a", "b"].map((name) =>
      runAndKill([`${name}${cycle}`, collector.url, spoolDir], random() * random() * 300),
    );
    for (const ids of await Promise.all(pair)) captured.push(...ids);
  }
  const last = createTracker(
    resolveTrackerOptions(
      { apiKey: "tk-0123456789abcdefghij", endpoint: collector.url, spoolDir, retryBaseMs: 1, timeoutMs: 300 },
      {},
    ),
  );
  // Each takes over as much as there is room for.
  for (let adopted = -1; adopted < last.metrics().adopted || last.metrics().held > 0;) {
    ({ adopted } = last.metrics());
    await last.flush();
  }
  await last.shutdown();

  const missing = captured.filter((id) => !collector.ids.has(id));
  expect(missing, `seed ${seed}, ${captured.length} captured, last one adopted ${last.metrics().adopted}`).toEqual([]);
  expect(new Set(captured).size).toBe(captured.length);
  const [group = ""] = readdirSync(spoolDir);
  expect(readdirSync(join(spoolDir, group))).toEqual([]);
  expect(last.health().spool.damaged).toBeLessThanOrEqual(30);
});
