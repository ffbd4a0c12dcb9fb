/**
 * One tracker's claim in a group's folder: a file `<owner>.lease` that says who it is and, by its time, that it lives.
 *
 * Every segment's name begins with its owner's random name. A segment changes hands by one `rename`, which exactly one
 * process can do; a segment whose owner has no living lease is anybody's.
 */
import type { Disk } from "./disk.ts";
import { livenessOf, type Liver, parseClaimant } from "./liveness.ts";

/** So long after its last beat a claim that cannot be looked up is over. */
export const leaseMs = 30_000;

export interface Claim {
  /** Random, new for each claim: a name is never used again. */
  readonly owner: string;
  /** @throws when the lease is gone: another process took this one for dead, or the folder vanished */
  beat(): void;
  /** The folder's own clock, as of the last beat, in epoch milliseconds: a file server's may differ from ours. */
  beatAtMs(): number;
  release(): void;
}

/** Makes the folder, where there is none, and a claim in it. @throws what the file system says */
export function openClaim(folder: string, disk: Disk, liver: Liver): Claim {
  const { fs } = disk;
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  keepPrivate(folder, disk);
  const owner = disk.randomId();
  const path = disk.join(folder, leaseName(owner));
  const text = `${JSON.stringify(liver.self)}\n`;
  fs.writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  return {
    owner,
    // Writing, not `utimes`: the time is then the file server's, as it is for everybody else's lease.
    beat: () => fs.writeFileSync(path, text, { flag: "r+" }),
    beatAtMs: () => fs.statSync(path).mtimeMs,
    release: () => fs.rmSync(path, { force: true }),
  };
}

export function leaseName(owner: string): string {
  return `${owner}.lease`;
}

/**
 * @param nowMs - by the folder's own clock
 * @throws what the file system says, other than that there is no lease
 */
export function isClaimed(leasePath: string, nowMs: () => number, { fs }: Disk, liver: Liver): boolean {
  try {
    const claimant = parseClaimant(fs.readFileSync(leasePath, "utf8"));
    // A lease that is being written is empty for a moment, and fresh.
    const liveness = claimant === undefined ? "by-beats" : livenessOf(claimant, liver);
    return liveness === "by-beats" ? nowMs() - fs.statSync(leasePath).mtimeMs < leaseMs : liveness === "alive";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/**
 * What is in the folder is the program's business with its customers: nobody else's to read, whatever the umask, and
 * nobody else's to make. @throws where it is another user's
 */
export function keepPrivate(folder: string, { fs, userId }: Disk): void {
  const { uid, mode } = fs.lstatSync(folder);
  if (userId === undefined) return;
  if (uid !== userId) throw new Error("the folder belongs to another user");
  if ((mode & 0o077) !== 0) fs.chmodSync(folder, 0o700);
}
