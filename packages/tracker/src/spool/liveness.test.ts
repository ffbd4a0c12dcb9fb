import * as fs from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, it } from "vitest";

import { type Claimant, livenessOf, parseClaimant, thisProcess } from "./liveness.ts";

const self: Claimant = { boot: "b", namespace: "n", pid: 10, start: "100", thread: 0 };
const liver = { self, startOf: (pid: number) => ({ 10: "100", 11: "110", 13: null })[pid] };

describe("livenessOf", () => {
  it.each<[string, Partial<Claimant>, string]>([
    ["runs", { pid: 11, start: "110" }, "alive"],
    ["ended", { pid: 12, start: "120" }, "dead"],
    ["ended, and its number is another's now", { pid: 11, start: "90" }, "dead"],
    ["cannot be looked up", { pid: 13, start: "130" }, "by-beats"],
    ["runs, for one of its threads", { pid: 11, start: "110", thread: 3 }, "by-beats"],
    ["ended, for one of its threads", { pid: 11, start: "90", thread: 3 }, "dead"],
    ["has our number in another container", { namespace: "m" }, "by-beats"],
    ["has our number on another host, or before the last boot", { boot: "c" }, "by-beats"],
    ["does not know when it started", { start: null }, "by-beats"],
    ["does not know its namespace", { namespace: null }, "by-beats"],
    ["does not know its kernel", { boot: null }, "by-beats"],
  ])("of a process that %s", (_, claimant, liveness) => {
    expect(livenessOf({ ...self, ...claimant }, liver)).toBe(liveness);
  });
});

describe.skipIf(process.platform !== "linux")("thisProcess, where /proc is", () => {
  it("knows itself", () => {
    const { self: me, startOf } = thisProcess({ fs }, process.pid, 0);
    expect(me).toEqual({
      boot: expect.stringMatching(/-/) as string,
      namespace: expect.stringMatching(/^pid:/) as string,
      pid: process.pid,
      start: expect.stringMatching(/^\d+$/) as string,
      thread: 0,
    });
    expect(startOf(process.pid)).toBe(me.start);
  });

  it("sees a child live and die, also before its parent has asked for its exit code", async () => {
    // The shell becomes `sleep`, which never asks how its child ended: that is left as a zombie.
    const script = "(exit 0) & echo $!; exec sleep 60";
    const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const { startOf } = thisProcess({ fs }, process.pid, 0);
    expect(startOf(parent.pid ?? 0)).toMatch(/^\d+$/);
    while (startOf(Number(line.toString())) !== undefined) await new Promise((resolve) => setImmediate(resolve));
    parent.kill("SIGKILL");
    await once(parent, "close");
    expect(startOf(parent.pid ?? 0)).toBeUndefined();
  });
});

describe("thisProcess, where no /proc is", () => {
  it("knows nothing but its number", () => {
    const fail = (): never => {
      throw new Error("ENOENT");
    };
    const empty = { ...fs, readFileSync: fail, readlinkSync: fail, existsSync: () => false } as unknown as typeof fs;
    const { self: me, startOf } = thisProcess({ fs: empty }, 5, 2);
    expect(me).toEqual({ boot: null, namespace: null, pid: 5, start: null, thread: 2 });
    expect(startOf(5)).toBeNull();
  });
});

describe("parseClaimant", () => {
  it("gives back what was written, and nothing for other texts", () => {
    expect(parseClaimant(JSON.stringify(self))).toEqual(self);
    expect(parseClaimant('{"pid":1,"thread":0}')).toEqual({
      boot: null,
      namespace: null,
      pid: 1,
      start: null,
      thread: 0,
    });
    for (const text of ["", "{", "null", "{}", '{"pid":1}', '{"pid":"1","thread":0}']) {
      expect(parseClaimant(text)).toBeUndefined();
    }
  });
});
