/** What a program that uses the built package does at its end, on the Node that runs the tests. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { type ScriptedAnswer, type ScriptedCollector, scriptedCollector } from "@cmdrdata/testkit";
import { afterEach, describe, expect, it } from "vitest";

const open: { readonly close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

interface Run {
  readonly child: ChildProcess;
  readonly collector: ScriptedCollector;
  /** Resolves when the program has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

const fullBacklog = new URL("./programs/full-backlog.mjs", import.meta.url);
const exit = new URL("./programs/exit.mjs", import.meta.url);
const shared = new URL("./programs/shared.mjs", import.meta.url);

async function run(program: URL, ending = "", script: readonly ScriptedAnswer[] = [], endpoint?: string): Promise<Run> {
  const collector = await scriptedCollector(script);
  const child = spawn(process.execPath, [fileURLToPath(program), ending, endpoint ?? collector.url], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  open.push(collector, { close: () => child.kill("SIGKILL") });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
  return { child, collector, ended };
}

// Were the tracker to hold such a program, it would be for minutes: the test would time out.
describe("a program ends by itself, with its own exit code,", () => {
  it("with an idle tracker", async () => {
    const { ended } = await run(exit, "idle");
    expect(await ended).toEqual({ code: 7, output: "" });
  });

  it("with connections kept alive after a delivery", async () => {
    const { ended, collector } = await run(exit, "delivered");
    expect(await ended).toEqual({ code: 7, output: "" });
    expect([...collector.ids]).toEqual(["event-1"]);
  });

  it("with queued events, which it delivers at its end", async () => {
    const { ended, collector } = await run(exit, "queued");
    expect(await ended).toEqual({ code: 7, output: "" });
    expect([...collector.ids]).toEqual(["event-1"]);
  });

  it("with a request under way to a server that hangs", async () => {
    const { child, ended, collector } = await run(exit, "in-flight", [{ kind: "hang" }]);
    while (collector.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    child.send("arrived");
    const { code, output } = await ended;
    expect(code).toBe(7);
    expect(output).toContain("events are being dropped (shutdown)");
  });

  // Of what a pending connection holds up, the program's own limit of 300 s would be the end.
  it("with a connection under way to a collector that accepts none", async () => {
    const full = spawn(process.execPath, [fileURLToPath(fullBacklog)], { stdio: ["ignore", "pipe", "inherit"] });
    open.push({ close: () => full.kill("SIGKILL") });
    const [port] = (await once(full.stdout, "data")) as [Buffer];
    const { ended } = await run(exit, "connecting", [], `http://127.0.0.1:${String(port).trim()}/api/events`);
    expect((await ended).code).toBe(7);
  });

  it("without a warning of too many listeners that it would not see without a tracker (X3)", async () => {
    const { ended, collector } = await run(exit, "many-listeners");
    expect(await ended).toEqual({ code: 7, output: "" });
    expect([...collector.ids]).toEqual(["event-1"]);
  });

  it("when there is a warning to give and nobody reads its stderr", async () => {
    const { child, ended } = await run(exit, "closed-stderr");
    child.stderr?.destroy();
    child.send("closed");
    expect((await ended).code).toBe(7);
  });
});

describe("await tracker.flush() as a program's last line", () => {
  it("delivers, also through a failure, and the program ends as it means to, not with code 13", async () => {
    const { ended, collector } = await run(exit, "delivered", [{ kind: "answer", status: 503 }]);
    expect((await ended).code).toBe(7);
    expect([...collector.ids]).toEqual(["event-1"]);
  });
});

describe("sharedTracker", () => {
  it("is one for the ESM and the CommonJS copy of the package, and another after a shutdown", async () => {
    const { ended } = await run(shared);
    const { code, output } = await ended;
    expect(code, output).toBe(0);
    expect(JSON.parse(output)).toEqual({
      twoCopies: true,
      sameTracker: true,
      sameForOtherConfig: false,
      sameAfterShutdown: false,
      sameAgain: true,
    });
  });
});
