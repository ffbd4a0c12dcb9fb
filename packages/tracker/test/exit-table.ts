/** Runs a real process for each way a program ends and each state a collector is in, and the next process after it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { type ScriptedAnswer, scriptedCollector } from "@cmdrdata/testkit";

export interface Ending {
  readonly title: string;
  /** In programs/leave.mjs. */
  readonly program: string;
  readonly signal?: NodeJS.Signals;
  readonly durability?: "crash";
}

export interface CollectorState {
  readonly title: string;
  readonly script: readonly ScriptedAnswer[];
  /** Where nothing listens, instead of the scripted collector. */
  readonly endpoint?: string;
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** From the moment that its end began. */
  readonly afterMs: number;
  readonly output: string;
}

export interface Cell {
  readonly ended: Ended;
  /** Ids the collector had at the process's end, and those that only the next process delivered. */
  readonly atOnce: readonly string[];
  readonly byNext: readonly string[];
}

export const exitFlushMs = 3_000;

export const endings: readonly Ending[] = [
  { title: "nothing left to do", program: "end" },
  { title: "an `await` that never ends", program: "never-settles" },
  { title: "`process.exit(7)`", program: "exit" },
  { title: "SIGTERM", program: "signal", signal: "SIGTERM" },
  { title: "SIGINT", program: "signal", signal: "SIGINT" },
  { title: "SIGTERM, and the program has its own listener", program: "own-listener", signal: "SIGTERM" },
  { title: "uncaught exception", program: "throw" },
  { title: "unhandled rejection", program: "reject" },
  { title: "a worker thread ends", program: "worker-end" },
  { title: "`process.exit()` in a worker thread", program: "worker-exit" },
  { title: "SIGKILL (`crash`)", program: "signal", signal: "SIGKILL", durability: "crash" },
  { title: "`worker.terminate()` (`crash`)", program: "worker-terminate", durability: "crash" },
  { title: "`process.exit()` over a worker thread (`crash`)", program: "exit-over-worker", durability: "crash" },
];

const always = (answer: ScriptedAnswer): readonly ScriptedAnswer[] => Array.from({ length: 100 }, () => answer);

export const states: readonly CollectorState[] = [
  { title: "up", script: [] },
  { title: "slow", script: always({ kind: "slow", afterMs: 300 }) },
  { title: "refuses connections", script: [], endpoint: "http://127.0.0.1:9/api/events" },
  { title: "answers 500", script: always({ kind: "answer", status: 500 }) },
  { title: "its name is unknown", script: [], endpoint: "https://collector.invalid/api/events" },
  { title: "hangs", script: always({ kind: "hang" }) },
];

/** The program as it ends without a tracker. */
export async function runBare(ending: Ending): Promise<Ended> {
  return run(leave, [ending.program, "none"], ending.signal);
}

export async function runCell(ending: Ending, state: CollectorState): Promise<Cell> {
  const spoolDir = mkdtempSync(join(tmpdir(), "cmdrdata-exit-"));
  const [collector, good] = [await scriptedCollector(state.script), await scriptedCollector()];
  try {
    const { program, signal, durability = "exit" } = ending;
    const ended = await run(leave, [program, state.endpoint ?? collector.url, spoolDir, durability], signal);
    // As of now: what a slow collector takes after the program's end is sent again all the same.
    const atOnce = [...collector.ids].toSorted();
    await run(next, [good.url, spoolDir]);
    return { ended, atOnce, byNext: [...good.ids].filter((id) => !atOnce.includes(id)).toSorted() };
  } finally {
    await Promise.all([collector.close(), good.close()]);
    rmSync(spoolDir, { recursive: true, force: true });
  }
}

/** Runs so many at once, and gives the results in order. */
export async function inParallel<Result>(
  tasks: readonly (() => Promise<Result>)[],
  atOnce: number,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = [...tasks.entries()];
  const work = async (): Promise<void> => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) results[task[0]] = await task[1]();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

/** As in docs/exit.md. */
export function tableOf(cells: readonly (readonly Cell[])[], bare: readonly Ended[]): string {
  const head = ["the program's end", "exit code or signal", ...states.map(({ title }) => title)];
  const rows = endings.map(({ title }, row) => [
    title,
    bare[row]?.signal ?? String(bare[row]?.code),
    ...(cells[row] ?? []).map(describe),
  ]);
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function describe({ ended, atOnce, byNext }: Cell): string {
  const all = new Set([...atOnce, ...byNext]).size;
  const where = byNext.length === 0 ? "at once" : "next process";
  // Whether the end waited for nothing but an answer, or for its whole time.
  return `${all} of 3, ${where}${ended.afterMs > exitFlushMs - 500 ? ", after `exitFlushMs`" : ""}`;
}

const leave = new URL("./programs/leave.mjs", import.meta.url);
const next = new URL("./programs/next.mjs", import.meta.url);

function run(program: URL, args: readonly string[], signal?: NodeJS.Signals): Promise<Ended> {
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  return new Promise((resolve, reject) => {
    let output = "";
    let begunMs = performance.now();
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stdout.on("data", (chunk: Buffer) => {
      if (!chunk.toString().startsWith("end")) return;
      begunMs = performance.now();
      if (signal !== undefined) child.kill(signal);
    });
    child.on("error", reject);
    child.on("close", (code, by) => resolve({ code, signal: by, afterMs: performance.now() - begunMs, output }));
  });
}
