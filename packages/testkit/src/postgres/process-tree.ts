/** The processes that a process has started, and theirs. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

export function descendantsOf(pid: number): readonly number[] {
  const parents = existsSync("/proc/self/stat") ? parentsFromProc() : parentsFromPs();
  const found: number[] = [];
  const pending = [pid];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    for (const [child, of] of parents) {
      if (of !== parent) continue;
      found.push(child);
      pending.push(child);
    }
  }
  return found;
}

/** Whether a process runs; one that has ended and that nobody has asked for yet does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return stateOf(pid) !== "Z";
  } catch {
    return false;
  }
}

function stateOf(pid: number): string | undefined {
  return existsSync("/proc/self/stat") ? statOf(String(pid))?.[0] : undefined;
}

type Parents = readonly (readonly [pid: number, parent: number])[];

function parentsFromProc(): Parents {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const parent = parentOf(pid);
    return parent === undefined ? [] : [[Number(pid), parent] as const];
  });
}

function parentOf(pid: string): number | undefined {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** State, parent and so on. The command's name before them, in parentheses, may hold anything. */
function statOf(pid: string): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    // It has ended while it was looked at.
    return undefined;
  }
}

function parentsFromPs(): Parents {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}
