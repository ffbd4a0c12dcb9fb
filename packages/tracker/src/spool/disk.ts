/** The parts of Node that the spool needs, looked up when it is opened: where a runtime has no disk, this package loads. */
import type crypto from "node:crypto";
import type fs from "node:fs";
import type path from "node:path";
import type threads from "node:worker_threads";
import type zlib from "node:zlib";

type Fs = typeof fs;

export interface Disk {
  readonly fs: Fs;
  readonly join: (...parts: readonly string[]) => string;
  /** The absolute path of a folder: the program may change its working directory later. */
  readonly resolve: (folder: string) => string;
  readonly crc32: (data: string | Uint8Array) => number;
  readonly sha256: (text: string) => string;
  readonly randomId: () => string;
  /** Of the user this process runs as; `undefined` where there are no such numbers. */
  readonly userId: number | undefined;
  /** 0 in the main thread. */
  readonly thread: number;
}

interface BuiltinModules {
  readonly "node:fs": Fs;
  readonly "node:path": typeof path;
  readonly "node:zlib": typeof zlib;
  readonly "node:crypto": typeof crypto;
  readonly "node:worker_threads": typeof threads;
}

/** @returns `undefined` where there is no disk, or not all that is needed to use one */
export function openDisk(runtime: Partial<typeof globalThis> = globalThis): Disk | undefined {
  const { process, navigator } = runtime;
  // There, files are in memory, and gone with the request.
  if (process === undefined || navigator?.userAgent === "Cloudflare-Workers") return undefined;
  const load = <Name extends keyof BuiltinModules>(name: Name): BuiltinModules[Name] | undefined =>
    process.getBuiltinModule?.(name);
  const [files, paths, hashes, zip] = [load("node:fs"), load("node:path"), load("node:crypto"), load("node:zlib")];
  if (files === undefined || paths === undefined || hashes === undefined || zip?.crc32 === undefined) return undefined;
  return { ...diskOf(files, paths, hashes, zip), ...ownNumbers(process, load("node:worker_threads")) };
}

function diskOf(
  files: Fs,
  paths: typeof path,
  hashes: typeof crypto,
  zip: typeof zlib,
): Omit<Disk, "userId" | "thread"> {
  return {
    fs: files,
    join: paths.join,
    resolve: (folder) => paths.resolve(folder),
    crc32: zip.crc32,
    sha256: (text) => hashes.createHash("sha256").update(text).digest("hex"),
    randomId: () => hashes.randomBytes(12).toString("hex"),
  };
}

function ownNumbers(process: NodeJS.Process, workers: typeof threads | undefined): Pick<Disk, "userId" | "thread"> {
  return { userId: userIdOf(process), thread: workers?.threadId ?? 0 };
}

/** Deno gives it only to a program that is allowed to ask. */
function userIdOf(process: NodeJS.Process): number | undefined {
  try {
    return process.getuid?.();
  } catch {
    return undefined;
  }
}
