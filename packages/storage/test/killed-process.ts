/** Runs the child process for S1 on any engine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { PricedEvent } from "../src/store.ts";

const program = fileURLToPath(new URL("append-and-wait.ts", import.meta.url));

/** Appends a batch in a child process and ends that with SIGKILL once `append` has answered there. */
export async function appendInKilledProcess(
  engine: "sqlite" | "postgres",
  place: string,
  batch: readonly PricedEvent[],
): Promise<void> {
  const child = spawn(process.execPath, [program, engine, place], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  child.stdin.end(
    JSON.stringify(batch, (_name, value: unknown) => (typeof value === "bigint" ? `bigint:${value}` : value)),
  );
  const answered = once(child.stdout, "data").then(([chunk]) => String(chunk));
  const first = await Promise.race([answered, exited.then(([code]) => `exited with ${code}`)]);
  child.kill("SIGKILL");
  await exited;
  if (first !== "answered\n") throw new Error(`expected the child to answer, it ${first}`);
}
