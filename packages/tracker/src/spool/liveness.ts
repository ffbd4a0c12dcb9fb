/**
 * Whether whoever made a claim still lives.
 *
 * | the claim was made                                  | it lives                                              |
 * | by a process of this kernel and process namespace   | if its number still belongs to a start at that moment |
 * | by a worker thread of such a process                | if also its beats are fresh: a thread ends alone      |
 * | elsewhere (container, host), or not to be looked up | if its beats are fresh                                |
 *
 * Numbers of processes are used again, and two containers both have a 1: so a number alone proves nothing.
 */
import type { Disk } from "./disk.ts";

/** Who makes a claim. `null` is unknown. */
export interface Claimant {
  /** Changes at each start of the kernel. */
  readonly boot: string | null;
  /** Namespace of process numbers: a container has its own. */
  readonly namespace: string | null;
  readonly pid: number;
  /** When the process started, in the kernel's own ticks. */
  readonly start: string | null;
  /** 0 is the main thread. */
  readonly thread: number;
}

/** `by-beats`: only whether it still says so itself can tell. */
export type Liveness = "alive" | "dead" | "by-beats";

export interface Liver {
  readonly self: Claimant;
  /** When the process with this number started; `undefined` when none lives, `null` when that cannot be known. */
  startOf(pid: number): string | null | undefined;
}

export function livenessOf(claimant: Claimant, { self, startOf }: Liver): Liveness {
  const known = claimant.boot !== null && claimant.namespace !== null && claimant.start !== null;
  if (!known || claimant.boot !== self.boot || claimant.namespace !== self.namespace) return "by-beats";
  const start = startOf(claimant.pid);
  if (start === null) return "by-beats";
  if (start !== claimant.start) return "dead";
  return claimant.thread === 0 ? "alive" : "by-beats";
}

/** Looks processes up in `/proc`; where there is none, all goes by beats. */
export function thisProcess({ fs }: Pick<Disk, "fs">, pid: number, thread: number): Liver {
  const read = (path: string): string | null => attempt(() => fs.readFileSync(path, "utf8").trim());
  const startOf = (ofPid: number): string | null | undefined => {
    const stat = read(`/proc/${ofPid}/stat`);
    if (stat === null) return fs.existsSync("/proc/self/stat") ? undefined : null;
    // The name before them may hold spaces and brackets: the state is the 3rd field of all, the start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Dead, though nobody has asked for its exit code yet.
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return fields[19] ?? null;
  };
  const self: Claimant = {
    boot: read("/proc/sys/kernel/random/boot_id"),
    namespace: attempt(() => fs.readlinkSync("/proc/self/ns/pid")),
    pid,
    start: startOf(pid) ?? null,
    thread,
  };
  return { self, startOf };
}

/** @returns `undefined` for a text that is no claimant's */
export function parseClaimant(text: string): Claimant | undefined {
  const value = attempt(() => JSON.parse(text) as Partial<Claimant> | null);
  if (value === null || typeof value.pid !== "number" || typeof value.thread !== "number") return undefined;
  const { boot = null, namespace = null, pid, start = null, thread } = value;
  return { boot, namespace, pid, start, thread };
}

function attempt<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
