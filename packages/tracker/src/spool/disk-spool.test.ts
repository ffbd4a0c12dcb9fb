import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fakeClock } from "@cmdrdata/testkit";
import { afterEach, describe, expect, it } from "vitest";

import { leaseMs } from "./claim.ts";
import { type Disk, openDisk } from "./disk.ts";
import { openDiskSpool, tryAgainMs } from "./disk-spool.ts";
import type { Claimant } from "./liveness.ts";
import { segmentBytes } from "./segment.ts";
import type { Spool } from "./spool.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).toReversed()) close();
});

function newFolder(): string {
  const folder = fs.mkdtempSync(join(tmpdir(), "cmdrdata-spool-"));
  open.push(() => fs.rmSync(folder, { recursive: true, force: true }));
  return join(folder, "group");
}

const realDisk = openDisk() as Disk;
/** Processes that "live": their starts by number. */
const living = new Map<number, string>();
let started = 0;

interface Running {
  readonly spool: Spool;
  readonly changes: (string | undefined)[];
  readonly clock: ReturnType<typeof fakeClock>;
  /** `kill -9`: its files stay as they are. */
  kill(): void;
  write(...texts: readonly string[]): ReturnType<Spool["write"]>;
  adoptAll(): string[];
}

/** @param claimant - what differs from a process of this container */
function start(folder: string, given: Partial<Claimant> = {}, maxBytes = 1e6, disk: Disk = realDisk): Running {
  started += 1;
  const self: Claimant = { boot: "b", namespace: "n", pid: started, start: `s${started}`, thread: 0, ...given };
  if (self.start !== null) living.set(self.pid, self.start);
  const changes: (string | undefined)[] = [];
  const clock = fakeClock();
  const liver = { self, startOf: (pid: number) => living.get(pid) };
  const spool = openDiskSpool(folder, maxBytes, { disk, liver, clock, onChange: (problem) => changes.push(problem) });
  return {
    spool,
    changes,
    clock,
    kill: () => void living.delete(self.pid),
    write: (...texts) => spool.write(texts.map((json) => ({ json }))),
    adoptAll: () => {
      const found: string[] = [];
      for (let some = spool.adopt(Infinity); some !== undefined; some = spool.adopt(Infinity)) {
        found.push(...some.map(({ json }) => json));
      }
      return found;
    },
  };
}

const files = (folder: string, ending: string): string[] =>
  fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith(ending)) : [];

/** Makes all beats in the folder so much older. */
function age(folder: string, ms: number): void {
  for (const name of files(folder, ".lease")) {
    const then = new Date(fs.statSync(join(folder, name)).mtimeMs - ms);
    fs.utimesSync(join(folder, name), then, then);
  }
}

