/**
 * A process that keeps a PostgreSQL server: what becomes of the one cannot outlive the other's will.
 *
 * Promise: when whoever started it ends, however that is, the server is ended at once and its folder removed: its standard
 * input closes then. It is told what to do by lines: `signal SIGINT` for the server, `kill` for `kill -9` of the server and
 * all of its processes, `remove` for the end. It says `ready`, and `exited` when the server has ended.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, rmSync } from "node:fs";
import { createInterface } from "node:readline";

import { descendantsOf, isRunning } from "./process-tree.ts";

export interface KeeperPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd: string;
  readonly log: string;
  /** Removed at the end. */
  readonly folder: string;
}

const plan = JSON.parse(process.argv[2] as string) as KeeperPlan;
const log = createWriteStream(plan.log, { flags: "a" });
let server: ChildProcess | undefined;
/** Killed beside the server; the server has not ended before they have. */
let killed: readonly number[] = [];
let ending = false;

// What ends a whole group, as Ctrl+C does, is for the one who started us to answer: our input closes when that ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.stdout.on("error", () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const [word, signal] = line.split(" ");
  if (word === "start") start();
  if (word === "signal") server?.kill(signal as NodeJS.Signals);
  if (word === "kill") killAll();
});
lines.on("close", () => {
  ending = true;
  if (server === undefined) end();
  else server.kill("SIGQUIT");
});

function start(): void {
  const { command, args, uid, gid, cwd } = plan;
  const child = spawn(command, args, {
    cwd,
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env["PATH"], TZ: "UTC", LC_ALL: "C" },
    ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
  });
  server = child;
  createInterface({ input: child.stderr }).on("line", (line) => {
    log.write(`${line}\n`);
    if (line.includes("ready to accept connections")) process.stdout.write("ready\n");
  });
  child.on("exit", (code, signal) => {
    server = undefined;
    if (ending) end();
    else sayWhenGone(`exited ${code ?? signal}\n`);
  });
}

function sayWhenGone(text: string): void {
  if (killed.some(isRunning)) setImmediate(() => sayWhenGone(text));
  else process.stdout.write(text);
}

function killAll(): void {
  if (server?.pid === undefined) return;
  // Held still, so that it starts nothing more meanwhile.
  server.kill("SIGSTOP");
  killed = descendantsOf(server.pid);
  server.kill("SIGKILL");
  for (const pid of killed) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

function end(): void {
  rmSync(plan.folder, { recursive: true, force: true });
  process.exit(0);
}
