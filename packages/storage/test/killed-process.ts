/** Runs the child process for S1 on any engine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { PricedEvent } from "../src/store.ts";

const program = fileURLToPath(new URL("append-and-wait.ts", import.meta.url));

/** Appends a batch in a child process and ends that with SIGKILL once `append` has answered there, or before, at a moment. */
export async function appendInKilledProcess(
  engine: "sqlite" | "postgres",
  place: string,
  batch: readonly PricedEvent[],
  before?: () => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, [program, engine, place], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  child.stdin.end(JSON.stringify(batch, (_name, value: unknown) => written(value)));
  const ends = [
    once(child.stdout, "data").then(([chunk]) => String(chunk)),
    exited.then(([code]) => `exited with ${code}`),
    ...(before === undefined ? [] : [before().then(() => "is under way")]),
  ];
  const first = await Promise.race(ends);
  child.kill("SIGKILL");
  await exited;
  const expected = before === undefined ? "answered\n" : "is under way";
  if (first !== expected) throw new Error(`expected of the child that it ${expected}, it ${first}`);
}

/** What JSON has no form for, as a text that `append-and-wait.ts` reads. */
function written(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString("base64")}`;
  return typeof value === "bigint" ? `bigint:${value}` : value;
}
