/**
 * E5 in processes of their own: a program that uses the tracked client prints the same and ends the same: by itself, with
 * its own exit code, by its own error or signal. Runs what is built, since a process loads no TypeScript.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { scriptedCollector, type ScriptedCollector } from "@cmdrdata/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { chatChunks } from "../fixtures.ts";
import { type ScriptedOpenAI, startScriptedOpenAI } from "../scripted-openai.ts";
import { folder } from "./subjects.ts";

let server: ScriptedOpenAI;
let collector: ScriptedCollector;
beforeAll(async () => {
  server = await startScriptedOpenAI();
  collector = await scriptedCollector();
});
afterAll(async () => {
  await server.close();
  await collector.close();
});

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly printed: string;
  /** Errors and warnings it ended with, without the places where they were thrown. */
  readonly complaints: readonly string[];
}

type Kind = "bare" | "tracked";

/** @param meanwhile - what happens to the process while it runs */
async function runProcess(
  file: string,
  { kind, scenario, endpoint }: { readonly kind: Kind; readonly scenario: string; readonly endpoint: string },
  meanwhile: (child: ChildProcess) => unknown = () => undefined,
): Promise<Ended> {
  const path = fileURLToPath(new URL(`processes/${file}`, import.meta.url));
  const { CMDRDATA_API_KEY: _key, ...env } = process.env;
  const child = spawn(process.execPath, [path, folder, kind, scenario, server.baseURL, endpoint], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let errors = "";
  child.stdout.on("data", (text) => (printed += text));
  child.stderr.on("data", (text) => (errors += text));
  const ended = new Promise<Pick<Ended, "code" | "signal">>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal })),
  );
  await meanwhile(child);
  const { code, signal } = await ended;
  return { code, signal, printed, complaints: errors.split("\n").filter((line) => /^\S*(Error|Warning)\b/.test(line)) };
}

/** The bare run, and the tracked one, which tells the collector. */
async function runBoth(
  file: string,
  scenario: string,
  meanwhile?: (child: ChildProcess) => unknown,
): Promise<[Ended, Ended]> {
  const endpoint = collector.url;
  const bare = await runProcess(file, { kind: "bare", scenario, endpoint }, meanwhile);
  return [bare, await runProcess(file, { kind: "tracked", scenario, endpoint }, meanwhile)];
}

describe("a program", () => {
  it.each([
    ["ends by itself", 0],
    ["ends by itself without a flush", 0],
    ["leaves a promise, a response and a stream behind", 0],
    ["keeps its exit code", 3],
    ["exits at once", 4],
    ["throws", 1],
    ["leaves a failure unhandled", 1],
    ["listens for its own signals and rejections", 0],
    ["makes sixty clients", 0],
  ])("that %s, ends with %i", async (scenario, code) => {
    const [bare, tracked] = await runBoth("program.mjs", scenario);
    expect(bare).toMatchObject({ code, signal: null });
    expect(tracked).toEqual(bare);
  });

  it("is ended by a signal as before, also in the middle of a stream", async () => {
    const steps = [...chatChunks(false).slice(0, 2), "hold" as const];
    const [bare, tracked] = await runBoth("program.mjs", "is ended by a signal", async (child) => {
      server.next.push({ kind: "stream", steps });
      await new Promise<void>((printed) => child.stdout?.once("data", () => printed()));
      child.kill("SIGTERM");
    });
    expect(bare).toMatchObject({ code: null, signal: "SIGTERM" });
    expect({ ...tracked, printed: "" }).toEqual({ ...bare, printed: "" });
  });

  it("ends although nobody listens at the collector's address", async () => {
    const nobody = "http://127.0.0.1:9/api/events";
    const ended = (kind: Kind) =>
      runProcess("program.mjs", { kind, scenario: "keeps its exit code", endpoint: nobody });
    const bare = await ended("bare");
    expect(await ended("tracked")).toEqual(bare);
  });

  it("has its events at the collector after a flush", async () => {
    const before = collector.ids.size;
    await runBoth("program.mjs", "ends by itself");
    expect(collector.ids.size - before).toBe(2);
  });
});

describe("a CommonJS program", () => {
  it("sees of the module, its exports and its classes what it sees of openai's, and is counted", async () => {
    const before = collector.ids.size;
    const [bare, tracked] = await runBoth("commonjs.cjs", "");
    expect(bare).toMatchObject({ code: 0, complaints: [] });
    expect(tracked).toEqual(bare);
    // The third call answers 404 at an endpoint that nobody knows: it used nothing.
    expect(collector.ids.size - before).toBe(2);
  });
});
