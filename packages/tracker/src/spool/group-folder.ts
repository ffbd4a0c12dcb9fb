/** What the segments of one group share: how many bytes there are, and which nobody holds. */
import { isClaimed, keepPrivate, leaseName } from "./claim.ts";
import type { Disk } from "./disk.ts";
import type { Liver } from "./liveness.ts";

const segmentName = /^([0-9a-f]+)-\d+\.seg$/;
const leaseFileName = /^([0-9a-f]+)\.lease$/;

export interface Orphan {
  readonly path: string;
  readonly bytes: number;
}

/** @returns bytes of all segments of other owners. @throws what the file system says */
export function othersBytes(folder: string, own: string | undefined, disk: Disk): number {
  const { fs, join } = disk;
  const others = readNames(folder, disk).filter((name) => segmentName.test(name) && ownerOf(name) !== own);
  return others.reduce((sum, name) => sum + (fs.statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

/**
 * Segments whose owner lives no more, and removes the leases that such owners left.
 *
 * @param nowMs - by the folder's own clock; asked only where an owner cannot be looked up
 * @throws what the file system says
 */
export function findOrphans(
  folder: string,
  own: string | undefined,
  nowMs: () => number,
  disk: Disk,
  liver: Liver,
): readonly Orphan[] {
  const { fs, join } = disk;
  const names = readNames(folder, disk);
  const owners = new Set(names.flatMap((name) => ownerOf(name) ?? []));
  const gone = new Set(
    [...owners].filter((owner) => owner !== own && !isClaimed(join(folder, leaseName(owner)), nowMs, disk, liver)),
  );
  const orphans = names.filter((name) => segmentName.test(name) && gone.has(ownerOf(name) ?? ""));
  const abandoned = names.filter((name) => leaseFileName.test(name) && gone.has(ownerOf(name) ?? ""));
  for (const name of abandoned) fs.rmSync(join(folder, name), { force: true });
  return orphans.toSorted().flatMap((name) => {
    const path = join(folder, name);
    const bytes = fs.statSync(path, { throwIfNoEntry: false })?.size;
    return bytes === undefined ? [] : [{ path, bytes }];
  });
}

function ownerOf(name: string): string | undefined {
  return (segmentName.exec(name) ?? leaseFileName.exec(name))?.[1];
}

/** A folder that was never made has nothing in it. */
function readNames(folder: string, disk: Disk): readonly string[] {
  if (!disk.fs.existsSync(folder)) return [];
  keepPrivate(folder, disk);
  return disk.fs.readdirSync(folder);
}
