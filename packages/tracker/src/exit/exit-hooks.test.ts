import { EventEmitter } from "node:events";

import { describe, expect, it } from "vitest";

import { processState } from "../process-state.ts";
import { createExitHooks, type ExitingProcess, type Leaving } from "./exit-hooks.ts";
import { processExitHooks } from "./process-exit-hooks.ts";

class FakeProcess extends EventEmitter {
  readonly pid = 42;
  readonly killed: string[] = [];
  kill(pid: number, signal: string): void {
    // As the system: what is not listened to ends the process.
    this.killed.push(`${pid} ${signal}${this.listenerCount(signal) === 0 ? "" : ", listened to"}`);
  }
}

interface Member extends Leaving {
  readonly calls: string[];
  /** Ends the delivery. */
  delivered(): void;
}

function aMember(held = true): Member {
  const calls: string[] = [];
  let left = held;
  let resolve: (() => void) | undefined;
  return {
    calls,
    leave: () => {
      calls.push("leave");
      if (!left) return undefined;
      left = false;
      return new Promise<void>((done) => (resolve = done));
    },
    keep: () => calls.push("keep"),
    end: () => calls.push("end"),
    delivered: () => resolve?.(),
  };
}

function start(handlesSignals = true) {
  const process = new FakeProcess();
  return { process, hooks: createExitHooks(process as unknown as ExitingProcess, handlesSignals) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const events = ["beforeExit", "exit", "SIGTERM", "SIGINT"];

describe("exit hooks", () => {
  it("are one listener per event, however many members there are, and none without any", () => {
    const { process, hooks } = start();
    const counts = (): number[] => events.map((event) => process.listenerCount(event));
    const members = [aMember(), aMember(), aMember()];
    expect(counts()).toEqual([0, 0, 0, 0]);
    for (const member of members) hooks.add(member);
    expect(counts()).toEqual([1, 1, 1, 1]);
    for (const member of members) hooks.remove(member);
    hooks.remove(aMember());
    expect(counts()).toEqual([0, 0, 0, 0]);
    expect(process.getMaxListeners()).toBe(10);
  });

  it("listen to no signal in a worker thread", () => {
    const { process, hooks } = start(false);
    hooks.add(aMember());
    expect(events.map((event) => process.listenerCount(event))).toEqual([1, 1, 0, 0]);
  });

  it("leave the program its ten listeners before a warning (X3)", () => {
    const { process, hooks } = start();
    hooks.add(aMember());
    expect(process.getMaxListeners()).toBe(11);
    const { process: unlimited, hooks: others } = start();
    unlimited.setMaxListeners(0);
    others.add(aMember());
    expect(unlimited.getMaxListeners()).toBe(0);
  });

  it("have every member leave before the exit, and end at it", () => {
    const { process, hooks } = start();
    const members = [aMember(), aMember()];
    for (const member of members) hooks.add(member);
    process.emit("beforeExit", 7);
    process.emit("exit", 7);
    expect(members.map(({ calls }) => calls)).toEqual([
      ["leave", "end"],
      ["leave", "end"],
    ]);
  });
});

describe("a signal that the program does not listen to", () => {
  it("does what it does once all have left (X1)", async () => {
    const { process, hooks } = start();
    const members = [aMember(), aMember(), aMember(false)];
    for (const member of members) hooks.add(member);
    process.emit("SIGTERM", "SIGTERM");
    members[0]?.delivered();
    await settle();
    expect(process.killed).toEqual([]);
    members[1]?.delivered();
    await settle();
    expect(process.killed).toEqual(["42 SIGTERM"]);
    expect(members.map(({ calls }) => calls)).toEqual(Array.from({ length: 3 }, () => ["leave", "keep"]));
  });

  it("does so at once when nothing is held", () => {
    const { process, hooks } = start();
    hooks.add(aMember(false));
    process.emit("SIGINT", "SIGINT");
    expect(process.killed).toEqual(["42 SIGINT"]);
  });

  it("does so at once when it comes again, or another does, and only once", async () => {
    const { process, hooks } = start();
    const member = aMember();
    hooks.add(member);
    process.emit("SIGINT", "SIGINT");
    process.emit("SIGTERM", "SIGTERM");
    expect(process.killed).toEqual(["42 SIGTERM"]);
    member.delivered();
    await settle();
    expect(process.killed).toHaveLength(1);
  });

  it("is listened to again where it did nothing, as for the first process of a container", () => {
    const { process, hooks } = start();
    hooks.add(aMember(false));
    process.emit("SIGTERM", "SIGTERM");
    expect(events.map((event) => process.listenerCount(event))).toEqual([1, 1, 1, 1]);
    process.emit("SIGTERM", "SIGTERM");
    expect(process.killed).toHaveLength(2);
  });
});

describe("a signal that the program listens to", () => {
  const nothing = (): void => {};

  it.each<[string, (process: FakeProcess, add: () => void) => void]>([
    ["before", (process, add) => (process.on("SIGTERM", nothing), add())],
    ["after", (process, add) => (add(), process.on("SIGTERM", nothing))],
    ["once, before", (process, add) => (process.once("SIGTERM", nothing), add())],
    ["once, after", (process, add) => (add(), process.once("SIGTERM", nothing))],
  ])("is the program's, added %s ours; delivery begins", async (_, add) => {
    const { process, hooks } = start();
    const member = aMember();
    add(process, () => hooks.add(member));
    process.emit("SIGTERM", "SIGTERM");
    member.delivered();
    await settle();
    expect([process.killed, member.calls]).toEqual([[], ["leave"]]);
  });

  it("is ours the second time, when the program listened once", () => {
    const { process, hooks } = start();
    process.once("SIGTERM", nothing);
    hooks.add(aMember(false));
    process.emit("SIGTERM", "SIGTERM");
    expect(process.killed).toEqual([]);
    process.emit("SIGTERM", "SIGTERM");
    expect(process.killed).toEqual(["42 SIGTERM"]);
  });
});

describe("processExitHooks", () => {
  it("are one for the process", () => {
    expect(processExitHooks()).toBe(processExitHooks());
  });

  it.each<[string, object]>([
    ["without a process", {}],
    ["whose process has no listeners", { process: {} }],
    ["at the edge", { process: new EventEmitter(), navigator: { userAgent: "Cloudflare-Workers" } }],
  ])("do nothing on a runtime %s", (_, runtime) => {
    delete processState()["exitHooks"];
    const hooks = processExitHooks(runtime);
    const member = aMember();
    hooks.add(member);
    hooks.remove(member);
    delete processState()["exitHooks"];
    expect(member.calls).toEqual([]);
  });
});
