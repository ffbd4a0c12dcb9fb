/** The parts of Node that the spool needs, looked up when it is opened: where a runtime has no disk, this package loads. */

type Fs = typeof import("node:fs");

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
  readonly "node:path": typeof import("node:path");
  readonly "node:zlib": typeof import("node:zlib");
  readonly "node:crypto": typeof import("node:crypto");
  readonly "node:worker_threads": typeof import("node:worker_threads");
}

/** @returns `undefined` where there is no disk, or not all that is needed to use one */
export function openDisk(runtime: Partial<typeof globalThis> = globalThis): Disk | undefined {
  const { process, navigator } = runtime;
  // Its files are in memory, and gone with the request.
  if (navigator?.userAgent === "Cloudflare-Workers") return undefined;
  const load = <Name extends keyof BuiltinModules>(name: Name): BuiltinModules[Name] | undefined =>
    process?.getBuiltinModule?.(name) as BuiltinModules[Name] | undefined;
  const fs = load("node:fs");
  const path = load("node:path");
  const crypto = load("node:crypto");
  const crc32 = load("node:zlib")?.crc32;
  if (fs === undefined || path === undefined || crypto === undefined || crc32 === undefined) return undefined;
  return {
    fs,
    join: path.join,
    resolve: (folder) => path.resolve(folder),
    crc32: (data) => crc32(data),
    sha256: (text) => crypto.createHash("sha256").update(text).digest("hex"),
    randomId: () => crypto.randomBytes(12).toString("hex"),
    userId: process?.getuid?.(),
    thread: load("node:worker_threads")?.threadId ?? 0,
  };
}
