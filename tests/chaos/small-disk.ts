/**
 * A disk that can be made full: a tmpfs, whose size is changed while it is used.
 *
 * Only root may mount, and only on Linux: elsewhere there is none. SQLite's file is bounded then (small-file.ts), and what
 * cannot be had on PostgreSQL is said.
 */
import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";

const mebibyte = 1_048_576;

export interface SmallDisk {
  /** Leaves so many bytes, about, beyond what is used; a page at least. */
  leave(bytes: number): void;
  /** As large as it was at first. */
  widen(): void;
  remove(): void;
}

export const whyNotMounted = "it takes root on Linux, and the right to mount, to have a disk that can be made full";

/** @returns `undefined` where this process may not mount */
export function mountSmallDisk(folder: string): SmallDisk | undefined {
  try {
    run("mount", "-t", "tmpfs", "-o", sizeOption(wideBytes), "cmdrdata-chaos", folder);
  } catch {
    return undefined;
  }
  const resize = (bytes: number): void => run("mount", "-o", `remount,${sizeOption(bytes)}`, folder);
  return {
    leave(bytes) {
      // No size below what is used is taken, and whoever writes there goes on while we look.
      for (let tries = 1; ; tries += 1) {
        try {
          return resize(usedBytes(folder) + Math.max(bytes, 4_096));
        } catch (failure) {
          if (tries === 20) throw failure;
        }
      }
    },
    widen: () => resize(wideBytes),
    remove: () => run("umount", "--lazy", folder),
  };
}

/** It takes memory only for what is written. */
const wideBytes = 2_048 * mebibyte;

function sizeOption(bytes: number): string {
  return `size=${Math.ceil(bytes / 4_096) * 4}k`;
}

function usedBytes(folder: string): number {
  const { blocks, bfree, bsize } = statfsSync(folder);
  return (blocks - bfree) * bsize;
}

function run(command: string, ...parameters: readonly string[]): void {
  execFileSync(command, parameters, { stdio: ["ignore", "ignore", "pipe"] });
}
