/**
 * A program that comes to one of its ends while a tracker holds three events, always meaning to exit with code 7.
 * With the endpoint `none` it has no tracker. Says `end` when its end begins, from its own point of view.
 */
import { writeSync } from "node:fs";
import { isMainThread, Worker } from "node:worker_threads";

const [, , ending, endpoint, spoolDir, durability = "exit"] = process.argv;

async function captureThree() {
  if (endpoint === "none") return;
  const built = new URL("../../dist/esm/index.js", import.meta.url);
  const { createTracker, resolveTrackerOptions } = await import(built.href);
  const options = { apiKey: "tk-0123456789abcdefghij", endpoint, spoolDir, spoolGroup: "table", durability };
  const tracker = createTracker(resolveTrackerOptions({ ...options, exitFlushMs: 3_000, flushAfterMs: 60_000 }, {}));
  const { emptyEvent } = await import("@cmdrdata/protocol");
  for (const number of [1, 2, 3]) tracker.capture({ ...emptyEvent, id: `event-${number}` });
}

// Of a worker thread, the other way out goes through the main thread.
const say = () => void writeSync(1, "end\n");
const stayAlive = () => setInterval(() => {}, 60_000);
const inWorker = (how) =>
  new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url), { argv: [how, endpoint, spoolDir, durability] });
    worker.on("message", () => void worker.terminate());
    worker.on("exit", resolve);
  });

/** Each as in the table's rows; in a worker thread, what the thread does. */
const endings = {
  end: async () => {},
  exit: async () => process.exit(7),
  signal: async () => stayAlive(),
  "own-listener": async () => stayAlive(),
  throw: async () => {
    setImmediate(() => {
      throw new Error("nobody catches this");
    });
  },
  reject: async () => void Promise.reject(new Error("nobody catches this")),
  "never-settles": () => new Promise(() => {}),
  "worker-end": () => inWorker("end"),
  "worker-exit": () => inWorker("exit"),
  "worker-terminate": () => inWorker("wait"),
  "exit-over-worker": async () => {
    const worker = new Worker(new URL(import.meta.url), { argv: ["wait", endpoint, spoolDir, durability] });
    worker.on("message", () => process.exit(7));
    await new Promise(() => {});
  },
  wait: async () => {
    stayAlive();
    const { parentPort } = await import("node:worker_threads");
    parentPort.postMessage("captured");
  },
};

if (isMainThread) process.exitCode = 7;
if (!isMainThread || !/worker/.test(ending)) await captureThree();
if (ending === "own-listener") process.once("SIGTERM", () => setTimeout(() => process.exit(7), 1_500));
if (!isMainThread || !/worker/.test(ending)) say();
await endings[ending]();