describe("what was written", () => {
  it("is found by the next process after a kill (P2), with nothing of what had its outcome (P3)", () => {
    const folder = newFolder();
    const first = start(folder);
    const { receipts } = first.write("a", "b", "c");
    first.spool.done(receipts.slice(1, 2));
    first.kill();
    const second = start(folder);
    expect(second.adoptAll()).toEqual(["a", "c"]);
    expect(second.adoptAll()).toEqual([]);
    second.kill();
    expect(start(folder).adoptAll()).toEqual(["a", "c"]);
  });

  it("is nobody else's as long as its process lives (P5), silent or not", () => {
    const folder = newFolder();
    start(folder).write("a");
    age(folder, 10 * leaseMs);
    expect(start(folder).adoptAll()).toEqual([]);
  });

  it("is anybody's once it was released, and its owner may write again", () => {
    const folder = newFolder();
    const first = start(folder);
    first.write("a");
    first.spool.release();
    expect(first.spool.health().events).toBe(0);
    expect(start(folder).adoptAll()).toEqual(["a"]);
    first.write("b");
    first.kill();
    expect(start(folder).adoptAll()).toEqual(["b"]);
  });

  it("leaves no file when all has its outcome and the claim is given up", () => {
    const folder = newFolder();
    const first = start(folder);
    const { receipts } = first.write("a", "b");
    first.spool.done(receipts);
    first.spool.release();
    first.write("c");
    first.kill();
    const second = start(folder);
    const [adopted] = second.spool.adopt(Infinity) ?? [];
    second.spool.done(adopted === undefined ? [] : [adopted.receipt]);
    second.spool.release();
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it("can be a later version of an event, which takes the place of the earlier one", () => {
    const folder = newFolder();
    const first = start(folder);
    const { receipts } = first.write("fallback");
    first.spool.write([{ json: "made", replaces: receipts[0] }]);
    expect(first.spool.health().events).toBe(1);
    const filler = first.write("x".repeat(segmentBytes));
    first.spool.done(filler.receipts);
    const other = first.write("other fallback", "y".repeat(segmentBytes));
    first.spool.write([{ json: "made in the next segment", replaces: other.receipts[0] }]);
    first.spool.done(other.receipts.slice(1));
    first.kill();
    expect(start(folder).adoptAll().toSorted()).toEqual(["made", "made in the next segment"]);
  });

  it("goes into several files, each removed when its events have their outcome", () => {
    const folder = newFolder();
    const first = start(folder, {}, 1e7);
    const texts = Array.from({ length: 30 }, (_, index) => `${index}`.padEnd(40_000));
    const { receipts, refused } = first.write(...texts);
    expect([receipts.length, refused, files(folder, ".seg").length]).toEqual([30, undefined, 5]);
    first.spool.done(receipts.slice(0, 14));
    expect(files(folder, ".seg").length).toBe(3);
    first.spool.done(receipts.slice(14));
    expect([files(folder, ".seg").length, first.spool.health().events]).toEqual([0, 0]);
  });

  it("is for its user alone, whatever the umask", () => {
    const folder = newFolder();
    const umask = process.umask(0);
    open.push(() => void process.umask(umask));
    fs.mkdirSync(folder, { mode: 0o777 });
    start(folder).write("a");
    const modes = [folder, ...fs.readdirSync(folder).map((name) => join(folder, name))].map(
      (path) => fs.statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  it("does not go into a folder of another user", () => {
    const folder = newFolder();
    const other = start(folder, {}, 1e6, { ...realDisk, userId: 4_242 });
    expect(other.write("a")).toEqual({ receipts: [], refused: "spool_failed" });
    expect(other.changes).toEqual(["the folder belongs to another user"]);
    expect(other.adoptAll()).toEqual([]);
  });

  it("does, where users have no numbers", () => {
    expect(start(newFolder(), {}, 1e6, { ...realDisk, userId: undefined }).write("a").refused).toBeUndefined();
  });
});

describe("claims across containers and threads", () => {
  it("hold while their beats are fresh, though another container has the same numbers", () => {
    const folder = newFolder();
    const first = start(folder, { namespace: "m", pid: 1, start: "1" });
    first.write("a");
    const second = start(folder, { namespace: "k", pid: 1, start: "2" });
    expect(second.adoptAll()).toEqual([]);
    age(folder, leaseMs - 2_000);
    first.spool.beat();
    age(folder, 2_000);
    expect(second.adoptAll()).toEqual([]);
    age(folder, leaseMs);
    expect(second.adoptAll()).toEqual(["a"]);
  });

  it("of a thread end with its beats, or with its process", () => {
    const folder = newFolder();
    const thread = start(folder, { thread: 1 });
    thread.write("a");
    const second = start(folder);
    expect(second.adoptAll()).toEqual([]);
    age(folder, leaseMs);
    expect(second.adoptAll()).toEqual(["a"]);
    const other = start(folder, { thread: 1 });
    other.write("b");
    other.kill();
    expect(second.adoptAll()).toEqual(["b"]);
  });

  it("that were lost all the same lose no event: what is written afterwards is under a new claim (P5)", () => {
    const folder = newFolder();
    const sleeper = start(folder, { namespace: "m" });
    const { receipts } = sleeper.write("a");
    age(folder, leaseMs);
    const second = start(folder);
    expect(second.adoptAll()).toEqual(["a"]);
    const later = sleeper.write("b");
    expect([later.refused, later.receipts.length]).toEqual([undefined, 1]);
    expect([...receipts, ...later.receipts].map((receipt) => sleeper.spool.keeps(receipt))).toEqual([false, true]);
    sleeper.spool.done(receipts);
    second.kill();
    age(folder, leaseMs);
    expect(start(folder).adoptAll().toSorted()).toEqual(["a", "b"]);
  });

  it("are noticed as lost at the next beat", () => {
    const folder = newFolder();
    const sleeper = start(folder, { namespace: "m" });
    const { receipts } = sleeper.write("a");
    age(folder, leaseMs);
    start(folder).adoptAll();
    sleeper.spool.beat();
    sleeper.spool.beat();
    expect(receipts.map((receipt) => sleeper.spool.keeps(receipt))).toEqual([false]);
    expect(sleeper.spool.health()).toMatchObject({ status: "ok", events: 0 });
  });

  it("go to one of many that come at once, whatever each had seen", () => {
    const folder = newFolder();
    const first = start(folder, {}, 1e7);
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(segmentBytes));
    first.write(...texts);
    first.kill();
    const many = Array.from({ length: 4 }, () => start(folder));
    const found: string[] = [];
    // Each scans before any other has taken all.
    for (let round = 0; round < 20; round += 1) {
      for (const { spool } of many) found.push(...(spool.adopt(Infinity) ?? []).map(({ json }) => json));
    }
    expect(found.toSorted()).toEqual(texts.toSorted());
  });

  it("leave what is too large for now", () => {
    const folder = newFolder();
    const first = start(folder);
    first.write("x".repeat(1_000));
    first.kill();
    const { spool } = start(folder);
    expect(spool.adopt(500)).toBeUndefined();
    expect(spool.adopt(5_000)).toHaveLength(1);
  });
});

describe("a spool that is full (P4)", () => {
  it("refuses what does not fit, by name, and takes more when there is room again", () => {
    const folder = newFolder();
    const { spool, write, changes } = start(folder, {}, 100_000);
    const texts = Array.from({ length: 12 }, (_, index) => `${index}`.padEnd(10_000));
    const { receipts, refused } = write(...texts);
    expect([receipts.length, refused]).toEqual([9, "spool_full"]);
    expect(spool.health()).toMatchObject({ status: "full", events: 9, maxBytes: 100_000 });
    expect(spool.health().bytes).toBeLessThanOrEqual(100_000);
    expect(write(...texts)).toEqual({ receipts: [], refused: "spool_full" });
    spool.done(receipts);
    expect(write("a").refused).toBeUndefined();
    expect(changes).toEqual(["its bytes are used up", undefined]);
  });

  it("counts what others hold in the group", async () => {
    const folder = newFolder();
    const first = start(folder, {}, 100_000);
    first.write("x".repeat(60_000));
    const second = start(folder, {}, 100_000);
    expect(second.write("y".repeat(60_000)).refused).toBe("spool_full");
    first.kill();
    expect(start(folder).adoptAll()).toHaveLength(1);
    for (const name of files(folder, ".seg")) {
      if (fs.statSync(join(folder, name)).size > 0) fs.rmSync(join(folder, name));
    }
    await second.clock.advance(tryAgainMs);
    expect(second.write("y".repeat(60_000)).refused).toBeUndefined();
  });
});

describe("a disk that fails", () => {
  it("is left alone for a while, said once, and used again: a file in the folder's place", async () => {
    const folder = newFolder();
    fs.writeFileSync(folder, "in the way");
    const { spool, write, clock, changes, adoptAll } = start(folder);
    expect(write("a")).toEqual({ receipts: [], refused: "spool_failed" });
    await clock.advance(tryAgainMs);
    expect(write("a").refused).toBe("spool_failed");
    expect(adoptAll()).toEqual([]);
    fs.rmSync(folder);
    expect(write("a").refused).toBe("spool_failed");
    expect(spool.health()).toMatchObject({
      status: "failed",
      events: 0,
      problem: expect.stringMatching(/^E/) as string,
    });
    await clock.advance(tryAgainMs);
    expect(write("a").refused).toBeUndefined();
    expect(changes).toEqual([expect.stringMatching(/^E(EXIST|NOTDIR) at /), undefined]);
    expect(spool.health()).toMatchObject({ status: "ok", problem: null });
  });

  it("may lose the folder under us: it is made again", () => {
    const folder = newFolder();
    const { spool, write, changes } = start(folder);
    const { receipts } = write("a");
    fs.rmSync(folder, { recursive: true });
    expect(receipts.map((receipt) => spool.keeps(receipt))).toEqual([false]);
    const later = write("b");
    expect(later.receipts.map((receipt) => spool.keeps(receipt))).toEqual([true]);
    spool.done(receipts);
    fs.rmSync(folder, { recursive: true });
    spool.beat();
    expect(write("c").refused).toBeUndefined();
    expect(changes).toEqual([]);
  });

  it("may lose each file as soon as it is made: that is a failure, and no endless loop", () => {
    const folder = newFolder();
    const forgetful = { ...fs, existsSync: (path: string) => !path.endsWith(".seg") && fs.existsSync(path) };
    const { write, changes } = start(folder, {}, 1e6, { ...realDisk, fs: forgetful as typeof fs });
    expect(write("a")).toEqual({ receipts: [], refused: "spool_failed" });
    expect(changes).toEqual(["the segment is gone"]);
  });

  it("may take no outcome: it is noted later", async () => {
    const folder = newFolder();
    let failing = false;
    const failingFs = {
      ...fs,
      writeSync: (...args: Parameters<typeof fs.writeSync>): number => {
        if (failing) throw Object.assign(new Error("no"), { code: "EIO" });
        return fs.writeSync(...args);
      },
    } as typeof fs;
    const first = start(folder, {}, 1e6, { ...realDisk, fs: failingFs });
    const { receipts } = first.write("a", "b", "c");
    failing = true;
    first.spool.done(receipts.slice(0, 1));
    expect(first.changes).toEqual(["EIO at an access"]);
    failing = false;
    first.spool.done(receipts.slice(1, 2));
    first.kill();
    expect(start(folder).adoptAll()).toEqual(["c"]);
  });

  it("may hold damaged records: they are counted, and cost nothing else", () => {
    const folder = newFolder();
    const first = start(folder);
    first.write("a", "b", "c");
    first.kill();
    const path = join(folder, files(folder, ".seg")[0] ?? "");
    const whole = fs.readFileSync(path);
    fs.writeFileSync(path, whole.subarray(0, whole.length - 3));
    const second = start(folder);
    const adopted = second.spool.adopt(Infinity) ?? [];
    expect(adopted.map(({ json }) => json)).toEqual(["a", "b"]);
    expect(second.spool.health().damaged).toBe(1);
    // A note after the torn tail is read too.
    second.spool.done(adopted.slice(0, 1).map(({ receipt }) => receipt));
    second.kill();
    expect(start(folder).adoptAll()).toEqual(["b"]);
  });
});

/** @returns a folder on a file system of so many bytes, or nothing where mounting is not allowed */
function smallDisk(bytes: number): string | undefined {
  const folder = fs.mkdtempSync(join(tmpdir(), "cmdrdata-small-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    fs.rmdirSync(folder);
    return undefined;
  }
  open.push(() => {
    execFileSync("umount", ["-l", folder]);
    fs.rmdirSync(folder);
  });
  return folder;
}

describe("a disk that is full", () => {
  it("takes whole events or nothing, and goes on when there is room", async ({ skip }) => {
    const mount = smallDisk(64 * 1024);
    if (mount === undefined) return skip("mounting a small file system is not permitted here");
    const folder = join(mount, "group");
    const { spool, write, kill, clock, changes } = start(folder, {}, 1e7);
    const text = "x".repeat(3_000);
    const kept: string[] = [];
    let number = 0;
    for (; number < 40; number += 1) {
      if (write(`${number} ${text}`).receipts.length === 1) kept.push(`${number} ${text}`);
    }
    expect([kept.length > 5 && kept.length < 25, changes]).toEqual([true, ["ENOSPC at write"]]);
    execFileSync("mount", ["-o", "remount,size=131072", mount]);
    await clock.advance(tryAgainMs);
    expect(write("more").refused).toBeUndefined();
    expect(changes).toEqual(["ENOSPC at write", undefined]);
    expect(spool.health().events).toBe(kept.length + 1);
    kill();
    expect(start(folder).adoptAll()).toEqual([...kept, "more"]);
  });

  it("may be read-only: nothing is adopted or written, until it is not", async ({ skip }) => {
    const mount = smallDisk(1024 * 1024);
    if (mount === undefined) return skip("mounting a small file system is not permitted here");
    const folder = join(mount, "group");
    const first = start(folder);
    first.write("a", "b");
    // With a file that is open for writing the disk could not be made read-only.
    first.spool.release();
    execFileSync("mount", ["-o", "remount,ro", mount]);
    const { write, adoptAll, changes, clock } = start(folder);
    expect([adoptAll(), write("c").refused, changes]).toEqual([[], "spool_failed", [expect.stringMatching(/^EROFS/)]]);
    execFileSync("mount", ["-o", "remount,rw", mount]);
    await clock.advance(tryAgainMs);
    expect([adoptAll(), write("c").refused]).toEqual([["a", "b"], undefined]);
  });
});
